//! Each row of the table of rules.

mod fleet;
mod item;
mod task;
