//! What the contract tests share: a scripted server and fake time, the table of all calls,
//! the fixtures, and the document that the SDK speaks.
//!
//! The tests are in `tests/`. The fixtures are made by hand after what is known of the wire; all
//! values are made up. Each is a list of two: in the first every documented field has a value, in
//! the second there are nulls, missing fields and enum values that nobody documents. Both have
//! fields that nobody documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::new_without_default,
    missing_debug_implementations,
    missing_docs,
    reason = "only the tests of this workspace use it, and one that cannot go on panics"
)]

pub mod accounts;
pub mod answer;
pub mod calls;
pub mod capture;
pub mod drift;
pub mod fixtures;
pub mod made_up;
pub mod names;
pub mod request;
pub mod server;
pub mod service;
pub mod setup;
pub mod spec;
pub mod suite;
pub mod time;
pub mod types;
