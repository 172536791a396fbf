//! The rules, by what they look at.

pub(super) mod fleet;
pub(super) mod item;
pub(super) mod task;
