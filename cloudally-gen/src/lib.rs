//! The raw client of the CloudAlly API, generated from the service's OpenAPI document.
//!
//! This crate makes **no semver promise**: whatever changes in the document changes here. The crate
//! `cloudally` depends on exactly one version of it, adds tokens, retries, pagination, waiting and
//! readable errors, and re-exports the types that its own promise covers. Use that one.
//!
//! - [`Client`] sends one request per call; a [`Session`](session::Session) holds its credentials.
//! - [`types`] are the request and response bodies. Enums are open, objects keep the fields that
//!   they do not name, and any field may be missing.
//! - [`operations`] lists all operations, each as a constant and as a type.
//!
//! # Evidence
//!
//! The service documents no response. The docs grade what is known of it: *spec*, the vendor's
//! document says so; *observed*, a public client relies on it against the live service;
//! *published*, a public schema describes it; *inferred*, neither, and decoding does not depend on
//! it.

pub mod base;
mod body;
pub mod encoding;
pub mod error_envelope;
pub mod extra;
pub mod json;
mod lenient;
#[cfg(feature = "httpmock")]
pub mod mock_service;
pub mod models;
pub mod operation;
pub mod page;
mod scalars;
pub mod session;
pub mod small_map;
mod weight;

pub use scalars::{amount, id, seconds, secret, timestamp};

#[rustfmt::skip]
mod generated;

pub use generated::*;
/// The hooks and the description of an operation that a custom request goes through, so that it
/// carries the credentials of the session.
pub use progenitor_client::{ClientHooks, OperationInfo};
