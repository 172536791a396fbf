//! The transport against faults and crowds: a raw server on loopback that can be told to do
//! anything, and clients whose time is made up where it matters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod blocking;
mod connecting;
mod deadlines;
mod hostile;
mod http_1_0;
mod ipv6;
mod list_deadlines;
mod observability;
mod observers;
mod odd_bytes;
mod pool;
mod raw;
mod runtimes;
mod tls;
