//! Lists in pages. The end of a list is the server's word, and a list that is not complete is an error.

mod advance;
mod ahead;
mod bad;
mod broken;
mod cursor;
pub(crate) mod key;
mod stream;

use std::fmt;
use std::sync::Arc;

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;
use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;

pub use self::bad::BadItem;
pub use self::cursor::Cursor;
pub use self::stream::{Items, Pages};

use self::advance::{Place, Progress};
use self::bad::Skip;
use self::key::Key;
use crate::call::Failed;
use crate::error::{Error, ErrorKind};
use crate::response::{Head, Response};

/// How many items a page holds at most, unless said otherwise: what every known client asks for (WIRE: observed).
pub(crate) const PAGE_SIZE: u32 = 500;

/// How many pages are fetched at once at most.
const MOST_AT_ONCE: usize = 64;

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
    /// Whose list it is, where one operation has several.
    subject: Option<String>,
    key: Key<T>,
    skip: Option<Skip<T>>,
    start: Cursor,
    limit: Option<u64>,
    ahead: usize,
    concurrency: usize,
    /// What is wrong with it, told when it is read.
    problem: Option<Error>,
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
    /// How many pages there are, if the service says so.
    pub total_pages: Option<u64>,
    /// How many items were left out because the page before held them already: something was added to the list while it
    /// was read, and moved them on.
    pub repeated: usize,
    /// The items that could not be read, if they are [skipped](List::skip_bad_items).
    pub bad: Vec<BadItem>,
    /// Status and headers of the answer.
    pub head: Head,
    /// Where the next page is; none after the last.
    pub next: Option<Cursor>,
    /// Where on the page the items were.
    pub(crate) places: Vec<Place>,
}

#[cfg(feature = "testing")]
impl<T> Page<T> {
    /// The only page of a list of these items.
    pub(crate) fn only(items: Vec<T>) -> Self {
        Self {
            number: 1,
            total: u64::try_from(items.len()).ok(),
            total_pages: Some(1),
            repeated: 0,
            bad: Vec::new(),
            head: Head::default(),
            next: None,
            places: Vec::new(),
            items,
        }
    }
}

impl<T: Send + 'static> List<T> {
    pub(crate) fn new<F>(
        operation: &'static Operation<'static>,
        subject: Option<String>,
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
            subject: subject.clone(),
            key,
            skip: None,
            start: Cursor::start(operation, subject, page_size),
            limit: None,
            ahead: 1,
            concurrency: 1,
            problem: None,
        }
    }

    /// The same list, which cannot be read.
    pub(crate) fn refused(mut self, problem: Option<Error>) -> Self {
        self.problem = problem;
        self
    }

    /// How many items a page holds at most; at least 1. The default is 500. A list that goes on from a cursor keeps the size
    /// that it was begun with, for its pages would not fit otherwise.
    pub fn page_size(mut self, items: u32) -> Self {
        if self.start.is_start() {
            self.start.page_size = items.max(1);
        }
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

    /// Fetches up to so many pages at once where the service pages by number, and delivers them in order; from 1 to 64. So
    /// many pages and the one that is consumed are held. Where the service pages by token, it has no effect.
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.concurrency = pages.clamp(1, MOST_AT_ONCE);
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
    /// when it is polled again; any other ends it, and so do three in a row. Its cursor is where it was even then.
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// The pages. Errors are as in [`items`](Self::items).
    pub fn pages(self) -> Pages<T> {
        Pages::new(self)
    }

    /// The page at a cursor.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn page_at(self, cursor: Cursor) -> Result<Page<T>, Error> {
        self.start_at(cursor).page().await
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
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let what = if self.start.operation != self.operation.id {
            format!("it is one of {}", self.start.operation)
        } else if self.start.subject != self.subject {
            "it is one of another reseller's list".to_owned()
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
mod adversary_tests;
#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod shift_tests;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;
