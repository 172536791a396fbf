//! A sandbox on a runtime of its own, and clients of it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cloudally::{ClientBuilder, Credentials, blocking};
use cloudally_contract::time::FakeClock;
use cloudally_contract::time::NoWait;
use cloudally_sandbox::{Credentials as Account, Sandbox};
use tokio::runtime::{Builder, Runtime};

/// What serves the sandboxes, and waits for the asynchronous client.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

pub(crate) const LIFE: Duration = Duration::from_secs(3600);

/// A sandbox whose lists need several pages, the last of them not full.
pub(crate) fn sandbox() -> Sandbox {
    let builder = Sandbox::builder()
        .ragged()
        .users(33)
        .tasks(57)
        .statuses(41)
        .token_lifetime(LIFE)
        .restore_duration(Duration::from_secs(20));
    RUNTIME.block_on(builder.start()).unwrap()
}

pub(crate) fn partner(account: &Account) -> Credentials {
    Credentials::partner(account.client_id(), account.client_secret())
}

pub(crate) fn portal(account: &Account) -> Credentials {
    Credentials::portal(account.email(), account.password())
}

/// A client that waits for nothing, to be set up further.
pub(crate) fn builder(sandbox: &Sandbox, credentials: Credentials) -> ClientBuilder {
    cloudally::Client::builder()
        .base_url(sandbox.url())
        .credentials(credentials)
        .page_size(10)
        .sleep(Arc::new(NoWait::default()))
        .clock(Arc::new(FakeClock::default()))
}

/// The ordinary partner's client.
pub(crate) fn client(sandbox: &Sandbox) -> blocking::Client {
    let builder = builder(sandbox, partner(sandbox.partner()));
    builder.build_blocking().unwrap()
}

/// A client whose waits take the sandbox's time and its own.
pub(crate) fn patient(sandbox: &Sandbox) -> blocking::Client {
    let (there, here) = (sandbox.clock().clone(), FakeClock::default());
    let own = here.clone();
    let sleep = NoWait::meanwhile(move |wait| {
        there.advance(wait);
        own.advance(wait);
    });
    let builder = builder(sandbox, portal(sandbox.portal_user()));
    let builder = builder.clock(Arc::new(here)).sleep(Arc::new(sleep));
    builder.build_blocking().unwrap()
}
