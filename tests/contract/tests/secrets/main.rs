//! Secrets are never shown, and go to the configured origin alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod echoes;
mod everywhere;
mod operations;
mod origins;
mod shown;
