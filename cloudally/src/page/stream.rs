//! Lists as streams of pages and of items.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::advance::{Place, Progress};
use super::ahead::Ahead;
use super::{Cursor, List, Page};
use crate::error::Error;

/// A page that fails so often in a row, after all the attempts of each call, ends the stream: whoever passes over errors
/// would go on for ever.
const MOST_FAILURES: u32 = 3;

/// The pages of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    list: List<T>,
    /// The page to deliver next; none at the end of the list, and where it is broken.
    next: Option<Cursor>,
    /// Whether nothing more is delivered.
    is_over: bool,
    /// How often in a row the next page failed.
    failures: u32,
    /// How many pages the service said there are, if it pages by number.
    last: Option<u64>,
    /// The pages under way, in order, the first being the next to deliver.
    ahead: VecDeque<Ahead<T>>,
    progress: Progress<T>,
    /// What there is to say after the last page, or before the first.
    last_word: Option<Error>,
}

impl<T: Send + 'static> Pages<T> {
    pub(super) fn new(list: List<T>) -> Self {
        let last_word = list.check().err();
        let is_any = last_word.is_none() && list.limit != Some(0);
        Self {
            next: Some(list.start.clone()),
            is_over: !is_any,
            failures: 0,
            last: None,
            ahead: VecDeque::new(),
            progress: Progress::new(&list.start, list.limit, list.key),
            last_word,
            list,
        }
    }

    /// Where the list goes on after the pages that were delivered, also when a call failed for good; none at its end, and
    /// where it is broken.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Starts what may be fetched now: the next page, and those after it whose numbers are known.
    fn fill(&mut self, most: usize) {
        let Some(next) = &self.next else {
            self.ahead.clear();
            return;
        };
        if self
            .ahead
            .front()
            .is_some_and(|front| !front.cursor.is_page_of(next))
        {
            self.ahead.clear();
        }
        while self.ahead.len() < most {
            let cursor = match self.ahead.back() {
                None => next.clone(),
                Some(back) => match self.last {
                    Some(last) if back.cursor.page < last && back.cursor.token.is_none() => {
                        Cursor {
                            page: back.cursor.page + 1,
                            skip: 0,
                            ..back.cursor.clone()
                        }
                    }
                    _ => return,
                },
            };
            if self.progress.wanted(next).is_some_and(|wanted| {
                let pages = cursor.page.saturating_sub(next.page);
                pages.saturating_mul(u64::from(next.page_size)) >= wanted
            }) {
                return;
            }
            self.ahead.push_back(Ahead::start(&self.list, cursor));
        }
    }
}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(error) = this.last_word.take() {
            return Poll::Ready(Some(Err(error)));
        }
        if this.is_over {
            return Poll::Ready(None);
        }
        this.fill(this.list.concurrency);
        let (Some(at), Some(front)) = (this.next.clone(), this.ahead.front_mut()) else {
            return Poll::Ready(None);
        };
        let outcome = ready!(front.poll(context));
        this.ahead.pop_front();
        let fetched = match outcome {
            Ok(fetched) => fetched,
            Err(error) => {
                // What is under way behind it is fetched again, too, in its turn.
                this.ahead.clear();
                this.failures += 1;
                this.is_over = !error.is_retryable() || this.failures >= MOST_FAILURES;
                return Poll::Ready(Some(Err(error)));
            }
        };
        this.failures = 0;
        let by_number = fetched
            .page
            .next_page_token
            .as_ref()
            .is_none_or(String::is_empty);
        let advanced = this.progress.advance(&at, fetched);
        let (page, broken) = match advanced {
            Ok((page, broken)) => (Some(page), broken),
            Err(broken) => (None, Some(broken)),
        };
        this.last_word = broken.map(|broken| broken.error(this.list.operation));
        this.next = page.as_ref().and_then(|page| page.next.clone());
        this.last = this
            .next
            .as_ref()
            .and_then(|next| next.total_pages)
            .filter(|_| by_number);
        if this.list.ahead > 0 {
            this.fill(this.list.concurrency);
        }
        match page {
            Some(page) => {
                this.list.report(&page);
                Poll::Ready(Some(Ok(page)))
            }
            None => Poll::Ready(this.last_word.take().map(Err)),
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("list", &self.list)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// The items of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    buffer: Buffer<T>,
    repeated: u64,
}

/// What is left of the page that is consumed.
struct Buffer<T> {
    items: std::vec::IntoIter<T>,
    places: std::vec::IntoIter<Place>,
    /// Whether an item can be known again by its key.
    has_ids: bool,
    /// Where the page was, and how far it is consumed.
    at: Option<Cursor>,
}

impl<T: Send + 'static> Items<T> {
    pub(super) fn new(pages: Pages<T>) -> Self {
        let buffer = Buffer {
            items: Vec::new().into_iter(),
            places: Vec::new().into_iter(),
            has_ids: false,
            at: None,
        };
        Self {
            pages,
            buffer,
            repeated: 0,
        }
    }

    /// How many items were left out until now because they came twice: something was added to the list while it was read.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// The place after the last item that was delivered, also when a call failed for good; none at the end of the list, and
    /// where it is broken.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        match &self.buffer.at {
            Some(at) if self.buffer.items.len() > 0 => Some(at.clone()),
            _ => self.pages.cursor().cloned(),
        }
    }
}

impl<T> Items<T> {
    /// The next item of the page that is here already.
    #[cfg(feature = "blocking")]
    pub(crate) fn next_buffered(&mut self) -> Option<T> {
        self.buffer.next()
    }
}

impl<T> Buffer<T> {
    fn next(&mut self) -> Option<T> {
        let item = self.items.next()?;
        if let (Some(at), Some(place)) = (&mut self.at, self.places.next()) {
            at.skip = place.position.saturating_add(1);
            at.last = Some(place.key).filter(|_| self.has_ids);
        }
        Some(item)
    }
}

// Items are moved out of the buffer, never pinned in it.
impl<T> Unpin for Items<T> {}
impl<T> Unpin for Pages<T> {}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(item) = this.buffer.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let at = this.pages.cursor().cloned();
            match ready!(Pin::new(&mut this.pages).poll_next(context)) {
                Some(Ok(page)) => {
                    this.buffer = Buffer {
                        items: page.items.into_iter(),
                        places: page.places.into_iter(),
                        has_ids: this.pages.list.key.is_id(),
                        at,
                    };
                    this.repeated += u64::try_from(page.repeated).unwrap_or(u64::MAX);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buffered = self.buffer.items.len();
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("buffered", &buffered)
            .finish()
    }
}
