//! A sandbox on a runtime of its own, and clients of it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cloudally::blocking;
use cloudally_contract::accounts::{builder, partner};
use cloudally_contract::time::FakeClock;
use cloudally_sandbox::Sandbox;
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

/// The ordinary partner's client.
pub(crate) fn client(sandbox: &Sandbox) -> blocking::Client {
    let builder = builder(sandbox, partner(sandbox.partner()));
    builder
        .clock(Arc::new(FakeClock::default()))
        .build_blocking()
        .unwrap()
}
