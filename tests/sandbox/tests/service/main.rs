//! The sandbox from outside: everything here goes over HTTP to a started one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod added;
mod api;
mod backups;
mod canaries;
mod control;
mod data;
mod data_file;
mod errors;
mod faults;
mod healthy;
mod history;
mod lifecycle;
mod lists;
mod page;
mod plain_data;
mod restore;
mod scenarios;
mod scenarios_of_lists;
mod shifts;
mod sign_in;
mod site;
mod situations;
mod wire;
