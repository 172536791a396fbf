//! The raw client of the CloudAlly API, generated from the service's OpenAPI document.
//!
//! This crate makes **no semver promise**: a change in the document changes it. Use the crate `cloudally`, which adds
//! tokens, retries, pagination, waiting and readable errors, and re-exports the types that it speaks of.
//!
//! - [`Client`] sends one request per call; [`session::Session`] says with which credentials.
//! - [`types`] are the bodies. Enums are open, objects keep the fields that they don't name, and any field may be missing.
//! - [`operations`] is the table of all operations.

pub mod amount;
pub mod extra;
pub mod id;
mod keep;
mod lenient;
#[cfg(feature = "httpmock")]
pub mod mock_service;
pub mod models;
pub mod operation;
pub mod page;
mod read;
pub mod seconds;
pub mod secret;
pub mod session;
pub mod small_map;
pub mod timestamp;

#[rustfmt::skip]
mod generated;

pub use generated::*;
/// What a request by hand goes through, so that it carries the session.
pub use progenitor_client::{ClientHooks, OperationInfo};
