//! The one suite against its three targets: stubs, the sandbox, and, for those who have an account,
//! the live service.
//!
//! ```sh
//! CLOUDALLY_LIVE=1 cargo test -p cloudally-contract --test suite -- --ignored --nocapture
//! ```
//!
//! signs in with what the environment has (the variables of `Client::from_env`), reads from the
//! service, and prints how far its answers are from the document. With `CLOUDALLY_LIVE_WRITE=1` and
//! a request in `CLOUDALLY_LIVE_RESTORE`, as JSON, it asks for that restore, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cassettes;
mod live;
mod sandbox;
mod stubs;
mod whole_service;

use std::collections::BTreeSet;

use cloudally::{Client, Credentials};
use cloudally_contract::suite::{Case, Outcome};

/// A client with a token that nobody gave out.
fn stranger(url: &str) -> Client {
    let builder = Client::builder().base_url(url);
    let nobody = Credentials::access_token("canary-of-nobody");
    builder.credentials(nobody).build().unwrap()
}

/// Whether an operation is a sign-in, which takes no token.
fn is_sign_in(operation: &str) -> bool {
    ["login", "partnerLogin", "refreshToken"].contains(&operation)
}

#[track_caller]
fn assert_passed(outcome: &Outcome, expected: &BTreeSet<Case>) {
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
    let missing: Vec<_> = expected.difference(&outcome.passed).collect();
    assert!(missing.is_empty(), "{missing:?}\n{}", outcome.report());
    assert_eq!(outcome.passed, *expected, "{}", outcome.report());
}
