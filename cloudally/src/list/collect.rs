//! A list that is read to its end at once, and again if it changed meanwhile.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::ListRequest;
use super::stream::Pages;
use crate::error::{Error, ErrorKind};
use crate::observe::ListRestarted;
use crate::trace;

/// Reads all items of a list when it is awaited; see [`ListRequest::collect`].
///
/// Like a [`Call`](crate::Call) it borrows nothing, and dropping it ends it.
#[must_use = "a list is not requested until it is awaited"]
pub struct Collect<T> {
    /// What is read, until the list is read for the last time.
    request: Option<ListRequest<T>>,
    restarts: u32,
    /// How often the list was begun.
    passes: u32,
    /// The pages of the current pass, and the items of those that were received.
    pages: Option<Pages<T>>,
    items: Vec<T>,
}

impl<T: Send + 'static> Collect<T> {
    pub(super) fn new(request: ListRequest<T>) -> Self {
        Self {
            request: Some(request),
            restarts: 0,
            passes: 0,
            pages: None,
            items: Vec::new(),
        }
    }

    /// Reads the list again, up to this many times, if it is
    /// [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete): because items were removed while it
    /// was read, for example. By default it is read once.
    ///
    /// It is read from its start, without a pause, and what was read before is dropped, so no item
    /// is returned twice. Every reason for which a list is incomplete restarts it, and no other
    /// error does. [`ListRequest::deadline`] bounds all readings together; without it only their
    /// number is bounded. The error of the last reading says how often the list was read. The
    /// callback of [`ListRequest::skip_invalid_items`] receives an invalid item again with each
    /// reading.
    ///
    /// A list that is resumed from a cursor cannot be read again, because the change may have
    /// happened before the cursor; with restarts it is an
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput). Nor can a stream, which would
    /// deliver items twice.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// let tasks = client.tasks().list().deadline(Duration::from_secs(300));
    /// let tasks = tasks.collect().restarts(3).await?;
    /// println!("{} tasks", tasks.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn restarts(mut self, restarts: u32) -> Self {
        self.restarts = restarts;
        self
    }

    /// Begins to read the list. Returns `None` after the last pass.
    fn begin(&mut self) -> Option<Pages<T>> {
        let mut request = self.request.take()?;
        if self.restarts > 0 && !request.start.position.is_start() {
            let what = "a list that is resumed from a cursor cannot be read again: collect it without restarts, or from its start";
            request = request.refused(Error::invalid_input(what));
        }
        // One deadline is for all passes.
        request.source.begin();
        if self.passes < self.restarts {
            self.request = Some(request.again());
        }
        self.passes = self.passes.saturating_add(1);
        Some(request.pages())
    }

    /// Tells that the list is read again.
    fn restarting(&self, error: &Error) {
        let Some(source) = self.request.as_ref().map(|request| &request.source) else {
            return;
        };
        trace::list_restarted(source.operation, self.passes);
        let restart = ListRestarted {
            operation: source.operation.id,
            passes: self.passes,
            error,
        };
        let observers = &source.client.transport().observers;
        observers.each(|observer| observer.list_restarted(&restart));
    }

    fn failed(&self, error: Error) -> Error {
        if self.passes < 2 {
            return error;
        }
        let kind = error.kind();
        let detail = format!("{}; it was read {} times", error.detail(), self.passes);
        error.reclassified(kind, detail)
    }
}

// Items are moved, and never pinned.
impl<T> Unpin for Collect<T> {}

impl<T: Send + 'static> Future for Collect<T> {
    type Output = Result<Vec<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            if this.pages.is_none() {
                this.pages = this.begin();
            }
            let Some(pages) = &mut this.pages else {
                // It has ended, and is not to be polled again.
                return Poll::Pending;
            };
            match ready!(Pin::new(pages).poll_next(context)) {
                Some(Ok(page)) => this.items.extend(page.items),
                Some(Err(error)) => {
                    this.pages = None;
                    this.items = Vec::new();
                    if this.request.is_none() || error.kind() != ErrorKind::Incomplete {
                        this.request = None;
                        return Poll::Ready(Err(this.failed(error)));
                    }
                    this.restarting(&error);
                }
                None => {
                    this.pages = None;
                    this.request = None;
                    return Poll::Ready(Ok(std::mem::take(&mut this.items)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Collect<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect")
            .field("restarts", &self.restarts)
            .field("passes", &self.passes)
            .finish_non_exhaustive()
    }
}
