//! The rules, by what they look at.

mod context;
pub(super) mod fleet;
pub(super) mod item;
pub(super) mod size;
pub(super) mod task;
