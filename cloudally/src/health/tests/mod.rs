//! Tests of the module as a whole.

mod duplicates;
mod edges;
mod golden;
mod ledgers;
mod properties;
mod rules;
mod storms;
mod support;
