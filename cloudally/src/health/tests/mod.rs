//! Tests of the module as a whole.

mod golden;
mod rules;
mod support;
