//! Clients of a sandbox's accounts.

use std::sync::Arc;

use cloudally::{Client, ClientBuilder, Credentials};
use cloudally_sandbox::{Credentials as Account, Sandbox};

use crate::time::{FakeClock, NoWait};

/// The account's client id and secret.
pub fn partner(account: &Account) -> Credentials {
    Credentials::partner(account.client_id(), account.client_secret())
}

/// The account's email and password.
pub fn portal(account: &Account) -> Credentials {
    Credentials::portal(account.email(), account.password())
}

/// Both of them.
pub fn every(account: &Account) -> Credentials {
    partner(account).with_user(account.email(), account.password())
}

/// A client that waits for nothing and reads ten items a page, to be set up further.
pub fn builder(sandbox: &Sandbox, credentials: Credentials) -> ClientBuilder {
    Client::builder()
        .base_url(sandbox.url())
        .credentials(credentials)
        .page_size(10)
        .sleep(Arc::new(NoWait::default()))
}

/// The same, built.
pub fn client(sandbox: &Sandbox, credentials: Credentials) -> Client {
    builder(sandbox, credentials).build().unwrap()
}

/// A client of the portal's user whose waits take the sandbox's time and its own, as a program of
/// its own would.
pub fn patient(sandbox: &Sandbox) -> ClientBuilder {
    let (there, here) = (sandbox.clock().clone(), FakeClock::default());
    let own = here.clone();
    let sleep = NoWait::meanwhile(move |wait| {
        there.advance(wait);
        own.advance(wait);
    });
    builder(sandbox, portal(sandbox.portal_user()))
        .clock(Arc::new(here))
        .sleep(Arc::new(sleep))
}
