//! What the contract tests share: a service that plays a script and notes what reached it, the
//! table of all calls, the fixtures, and the document that the SDK speaks.
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
    reason = "a test that cannot go on panics"
)]

pub mod answer;
pub mod calls;
pub mod clock;
pub mod drift;
pub mod fixtures;
pub mod made_up;
pub mod request;
pub mod service;
pub mod sleep;
pub mod spec;
pub mod suite;
pub mod types;
