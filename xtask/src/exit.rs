//! The exit codes of `cargo xtask`.

/// Everything is done, or up to date.
pub(crate) const DONE: u8 = 0;
/// A check found stale files, or a count above its baseline.
pub(crate) const STALE: u8 = 1;
/// The command could not be carried out.
pub(crate) const FAILED: u8 = 2;
