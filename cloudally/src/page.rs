//! Lists in pages. The end of a list is the server's word, and a list that is not complete is an error.

mod advance;
mod ahead;
mod bad;
pub(crate) mod key;
mod stream;

use std::fmt;
use std::sync::Arc;

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;
use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::bad::BadItem;
pub use self::stream::{Items, Pages};

use self::advance::Progress;
use self::bad::Skip;
use self::key::Key;
use crate::call::Failed;
use crate::error::{Error, ErrorKind};
use crate::response::{Head, Response};

/// How many items a page holds at most, unless said otherwise: what every known client asks for (WIRE: observed).
pub(crate) const PAGE_SIZE: u32 = 500;

type Fetch<T> = Arc<dyn Fn(Cursor) -> Fetching<T> + Send + Sync>;
/// What the service answers when a page is asked for.
pub(crate) type Fetching<T> = BoxFuture<'static, Result<Response<RawPage<T>>, Failed>>;

/// A page that came, before anything is made of it.
struct Fetched<T> {
    page: RawPage<T>,
    bad: Vec<BadItem>,
    head: Head,
}

/// A list of the service, not yet read.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use futures_util::TryStreamExt;
/// let mut tasks = client.tasks().list().items();
/// while let Some(task) = tasks.try_next().await? {
///     println!("{:?}", task.alias);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list reads nothing until it is streamed or collected"]
pub struct List<T> {
    operation: &'static Operation<'static>,
    fetch: Fetch<T>,
    key: Key<T>,
    skip: Option<Skip<T>>,
    start: Cursor,
    limit: Option<u64>,
    ahead: usize,
    concurrency: usize,
}

/// A place in a list, between two items. It can be stored, and the list goes on from it later, in another program maybe.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::TryStreamExt;
/// let mut users = client.users().list().items();
/// let first = users.try_next().await?;
/// if let Some(cursor) = users.cursor() {
///     std::fs::write("users.cursor", serde_json::to_string(&cursor)?)?;
/// }
/// // Later:
/// let cursor = serde_json::from_str(&std::fs::read_to_string("users.cursor")?)?;
/// let rest = client.users().list().start_at(cursor).all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    operation: String,
    /// The number of the page, from 1.
    pub(crate) page: u64,
    pub(crate) token: Option<String>,
    pub(crate) page_size: u32,
    /// How many items came before this page.
    pub(crate) seen: u64,
    /// How many of those were sent twice, because the list shifted while it was read.
    #[serde(default)]
    pub(crate) repeated: u64,
    /// How many items of this page were consumed.
    #[serde(default)]
    pub(crate) skip: u64,
    /// What the service last said of how many items and pages there are.
    #[serde(default)]
    pub(crate) total: Option<u64>,
    #[serde(default)]
    pub(crate) total_pages: Option<u64>,
    /// The total before it became smaller.
    #[serde(default)]
    pub(crate) shrank_from: Option<u64>,
    /// The first total that was told.
    #[serde(default)]
    pub(crate) first_total: Option<u64>,
}

impl Cursor {
    pub(crate) fn start(operation: &Operation<'_>, page_size: u32) -> Self {
        Self {
            operation: operation.id.to_owned(),
            page: 1,
            token: None,
            page_size,
            seen: 0,
            repeated: 0,
            skip: 0,
            total: None,
            total_pages: None,
            shrank_from: None,
            first_total: None,
        }
    }

    /// The number to ask for; the first page is asked for without one (WIRE: observed).
    pub(crate) fn number(&self) -> Option<i64> {
        (self.page > 1).then(|| i64::try_from(self.page).unwrap_or(i64::MAX))
    }

    /// Whether it leads to the same page.
    fn is_page_of(&self, other: &Self) -> bool {
        self.page == other.page && self.token == other.token && self.page_size == other.page_size
    }
}

/// One page of a list.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let page = client.tasks().list().page_size(100).page().await?;
/// println!("{} of {:?} tasks", page.items.len(), page.total);
/// if let Some(next) = page.next {
///     println!("and {} more here", client.tasks().list().start_at(next).page().await?.items.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the order of the service.
    pub items: Vec<T>,
    /// The number of the page, from 1.
    pub number: u64,
    /// How many items the list has in all, if the service says so.
    pub total: Option<u64>,
    /// How many items were left out because the page before held them already: something was added to the list while it
    /// was read, and moved them on.
    pub repeated: usize,
    /// The items that could not be read, if they are [skipped](List::skip_bad_items).
    pub bad: Vec<BadItem>,
    /// Status and headers of the answer.
    pub head: Head,
    /// Where the next page is; none after the last.
    pub next: Option<Cursor>,
    /// Where on the page the items were, if some were left out.
    pub(crate) positions: Option<Vec<u64>>,
}

impl<T: Send + 'static> List<T> {
    pub(crate) fn new<F>(
        operation: &'static Operation<'static>,
        page_size: u32,
        key: Key<T>,
        fetch: F,
    ) -> Self
    where
        F: Fn(Cursor) -> Fetching<T> + Send + Sync + 'static,
    {
        Self {
            operation,
            fetch: Arc::new(fetch),
            key,
            skip: None,
            start: Cursor::start(operation, page_size),
            limit: None,
            ahead: 1,
            concurrency: 1,
        }
    }

    /// How many items a page holds at most; at least 1. The default is 500.
    pub fn page_size(mut self, items: u32) -> Self {
        self.start.page_size = items.max(1);
        self
    }

    /// Ends after so many items. A list that is cut off so is not checked for being complete.
    pub fn limit(mut self, items: u64) -> Self {
        self.limit = Some(items);
        self
    }

    /// Goes on from a cursor of the same list, with its page size.
    pub fn start_at(mut self, cursor: Cursor) -> Self {
        self.start = cursor;
        self
    }

    /// Whether the next page is fetched while this one is consumed; by default it is. Dropping the stream stops it.
    pub fn prefetch(mut self, ahead: bool) -> Self {
        self.ahead = usize::from(ahead);
        self
    }

    /// Fetches up to so many pages at once where the service pages by number, and delivers them in order; at least 1. So
    /// many pages and the one that is consumed are held. Where the service pages by token, it has no effect.
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.concurrency = pages.max(1);
        self
    }

    /// Leaves out items that cannot be read, instead of failing with the page, and tells of each of them here and in
    /// [`Page::bad`]. They count as items of the list, so it is complete with them. This costs nothing while all can be
    /// read.
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let status = client.partners().status().skip_bad_items(|bad| eprintln!("left out: {bad}"));
    /// println!("{} entries could be read", status.all().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn skip_bad_items(mut self, report: impl Fn(&BadItem) + Send + Sync + 'static) -> Self
    where
        T: DeserializeOwned,
    {
        self.skip = Some(Skip::new(Arc::new(report)));
        self
    }

    /// The items, page after page. After an error that may pass ([`Error::is_retryable`]) the stream goes on where it was
    /// when it is polled again; any other ends it.
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// The pages. Errors are as in [`items`](Self::items).
    pub fn pages(self) -> Pages<T> {
        Pages::new(self)
    }

    /// One page, from where the list starts.
    ///
    /// # Errors
    /// If the call fails, or the page says that the list is broken.
    pub async fn page(self) -> Result<Page<T>, Error> {
        self.check()?;
        let fetched = self.fetch(self.start.clone()).await?;
        match Progress::new(&self.start, self.limit, self.key).advance(&self.start, fetched) {
            Ok((page, None)) => {
                self.report(&page);
                Ok(page)
            }
            Ok((_, Some(broken))) | Err(broken) => Err(broken.error(self.operation)),
        }
    }

    /// All items.
    ///
    /// # Errors
    /// If a call fails, or the list is not complete.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.items().try_collect().await
    }

    /// The page at a cursor, as the service gives it.
    fn fetch(&self, cursor: Cursor) -> BoxFuture<'static, Result<Fetched<T>, Error>> {
        let fetching = (self.fetch)(cursor);
        let skip = self.skip.clone();
        Box::pin(async move {
            let failed = match fetching.await {
                Ok(Response { value, head, .. }) => {
                    return Ok(Fetched {
                        page: value,
                        bad: Vec::new(),
                        head,
                    });
                }
                Err(failed) => failed,
            };
            let is_undecodable = failed.error.kind() == ErrorKind::Decode;
            let sorted = skip
                .filter(|_| is_undecodable)
                .and_then(|skip| skip.read(&failed.body));
            match (sorted, failed.head) {
                (Some((page, bad)), Some(head)) if head.status() == 200 => Ok(Fetched {
                    page,
                    bad,
                    head: *head,
                }),
                _ => Err(failed.error),
            }
        })
    }
}

impl<T> List<T> {
    /// Tells of the items of a page that could not be read.
    fn report(&self, page: &Page<T>) {
        if let Some(skip) = &self.skip {
            skip.report(&page.bad);
        }
    }

    /// A cursor of another list leads nowhere in this one, and one that was changed by hand might lead anywhere.
    fn check(&self) -> Result<(), Error> {
        let what = if self.start.operation != self.operation.id {
            format!("it is one of {}", self.start.operation)
        } else if self.start.page == 0 || self.start.page_size == 0 {
            "its page or page size is 0".to_owned()
        } else {
            return Ok(());
        };
        let error = Error::new(
            ErrorKind::Configuration,
            format!("the cursor does not fit the list: {what}; nothing was sent"),
        );
        Err(error.operation_id(self.operation.id))
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("operation", &self.operation.id)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod tests;
