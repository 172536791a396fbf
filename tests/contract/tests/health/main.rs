//! Health, coverage and billing, judged on what the sandbox returns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod coverage;
mod policies;
mod reconcile;
mod scenarios;
mod snapshots;
