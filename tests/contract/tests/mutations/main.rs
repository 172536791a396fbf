//! Restores: sent at most once, waited for, saved and recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod restore_record;
mod restores;
mod saved_restores;
mod waits;
