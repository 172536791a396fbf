//! What is protected, what is billed, what was restored: against the sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod coverage;
mod docs;
mod reconcile;
mod restore_record;

use std::sync::Arc;

use cloudally::{Client, Credentials};
use cloudally_contract::time::NoWait;
use cloudally_sandbox::Sandbox;

fn builder(sandbox: &Sandbox) -> cloudally::ClientBuilder {
    let partner = sandbox.partner();
    let credentials = Credentials::partner(partner.client_id(), partner.client_secret())
        .with_user(partner.email(), partner.password());
    let builder = Client::builder().base_url(sandbox.url());
    builder
        .credentials(credentials)
        .sleep(Arc::new(NoWait::default()))
}

fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox).build().unwrap()
}
