//! Failures: what kind of error each is, which are retried, how often and after what delay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod failures;
mod outage;
mod reads;
mod retry_after;
mod stale_connections;
