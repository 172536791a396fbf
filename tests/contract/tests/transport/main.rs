//! The transport against faults and crowds: a raw server on loopback that can be told to do
//! anything, and clients whose time is made up where it matters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod capture;
mod sign_in_failures;

mod blocking;
mod connecting;
mod credentials;
mod deadlines;
mod dropping;
mod echoes;
mod hostile;
mod http_1_0;
mod ipv6;
mod list_deadlines;
mod mutations;
mod observability;
mod observers;
mod odd_bytes;
mod odd_tokens;
mod origins;
mod outage;
mod pool;
mod raw;
mod reads;
mod renewal;
mod requests;
mod retries;
mod retry_after;
mod rotation;
mod runtimes;
mod secrets;
mod stale;
mod tls;
mod tokens;
mod truncation;
mod waits;
