//! Lists, which are read page by page. The service says where a list ends, and a list that is not
//! complete is an error.

mod collect;
mod cursor;
mod deadline;
mod incomplete;
mod invalid;
mod key;
mod page;
mod prefetch;
mod progress;
mod source;
mod stream;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::operation::Operation;
use serde::de::DeserializeOwned;

pub use self::collect::Collect;
pub use self::cursor::Cursor;
pub use self::invalid::InvalidItem;
pub use self::page::Page;
pub use self::stream::{Items, Pages};

pub(crate) use self::cursor::Position;
pub(crate) use self::key::{Key, id_text};
pub(crate) use self::source::PageCall;

use self::deadline::Deadline;
use self::invalid::SkipInvalid;
use self::progress::Progress;
use self::source::PageSource;
use self::stream::StreamSettings;
use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::response::Response;

/// The default page size, which every known client uses. Evidence: observed.
pub(crate) const PAGE_SIZE: u32 = 500;

/// The maximal number of pages in flight.
const MAX_CONCURRENCY: usize = 64;

/// A request for a list, which is sent when the list is read.
///
/// Read it item by item with [`items`](Self::items), page by page with [`pages`](Self::pages) or
/// [`page`](Self::page), or at once with [`collect`](Self::collect). A list is complete, or reading
/// it is an error.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let mut tasks = client.tasks().list().items();
/// while let Some(task) = tasks.try_next().await? {
///     println!("{}", task.label());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list is not requested until it is streamed or collected"]
pub struct ListRequest<T> {
    source: PageSource<T>,
    /// Whose list it is, where an operation has several.
    subject: Option<String>,
    key: Key<T>,
    start: Cursor,
    max_items: Option<u64>,
    is_prefetched: bool,
    concurrency: usize,
    /// The first invalid argument, reported when the list is read.
    problem: Option<Error>,
}

impl<T: Send + 'static> ListRequest<T> {
    pub(crate) fn new<F>(
        client: &Client,
        operation: &'static Operation<'static>,
        subject: Option<String>,
        key: Key<T>,
        request: F,
    ) -> Self
    where
        F: Fn(Client, Position) -> PageCall<T> + Send + Sync + 'static,
    {
        let page_size = client.page_size();
        Self {
            source: PageSource {
                operation,
                client: client.clone(),
                request: Arc::new(request),
                deadline: None,
                skip_invalid: None,
                resumed_token: None,
            },
            start: Position::start(operation, subject.clone(), page_size).into(),
            subject,
            key,
            max_items: None,
            is_prefetched: true,
            concurrency: 1,
            problem: None,
        }
    }

    /// Records an invalid argument.
    pub(crate) fn refused(mut self, problem: Error) -> Self {
        let problem = problem.with_operation(self.source.operation.id);
        self.problem.get_or_insert(problem);
        self
    }

    /// Sets how many items a page has at most; 500 by default. With 0 or more than
    /// [`ClientBuilder::max_page_items`](crate::ClientBuilder::max_page_items), reading the list is
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// A list that is resumed from a cursor keeps the page size it was begun with, because its
    /// pages would not match otherwise.
    pub fn page_size(mut self, items: u32) -> Self {
        if items == 0 {
            return self.refused(Error::invalid_input("the page size is 0; set at least 1"));
        }
        if self.start.position.is_start() {
            self.start.position.page_size = items;
        }
        self
    }

    /// Ends the list after this many items. A list that is cut off is not checked for being
    /// complete, and can be resumed from the cursor of the stream, which is then behind the last
    /// item.
    pub fn max_items(mut self, items: u64) -> Self {
        self.max_items = Some(items);
        self
    }

    /// Resumes the list from a cursor of the same list, with its page size.
    ///
    /// A cursor that does not fit is an
    /// [`ErrorKind::InvalidCursor`](crate::ErrorKind::InvalidCursor) when the list is read.
    pub fn resume_from(mut self, cursor: Cursor) -> Self {
        self.source.resumed_token = cursor.position.token.clone();
        self.start = cursor;
        self
    }

    /// Sets whether the next page is fetched while the current one is consumed; it is by default.
    /// Dropping the stream stops it.
    pub fn prefetch(mut self, is_prefetched: bool) -> Self {
        self.is_prefetched = is_prefetched;
        self
    }

    /// Sets how many pages are fetched at once, from 1 to 64; 1 by default. With another number,
    /// reading the list is [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// Pages are delivered in order, and this many and the current one are in memory. It has no
    /// effect where the service pages by token, because each token is on the page before.
    pub fn concurrency(mut self, pages: usize) -> Self {
        if !(1..=MAX_CONCURRENCY).contains(&pages) {
            return self.refused(Error::invalid_input(format_args!(
                "the concurrency is {pages}; set 1 to {MAX_CONCURRENCY}"
            )));
        }
        self.concurrency = pages;
        self
    }

    /// Bounds the time of the whole list, which begins when the list is first polled. There is no
    /// such deadline by default: [`RetryPolicy::deadline`](crate::RetryPolicy::deadline) bounds each
    /// page alone.
    ///
    /// It covers every page that is fetched, the attempts for it and the delays between them, and
    /// in a stream also the time that the program takes between two polls. When it has passed, no
    /// further page is delivered: reading the list is an
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) that says how many items were received,
    /// and a stream ends with it. The stream's cursor stays where it was, and a list that is
    /// resumed from it has a deadline of its own. With a deadline of 0, reading the list is
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// let users = client.users().list().deadline(Duration::from_secs(300)).collect().await?;
    /// println!("{} users", users.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        if deadline.is_zero() {
            return self.refused(Error::invalid_input(
                "the deadline of the list is 0; allow more time",
            ));
        }
        self.source.deadline = Some(Deadline::new(deadline));
        self
    }

    /// Leaves out items that cannot be decoded instead of failing with their page, and reports each
    /// of them to the callback and in [`Page::invalid`].
    ///
    /// They count as items of the list, so the list is complete with them. It costs nothing while
    /// every item can be decoded.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let statuses = client
    ///     .partners()
    ///     .backup_statuses()
    ///     .skip_invalid_items(|item| eprintln!("skipped: {item}"));
    /// println!("{} entries", statuses.collect().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn skip_invalid_items(
        mut self,
        report: impl Fn(&InvalidItem) + Send + Sync + 'static,
    ) -> Self
    where
        T: DeserializeOwned,
    {
        self.source.skip_invalid = Some(SkipInvalid::new(Arc::new(report)));
        self
    }

    /// Streams the items, page after page.
    ///
    /// After an error that may pass ([`Error::is_retryable`]) the stream continues where it was
    /// when it is polled again; any other error ends it, and so do three in a row and the
    /// [`deadline`](Self::deadline) of the list. Its cursor stays where it was even then.
    ///
    /// # Errors
    /// Each item of the stream is a result. [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete)
    /// says that the list ended early or changed while it was read: read it again, as
    /// [`Collect::restarts`] does. [`ErrorKind::InvalidCursor`](crate::ErrorKind::InvalidCursor): read it from its start.
    /// Others are as with every call.
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// Streams the pages. Errors are as with [`items`](Self::items).
    pub fn pages(self) -> Pages<T> {
        let problem = self.check().err();
        let settings = StreamSettings {
            key: self.key,
            start: self.start,
            max_items: self.max_items,
            is_prefetched: self.is_prefetched,
            concurrency: self.concurrency,
            problem,
        };
        Pages::new(self.source, settings)
    }

    /// Reads one page, from where the list starts.
    ///
    /// # Errors
    /// As with [`items`](Self::items).
    pub fn page(mut self) -> Call<Page<T>> {
        Call::new(async move {
            self.check()?;
            self.source.begin();
            let at = &self.start.position;
            let fetched = self.source.fetch(at.clone()).await;
            let (response, invalid) =
                fetched.map_err(|error| self.source.expired(at, Some(&error)).unwrap_or(error))?;
            let mut progress = Progress::new(at, self.max_items, self.key.of_one_page());
            match progress.advance(at, response, invalid) {
                Ok((page, None)) => {
                    self.source.report(&page);
                    let parts = page.parts.clone();
                    Ok(Response::new(page, parts))
                }
                Ok((_, Some(incomplete))) | Err(incomplete) => {
                    Err(incomplete.into_error(self.source.operation))
                }
            }
        })
    }

    /// Reads all items. Like a [`Call`], the future borrows nothing.
    ///
    /// # Errors
    /// As with [`items`](Self::items); the first error ends it, unless the list is incomplete and
    /// can be read again with [`Collect::restarts`].
    pub fn collect(self) -> Collect<T> {
        Collect::new(self)
    }
}

impl<T> ListRequest<T> {
    /// The same request once more.
    fn again(&self) -> Self {
        Self {
            source: self.source.clone(),
            subject: self.subject.clone(),
            key: self.key,
            start: self.start.clone(),
            max_items: self.max_items,
            is_prefetched: self.is_prefetched,
            concurrency: self.concurrency,
            problem: self.problem.clone(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let operation = self.source.operation;
        self.start.check(operation, self.subject.as_deref())?;
        let page_size = self.start.position.page_size;
        let most = self.source.client.transport().max_page_items;
        if usize::try_from(page_size).is_ok_and(|size| size <= most) {
            return Ok(());
        }
        let what = format!(
            "the page size is {page_size}, and the client refuses pages of more than {most} items; raise `max_page_items`"
        );
        Err(Error::invalid_input(what).with_operation(operation.id))
    }
}

impl<T> fmt::Debug for ListRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRequest")
            .field("operation", &self.source.operation.id)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod adversary_tests;
#[cfg(test)]
mod collect_tests;
#[cfg(test)]
mod deadline_tests;
#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod shift_tests;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;
