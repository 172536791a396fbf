//! The CloudAlly backup API for Rust.
//!
//! One [`Client`] signs in by itself, renews its token, tries reads again, never sends a restore twice, and reads lists to
//! their end or says that they are not complete.
//!
//! Lists are streams: `futures_util::TryStreamExt`, of the crate `futures-util`, reads them item by item.
//!
//! # Which backups failed?
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use futures_util::TryStreamExt;
//! # fn from_env() -> Result<(), cloudally::Error> {
//! let client = cloudally::Client::from_env()?;
//! # Ok(()) }
//! let mut status = client.partners().status().items();
//! while let Some(entry) = status.try_next().await? {
//!     for failed in entry.failed_sub_sources() {
//!         println!("{:?}: {:?} {:?}", entry.entity_name, failed.sub_source, failed.error);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What do we pay?
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use cloudally::rust_decimal::Decimal;
//! let bills = client.billing().bills().all().await?;
//! let mut sum = Decimal::ZERO; // money is never a float
//! for bill in &bills {
//!     match bill.total.as_ref().and_then(|total| total.decimal()) {
//!         Some(total) => sum += total,
//!         None => println!("{:?} has no total that can be read: {:?}", bill.name, bill.total),
//!     }
//! }
//! println!("{} bills, {sum} in all", bills.len());
//! # Ok(())
//! # }
//! ```
//!
//! # Restore this
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use std::time::Duration;
//! use cloudally::types::RestoreRequest;
//! # let task = client.tasks().list().limit(1).all().await?.remove(0);
//! # let task_id = task.id.ok_or("a task without an id")?;
//! let mut request = RestoreRequest::new(task_id);
//! request.entity_name = Some("ann@acme.example.com".to_owned());
//! let restore = client.restores().create(&request).await?; // sent at most once
//! # sandbox.advance(Duration::from_secs(3600));
//! let job = restore.wait(Duration::from_secs(3600)).await?;
//! println!("{:?}", job.status);
//! # Ok(())
//! # }
//! ```
//!
//! # And the rest
//!
//! | to | use |
//! |---|---|
//! | list tenants, and what is backed up | [`client.users().list()`](api::Users::list), [`client.tasks().list()`](api::Tasks::list) |
//! | look at the backup tasks of an account | [`client.backups().list()`](api::Backups::list) |
//! | work as a reseller | [`client.resellers()`](Client::resellers), [`client.partners().resellers()`](api::Partners::resellers) |
//! | do without an asynchronous runtime | `blocking`, with that feature |
//! | call what this crate has no method for | [`client.request()`](Client::request), [`client.raw()`](Client::raw) |
//! | see the headers of an answer | [`Reply::with_response`], [`Page::head`], [`Error::head`] |
//! | read a list in part, or on from where it was left | [`List`], [`Cursor`] |
//! | test a program that uses this crate | `testing`, with that feature, and the crate `cloudally-sandbox` |
//!
//! # Where the facts come from
//!
//! The service documents no answer. What is known of it is graded in the docs: *spec* (the vendor's document says it),
//! *observed* (a public client relies on it), *published* (a public schema describes it), *inferred* (neither; nothing
//! depends on it).
//!
//! # Features
//!
//! `rustls` (default) or `native-tls` for TLS; `blocking` for a client without an asynchronous runtime; `testing` for typed
//! mocks of each operation; `schema` for JSON schemas of the types.

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
compile_error!("cloudally needs TLS: enable the feature `rustls` (the default) or `native-tls`");

pub mod api;
mod auth;
mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod classify;
mod client;
mod config;
mod connection;
mod environment;
mod error;
mod page;
mod random;
mod read;
mod reply;
mod request;
mod response;
mod retry;
pub mod time;
mod trace;
mod transport;
pub mod types;
mod wait;

pub use auth::credentials::{Credentials, ProvidedToken};
pub use client::Client;
pub use config::{ClientBuilder, ClientHeaders};
pub use error::{Counts, Error, ErrorKind};
pub use page::{BadItem, Cursor, Items, List, Page, Pages};
pub use reply::Reply;
pub use request::Request;
pub use response::{Head, Response};
pub use retry::budget::RetryBudget;
pub use retry::policy::RetryPolicy;
pub use retry::rate::RateLimit;
pub use transport::Retry;
pub use wait::{States, Wait};

/// The HTTP client that [`ClientBuilder::http_client`] takes, and the types of time, money, bytes and JSON that the SDK speaks in.
pub use {bytes, jiff, reqwest, rust_decimal, serde_json};

/// The generated client that [`Client::raw`] gives, and its types. It follows the service's document without a promise of
/// stability.
pub use cloudally_gen as raw;

/// Mocks of each operation, for tests of programs that use this crate.
///
/// ```
/// use cloudally::testing::{MockServerExt, MockService, Page};
/// use cloudally::types::User;
/// use cloudally::{Client, Credentials};
///
/// /// The program's own function.
/// async fn names(client: &Client) -> Result<Vec<String>, cloudally::Error> {
///     let users = client.users().list().all().await?;
///     Ok(users.iter().filter_map(|user| user.display_name().map(str::to_owned)).collect())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = MockService::start();
/// let mut user = User::default();
/// user.name = Some("Acme 12345".to_owned());
/// let mut page = Page::default();
/// page.data = Some(vec![user]);
/// let asked = service.list_partner_users(|when, then| {
///     when.page_size(500).page(None);
///     then.ok(&page);
/// });
///
/// let credentials = Credentials::token("a-token");
/// let client = Client::builder().base_url(service.url()).credentials(credentials).build()?;
/// assert_eq!(names(&client).await?, ["Acme"]);
/// asked.assert();
/// # Ok(())
/// # }
/// ```
///
/// A request that is not planned makes the test fail, and says what came, what was planned, and in what it differs from the
/// nearest of that. For a whole service with
/// state, faults and its own clock there is the crate `cloudally-sandbox`.
#[cfg(feature = "testing")]
pub mod testing {
    pub use httpmock::{Mock, MockServer};

    pub use cloudally_gen::httpmock::{MockServerExt, operations};
    pub use cloudally_gen::mock_service::MockService;
    pub use cloudally_gen::page::Page;

    /// A page as [`List::page`](crate::List::page) gives it, for tests of code that takes one: the only page of a list of
    /// these items, with status 200. Its fields can be set to anything else.
    ///
    /// ```
    /// use cloudally::Page;
    /// use cloudally::types::User;
    ///
    /// /// The program's own function.
    /// fn progress(page: &Page<User>) -> String {
    ///     format!("page {} of {}", page.number, page.total_pages.unwrap_or(page.number))
    /// }
    ///
    /// let mut page = cloudally::testing::page_of(vec![User::default()]);
    /// assert_eq!(progress(&page), "page 1 of 1");
    /// page.total_pages = Some(3);
    /// assert_eq!(progress(&page), "page 1 of 3");
    /// ```
    pub fn page_of<T>(items: Vec<T>) -> crate::Page<T> {
        crate::Page::only(items)
    }
}

/// The examples of the README compile; they show the blocking client and the mocks, too.
#[cfg(all(doctest, feature = "blocking", feature = "testing"))]
#[doc = include_str!("../../README.md")]
struct Readme;
