//! Tests of the module as a whole.

mod duplicates;
mod edges;
mod golden;
mod ledgers;
mod properties;
mod resolution;
mod rules;
mod runs;
mod storms;
pub(crate) mod support;
