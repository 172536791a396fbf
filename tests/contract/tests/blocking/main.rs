//! The blocking client: the same results as the asynchronous one, from plain threads, and an error
//! where it would block a runtime.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod iterators;
mod requests;
mod resources;
mod restores;
mod service;
mod threads;
mod within_runtime;
