//! The CloudAlly backup API for Rust.
//!
//! One [`Client`] signs in on its own, renews its token, retries reads, never sends a restore
//! twice, and reads lists to their end or reports that they are incomplete.
//!
//! # Did the backups work?
//!
//! The service lists backup statuses of archived tasks and of long ago, several entries for one
//! mailbox, and tasks that no longer exist. The module [`health`] makes a verdict of them: it joins
//! tasks, tenants and statuses, knows what is archived, new, overdue, left out or gone, does not
//! take half a list for a healthy fleet, and remembers from day to day what was reported.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use cloudally::health::{Policy, Scope, Snapshot, assess};
//! # fn from_env() -> Result<(), cloudally::Error> {
//! let client = cloudally::Client::from_env()?;
//! # Ok(()) }
//! let snapshot = Snapshot::read(&client, Scope::Partner).await?;
//! let report = assess(&snapshot, &Policy::default(), None, snapshot.read_at)?;
//! println!("{}", report.verdict);
//! for finding in &report.findings {
//!     println!("{finding}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is billed?
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! for bill in client.billing().bills().collect().await? {
//!     // A decimal, and never floating point. The bill does not state its currency.
//!     match bill.total.as_ref().and_then(|total| total.decimal()) {
//!         Some(total) => println!("{} {:?}: {total}", bill.label(), bill.period),
//!         None => println!("{} {:?}: unreadable total {:?}", bill.label(), bill.period, bill.total),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Restore this mailbox
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use std::time::Duration;
//! use cloudally::types::RestoreRequest;
//! # let task = client.tasks().list().max_items(1).collect().await?.remove(0);
//! # let task_id = task.id.ok_or("a task without an id")?;
//! let request = RestoreRequest::new(task_id).with_entity_name("ann@acme.example.com");
//! let restore = client.restores().create(request).await?; // sent at most once
//! # sandbox.advance(Duration::from_secs(3600));
//! let job = restore.wait(Duration::from_secs(3600)).await?;
//! println!("{:?}", job.status);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to find the rest
//!
//! | to | use |
//! |---|---|
//! | know whether the backups worked | [`health`] |
//! | know who has no backup | [`coverage`] |
//! | compare bills with billing rows | [`reconcile`] |
//! | record a restore for an audit | `restore_record`, with the feature `restore-record` |
//! | list tenants and tasks | [`client.users().list()`](api::Users::list), [`client.tasks().list()`](api::Tasks::list) |
//! | read the backup tasks of one account | [`client.backups().list()`](api::Backups::list) |
//! | work as a reseller | [`client.resellers()`](Client::resellers), [`client.partners().resellers()`](api::Partners::resellers) |
//! | read a list in part, or resume it | [`ListRequest`], [`Cursor`] |
//! | store a restore before it is sent | [`client.restores().prepare()`](api::Restores::prepare) |
//! | write CSV | [`types::rows`] |
//! | see the status and headers of a response | [`Call::with_response`], [`Page::parts`], [`Error::response_parts`] |
//! | call what this crate has no method for | [`Client::request`]; `Client::operation` and `Client::raw` with the feature `unstable-raw` |
//! | do without an asynchronous runtime | `blocking`, with that feature |
//!
//! # Errors
//!
//! Every call fails with an [`Error`]. [`ErrorKind`] has a table: when each kind occurs, whether
//! the SDK retried, whether the request was carried out, and what to do. `Display` is one line with
//! the operation, the cause and the remedy.
//!
//! # Observability
//!
//! The crate emits [`tracing`](https://docs.rs/tracing) spans by OpenTelemetry's HTTP conventions:
//! one per call, and one below it for each attempt. An [`Observer`](observe::Observer) receives the
//! same as typed events, for metrics, progress and alerts; [`ClientBuilder::on_retry`] is a callback
//! for the simplest case. `docs/observability.md` in the repository describes every name, which of
//! them are promised, and what to alert on. Spans and events hold no secret, no value of a query
//! parameter, and no body.
//!
//! # Testing
//!
//! The feature `unstable-testing` adds `testing`: a mock server with a typed method per operation,
//! which fails the test when an unplanned request arrives. The crate `cloudally-sandbox` is a fake
//! of the whole service on loopback, with accounts, a clock that the test sets, and faults.
//! [`ClientBuilder::clock`] and [`ClientBuilder::sleep`] replace the time.
//!
//! # Several accounts
//!
//! A client signs in with one set of credentials. For several partners make a client each:
//!
//! ```
//! # fn main() -> Result<(), cloudally::Error> {
//! use cloudally::{Client, Credentials};
//! let accounts = [("europe", "id-1", "secret-1"), ("america", "id-2", "secret-2")];
//! let clients = accounts.map(|(name, id, secret)| {
//!     let client = Client::builder().credentials(Credentials::partner(id, secret)).build();
//!     client.map(|client| (name, client))
//! });
//! for client in clients {
//!     let (name, client) = client?;
//!     println!("{name}: {client:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Clients share nothing: each has its own token, connections, retry budget and rate limit. Two
//! programs can sign in with the same login; whether a new sign-in ends older tokens of that login
//! is not known. A token that is refused is replaced, and [`ErrorKind::TokenRefused`] is the error
//! of a call for which that did not help.
//!
//! # What a client costs
//!
//! The first client of a program that calls over TLS reads the certificates of the platform, which
//! is most of the work of its first call; further ones share them. Each client keeps its own
//! connections and token, so keep one per account and clone it. A call costs about as many
//! instructions as one written directly with `reqwest`, and more than an expert's, who gives up what
//! the SDK does for each call; `docs/performance.md` in the repository has the figures and the command
//! that makes them.
//!
//! # Stored values
//!
//! A [`Cursor`] and a [`SavedRestore`](api::SavedRestore) are made to be stored, as JSON or in
//! another self-describing format. Each has a `version`. A version of this crate reads the stored
//! versions that it knows, ignores fields that it does not know, and reports an unknown version as
//! an error: for a cursor, [`ErrorKind::InvalidCursor`] when it is used; for a saved restore, when
//! it is read. A stored version stays readable until the next major release at least.
//!
//! # Evidence
//!
//! The service documents no response. The docs grade what is known of it: *spec*, the vendor's
//! document says so; *observed*, a public client relies on it against the live service;
//! *published*, a public schema describes it; *inferred*, neither, and decoding does not depend on
//! it.
//!
//! # Stability
//!
//! This crate follows semantic versioning. What the generated code decides is behind features whose
//! names begin with `unstable-`, and can change in any release. `cloudally-gen` has no promise of
//! its own: each release of this crate depends on exactly one version of it, and both are released
//! together.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `rustls` (default) | TLS by rustls, with the certificates of the platform and the cryptography of aws-lc-rs |
//! | `rustls-ring` | the same with the cryptography of ring |
//! | `rustls-no-provider` | the same with the [`CryptoProvider`] that the program installs |
//! | `native-tls` | TLS by the platform's own library |
//! | `blocking` | the module `blocking`: a client without an asynchronous runtime |
//! | `metrics` | [`observe`]: an adapter for the facade of the crate `metrics` |
//! | `schema` | JSON schemas of the types, by schemars 1 |
//! | `toml` | `health::Policy::from_toml` |
//! | `unstable-raw` | the generated client and its operations |
//! | `unstable-testing` | typed mocks of the operations |
//!
//! One of the four TLS features is needed, and any may be enabled together, as happens when two
//! crates of a program choose differently. A provider that the program installed before its first
//! client goes before aws-lc-rs, aws-lc-rs before ring, and rustls before the platform's library.
//! With `rustls-no-provider` alone, building a client fails until a provider is installed. To choose
//! another than the default, turn that off:
//!
//! ```toml
//! cloudally = { version = "0.1", default-features = false, features = ["rustls-ring"] }
//! ```
//!
//! aws-lc-rs is the default of rustls, is developed actively, and has key agreement that resists
//! quantum computers, which ring lacks. ring takes less time to build, and is maintained for
//! security only. `docs/performance.md` in the repository shows what each costs. Without `rustls`,
//! the rustls of [`reqwest`] has no provider of its own: a program that makes a client of it for
//! [`ClientBuilder::http_client`] has to install one, or building that client panics.
//!
//! [`CryptoProvider`]: https://docs.rs/rustls/latest/rustls/crypto/struct.CryptoProvider.html

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "rustls-no-provider", feature = "native-tls")))]
compile_error!(
    "cloudally needs TLS: enable the feature `rustls` (the default), `rustls-ring` or `native-tls`"
);

pub mod api;
mod attempt;
mod auth;
mod base_url;
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub mod blocking;
mod call;
mod classify;
mod client;
mod config;
mod connection;
pub mod coverage;
mod environment;
mod error;
mod headers;
pub mod health;
mod list;
mod multipart;
pub mod observe;
mod pool;
mod random;
mod read;
pub mod reconcile;
mod request;
mod response;
#[cfg(feature = "restore-record")]
#[cfg_attr(docsrs, doc(cfg(feature = "restore-record")))]
pub mod restore_record;
mod retry;
mod runtime;
mod secrets;
mod send;
mod small_file;
#[cfg(feature = "csv")]
mod table;
#[cfg(feature = "unstable-testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "unstable-testing")))]
pub mod testing;
pub mod time;
mod tls;
mod trace;
mod transport;
pub mod types;

pub use auth::credentials::{Credentials, TemporaryToken};
pub use call::Call;
pub use client::Client;
pub use config::{ClientBuilder, ClientHeaders};
pub use error::{Error, ErrorKind, ListCounts};
pub use list::{Collect, Cursor, InvalidItem, Items, ListRequest, Page, Pages};
pub use multipart::Multipart;
pub use observe::RetryEvent;
pub use request::Request;
pub use response::{Response, ResponseParts};
pub use retry::budget::RetryBudget;
pub use retry::policy::RetryPolicy;
pub use retry::rate_limit::RateLimit;

/// The crates whose types are part of this one's API: bytes, HTTP, time, the HTTP client, money and
/// JSON.
pub use {bytes, futures_core, http, jiff, reqwest, rust_decimal, serde_json};

/// The generated client and its operations, without a promise of stability.
#[cfg(feature = "unstable-raw")]
#[cfg_attr(docsrs, doc(cfg(feature = "unstable-raw")))]
pub use cloudally_gen as raw;

/// Compiles the examples of the README, which also show the blocking client and the mocks.
#[cfg(all(doctest, feature = "blocking", feature = "unstable-testing"))]
#[doc = include_str!("../../README.md")]
struct Readme;
