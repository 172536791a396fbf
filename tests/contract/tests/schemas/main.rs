//! The types, and the document that they are made from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod default_tree;
mod document;
mod models;
mod models_random;
mod odd_values;
mod types;
