//! Typed mocks of each operation, for tests of programs that use this crate.
//!
//! The mocks follow the service's document, without a promise of stability.
//!
//! # Examples
//!
//! ```
//! use cloudally::testing::{MockServerExt, MockService, Page};
//! use cloudally::types::User;
//! use cloudally::{Client, Credentials};
//!
//! /// The program's own function.
//! async fn names(client: &Client) -> Result<Vec<String>, cloudally::Error> {
//!     let users = client.users().list().collect().await?;
//!     Ok(users.iter().map(|user| user.label().into_owned()).collect())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = MockService::start();
//! let page = Page::from(vec![User::default().with_name("Acme 12345")]);
//! let mock = service.list_partner_users(|when, then| {
//!     when.page_size(500).page(None);
//!     then.ok(&page);
//! });
//!
//! let credentials = Credentials::access_token("a-token");
//! let client = Client::builder().base_url(service.url()).credentials(credentials).build()?;
//! assert_eq!(names(&client).await?, ["Acme"]);
//! mock.assert();
//! # Ok(())
//! # }
//! ```
//!
//! A mock can respond with an error of the service, too:
//!
//! ```
//! # use cloudally::testing::{MockServerExt, MockService};
//! # use cloudally::{Client, Credentials, ErrorKind};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let service = MockService::start();
//! # let credentials = Credentials::access_token("a-token");
//! # let client = Client::builder().base_url(service.url()).credentials(credentials).build()?;
//! service.get_backup_task(|when, then| {
//!     when.task_id("BT-1");
//!     then.error(404, "No such backup task");
//! });
//! let error = client.backups().get("BT-1").await.expect_err("it is not there");
//! assert_eq!(error.kind(), ErrorKind::NotFound);
//! assert_eq!(error.server_message(), Some("No such backup task"));
//! # Ok(())
//! # }
//! ```
//!
//! An unplanned request makes the test fail, with a message that says what was received, what was
//! planned, and how the request differs from the nearest plan. The crate `cloudally-sandbox` fakes
//! the whole service, with state, faults and a clock.

pub use httpmock::{Mock, MockServer};

pub use cloudally_gen::httpmock::{MockServerExt, operations};
pub use cloudally_gen::mock_service::MockService;
pub use cloudally_gen::page::Page;

/// Makes the only page of a list, as [`ListRequest::page`](crate::ListRequest::page) returns it,
/// for tests of code that takes a page. Its status is 200, and its fields can be set to anything
/// else.
///
/// # Examples
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
#[must_use]
pub fn page_of<T>(items: Vec<T>) -> crate::Page<T> {
    crate::Page::only(items)
}
