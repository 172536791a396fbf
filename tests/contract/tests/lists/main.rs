//! Lists: which pages are requested, and that a list is complete or an error says that it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod by_fault;
mod by_hand;
mod invalid_items;
mod reading;
mod received;
mod restarts;
mod truncation;
