//! Lists that shift, stutter or lie while they are read: what comes of them is complete, or an
//! error says that it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod by_fault;
mod by_hand;
mod reading;
mod restarts;
