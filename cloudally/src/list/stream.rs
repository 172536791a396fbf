//! Lists as streams of pages and of items.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::cursor::{Cursor, Position};
use super::key::Key;
use super::page::{Page, Place};
use super::prefetch::Prefetch;
use super::progress::Progress;
use super::source::PageSource;
use crate::error::Error;

/// After this many failures in a row, each with all the attempts of a call, a stream ends: a
/// consumer that ignores errors would otherwise never stop.
const MAX_FAILURES: u32 = 3;

/// How a list is streamed.
pub(super) struct StreamSettings<T> {
    pub(super) key: Key<T>,
    pub(super) start: Cursor,
    pub(super) max_items: Option<u64>,
    pub(super) is_prefetched: bool,
    pub(super) concurrency: usize,
    /// What is wrong with the request, reported instead of the first page.
    pub(super) problem: Option<Error>,
}

/// The pages of a list, as a stream.
///
/// [`next`](Self::next) and [`try_next`](Self::try_next) read it without a crate for streams.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    source: PageSource<T>,
    is_prefetched: bool,
    concurrency: usize,
    /// The page to deliver next; `None` at the end of the list, and where it is incomplete.
    next: Option<Cursor>,
    /// Whether nothing more is delivered.
    is_over: bool,
    /// Whether the last page of a complete list was delivered.
    is_complete: bool,
    /// The number of failures in a row.
    failures: u32,
    /// The number of the last page, if the list pages by number.
    last_page: Option<u64>,
    /// The pages in flight, in order. The first of them is the next to deliver.
    inflight: VecDeque<Prefetch<T>>,
    progress: Progress<T>,
    /// The error to deliver after the last page, or before the first.
    final_error: Option<Error>,
}

impl<T: Send + 'static> Pages<T> {
    pub(super) fn new(source: PageSource<T>, settings: StreamSettings<T>) -> Self {
        let StreamSettings {
            key,
            start,
            max_items,
            is_prefetched,
            concurrency,
            problem,
        } = settings;
        Self {
            source,
            is_prefetched,
            concurrency,
            is_over: problem.is_some() || max_items == Some(0),
            is_complete: false,
            failures: 0,
            last_page: None,
            inflight: VecDeque::new(),
            progress: Progress::new(&start.position, max_items, key),
            next: Some(start),
            final_error: problem,
        }
    }

    /// Returns the next page, or `None` after the last one.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items).
    pub async fn next(&mut self) -> Option<Result<Page<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the next page, or `Ok(None)` after the last one.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items).
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>, Error> {
        self.next().await.transpose()
    }

    /// Returns the position after the pages that were delivered, even if a call then failed for
    /// good.
    ///
    /// Returns `None` at the end of the list, and where the list is incomplete:
    /// [`is_complete`](Self::is_complete) says which.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.next.clone()
    }

    /// Returns whether the list was read to its end and is complete; see [`Page::is_complete`].
    ///
    /// It distinguishes the end of a list from every other reason why a stream has no further page:
    /// an error, a deadline, or `max_items`.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Starts the fetches that can run now: the next page, and those after it whose numbers are
    /// known.
    fn fill(&mut self) {
        let Some(next) = self.next.as_ref().map(|next| &next.position) else {
            self.inflight.clear();
            return;
        };
        let is_stale = |front: &Prefetch<T>| !front.position.is_on_page_of(next);
        if self.progress.is_cut_off(next) || self.inflight.front().is_some_and(is_stale) {
            self.inflight.clear();
        }
        while self.inflight.len() < self.concurrency && !self.progress.is_cut_off(next) {
            let position = match self.inflight.back() {
                None => next.clone(),
                Some(back) => match self.last_page {
                    Some(last) if back.position.page < last && back.position.token.is_none() => {
                        Position {
                            page: back.position.page + 1,
                            skip: 0,
                            ..back.position.clone()
                        }
                    }
                    _ => return,
                },
            };
            if self.progress.wanted(next).is_some_and(|wanted| {
                let pages = position.page.saturating_sub(next.page);
                pages.saturating_mul(u64::from(next.page_size)) >= wanted
            }) {
                return;
            }
            self.inflight
                .push_back(Prefetch::start(&self.source, position));
        }
    }
}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(error) = this.final_error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        if this.is_over {
            return Poll::Ready(None);
        }
        let is_cut_off = |next: &Cursor| this.progress.is_cut_off(&next.position);
        if this.next.as_ref().is_some_and(is_cut_off) {
            return Poll::Ready(None);
        }
        let Some(at) = this.next.clone() else {
            this.inflight.clear();
            return Poll::Ready(None);
        };
        this.source.begin();
        if let Some(error) = this.source.expired(&at.position, None) {
            this.inflight.clear();
            this.is_over = true;
            return Poll::Ready(Some(Err(error)));
        }
        this.fill();
        let Some(front) = this.inflight.front_mut() else {
            return Poll::Ready(None);
        };
        let fetched = ready!(front.poll(context));
        this.inflight.pop_front();
        let (response, invalid) = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                // The pages in flight behind it are fetched again in their turn.
                this.inflight.clear();
                this.failures += 1;
                let expired = this.source.expired(&at.position, Some(&error));
                let is_final = !error.is_retryable() || this.failures >= MAX_FAILURES;
                this.is_over = is_final || expired.is_some();
                return Poll::Ready(Some(Err(expired.unwrap_or(error))));
            }
        };
        this.failures = 0;
        let token = response.value.next_page_token.as_ref();
        let is_by_number = token.is_none_or(String::is_empty);
        let advanced = this.progress.advance(&at.position, response, invalid);
        let (page, incomplete) = match advanced {
            Ok((page, incomplete)) => (Some(page), incomplete),
            Err(incomplete) => (None, Some(incomplete)),
        };
        this.final_error =
            incomplete.map(|incomplete| incomplete.into_error(this.source.operation));
        this.next = page.as_ref().and_then(|page| page.next.clone());
        this.last_page = this
            .next
            .as_ref()
            .and_then(|next| next.position.total_pages)
            .filter(|_| is_by_number);
        if this.is_prefetched {
            this.fill();
        }
        match page {
            Some(page) => {
                this.source.report(&page);
                this.is_complete = page.is_complete;
                Poll::Ready(Some(Ok(page)))
            }
            None => Poll::Ready(this.final_error.take().map(Err)),
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.source.operation.id)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// The items of a list, as a stream.
///
/// [`next`](Self::next) and [`try_next`](Self::try_next) read it without a crate for streams.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    /// What is left of the current page.
    items: std::vec::IntoIter<T>,
    /// Where on the current page its items were, those that were delivered included.
    places: Vec<Place>,
    /// The position of the current page.
    at: Option<Cursor>,
    duplicates: u64,
}

impl<T: Send + 'static> Items<T> {
    pub(super) fn new(pages: Pages<T>) -> Self {
        Self {
            pages,
            items: Vec::new().into_iter(),
            places: Vec::new(),
            at: None,
            duplicates: 0,
        }
    }

    /// Returns the next item, or `None` after the last one.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items).
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.try_next().await.transpose()
    }

    /// Returns the next item, or `Ok(None)` after the last one.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items).
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        loop {
            // Taken from the page directly, because an item is large to move.
            if let Some(item) = self.next_buffered() {
                return Ok(Some(item));
            }
            match poll_fn(|context| self.poll_page(context)).await {
                Some(read) => read?,
                None => return Ok(None),
            }
        }
    }

    /// Returns how many items were left out so far because they were received twice: something was
    /// added to the list while it was read.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Returns the position after the last item that was delivered, even if a call then failed for
    /// good.
    ///
    /// Returns `None` at the end of the list, and where the list is incomplete:
    /// [`is_complete`](Self::is_complete) says which.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        let Some(at) = self.at.as_ref().filter(|_| self.items.len() > 0) else {
            return self.pages.cursor();
        };
        let mut at = at.clone();
        let last = self.places.len().checked_sub(self.items.len() + 1);
        if let Some(place) = last.and_then(|last| self.places.get(last)) {
            at.position.skip = place.position.saturating_add(1);
            at.position.last = self.pages.progress.stored(place.item);
        }
        Some(at)
    }

    /// Returns whether all items were delivered and the list is complete; see
    /// [`Page::is_complete`].
    ///
    /// It distinguishes the end of a list from every other reason why a stream has no further item:
    /// an error, a deadline, or `max_items`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// let mut users = client.users().list().items();
    /// let mut labels = Vec::new();
    /// while let Some(user) = users.next().await {
    ///     match user {
    ///         Ok(user) => labels.push(user.label().into_owned()),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// if users.is_complete() {
    ///     std::fs::write("users.txt", labels.join("\n")).ok();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.items.len() == 0 && self.pages.is_complete()
    }
}

impl<T> Items<T> {
    /// The next item of the current page, if there is one left.
    pub(crate) fn next_buffered(&mut self) -> Option<T> {
        self.items.next()
    }
}

impl<T: Send + 'static> Items<T> {
    /// Reads the next page, if there is one.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<(), Error>>> {
        let at = self.pages.cursor();
        let page = ready!(Pin::new(&mut self.pages).poll_next(context));
        Poll::Ready(page.map(|page| {
            let page = page?;
            self.duplicates += u64::try_from(page.duplicates).unwrap_or(u64::MAX);
            self.items = page.items.into_iter();
            self.places = page.places;
            self.at = at;
            Ok(())
        }))
    }
}

// Items are moved out of the buffer, and never pinned in it.
impl<T> Unpin for Items<T> {}
impl<T> Unpin for Pages<T> {}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.next_buffered() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.poll_page(context)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buffered = self.items.len();
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("buffered", &buffered)
            .finish()
    }
}
