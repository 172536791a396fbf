//! Lists in pages. The end of a list is the server's word, and a list that is not complete is an error.

mod advance;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cloudally_gen::operation::Operation;
use cloudally_gen::page::Page as RawPage;
use futures_core::Stream;
use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use self::advance::{Broken, advance};
use crate::error::Error;

/// How many items a page holds at most, unless said otherwise: what every known client asks for (WIRE: observed).
pub(crate) const PAGE_SIZE: u32 = 500;

type Fetch<T> = Arc<dyn Fn(Cursor) -> BoxFuture<'static, Result<RawPage<T>, Error>> + Send + Sync>;

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
    operation: &'static Operation,
    fetch: Fetch<T>,
    start: Cursor,
}

/// A place in a list: where the next page is. It can be stored, and a list goes on from it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the page, from 1.
    pub(crate) page: u64,
    pub(crate) token: Option<String>,
    pub(crate) page_size: u32,
    /// How many items came before this page.
    pub(crate) seen: u64,
}

impl Cursor {
    pub(crate) fn start(page_size: u32) -> Self {
        Self {
            page: 1,
            token: None,
            page_size,
            seen: 0,
        }
    }

    /// The number to ask for; the first page is asked for without one (WIRE: observed).
    pub(crate) fn number(&self) -> Option<i64> {
        (self.page > 1).then(|| i64::try_from(self.page).unwrap_or(i64::MAX))
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the order of the service.
    pub items: Vec<T>,
    /// The number of the page, from 1.
    pub number: u64,
    /// How many items the list has in all, if the service says so.
    pub total: Option<u64>,
    /// Where the next page is; none after the last.
    pub next: Option<Cursor>,
}

impl<T: Send + 'static> List<T> {
    pub(crate) fn new<F>(operation: &'static Operation, page_size: u32, fetch: F) -> Self
    where
        F: Fn(Cursor) -> BoxFuture<'static, Result<RawPage<T>, Error>> + Send + Sync + 'static,
    {
        Self {
            operation,
            fetch: Arc::new(fetch),
            start: Cursor::start(page_size),
        }
    }

    /// How many items a page holds at most; at least 1. The default is 500.
    pub fn page_size(mut self, items: u32) -> Self {
        self.start.page_size = items.max(1);
        self
    }

    /// Goes on from a cursor of the same list, with its page size.
    pub fn start_at(mut self, cursor: Cursor) -> Self {
        self.start = cursor;
        self
    }

    /// The items, page after page. An error leaves the stream where it is: polled again, it asks for the same page again,
    /// unless the list itself is broken ([`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete)), which ends it.
    pub fn items(self) -> Items<T> {
        Items {
            pages: self.pages(),
            buffer: VecDeque::new(),
        }
    }

    /// The pages. Errors are as in [`items`](Self::items).
    pub fn pages(self) -> Pages<T> {
        Pages {
            list: self.fetch,
            operation: self.operation,
            state: State::At(self.start),
            tokens: HashSet::new(),
        }
    }

    /// One page, from where the list starts.
    ///
    /// # Errors
    /// If the call fails, or the page says that the list is broken.
    pub async fn page(self) -> Result<Page<T>, Error> {
        let raw = (self.fetch)(self.start.clone()).await?;
        advance(&self.start, raw).map_err(|broken| broken.error(self.operation))
    }

    /// All items.
    ///
    /// # Errors
    /// If a call fails, or the list is not complete.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.items().try_collect().await
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

/// The pages of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    operation: &'static Operation,
    list: Fetch<T>,
    state: State<T>,
    /// Every token that was followed: a second time would go round in circles.
    tokens: HashSet<String>,
}

enum State<T> {
    At(Cursor),
    Fetching(Cursor, BoxFuture<'static, Result<RawPage<T>, Error>>),
    Done,
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Done => return Poll::Ready(None),
                State::At(cursor) => {
                    let cursor = cursor.clone();
                    let fetching = (this.list)(cursor.clone());
                    this.state = State::Fetching(cursor, fetching);
                }
                State::Fetching(cursor, fetching) => {
                    let raw = ready!(fetching.as_mut().poll(context));
                    let cursor = cursor.clone();
                    let page = match raw {
                        Ok(raw) => {
                            advance(&cursor, raw).and_then(|page| follow(&mut this.tokens, page))
                        }
                        Err(error) => {
                            this.state = State::At(cursor);
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    this.state = match &page {
                        Ok(Page {
                            next: Some(next), ..
                        }) => State::At(next.clone()),
                        Ok(_) | Err(_) => State::Done,
                    };
                    return Poll::Ready(Some(page.map_err(|broken| broken.error(this.operation))));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}

/// The items of a list, as a stream.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    buffer: VecDeque<T>,
}

// Items are moved out of the buffer, never pinned in it.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.buffer = page.items.into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("buffered", &self.buffer.len())
            .finish()
    }
}

/// Notes the token that leads on; one that was followed before leads in a circle.
fn follow<T>(tokens: &mut HashSet<String>, page: Page<T>) -> Result<Page<T>, Broken> {
    let token = page.next.as_ref().and_then(|next| next.token.clone());
    if token.is_some_and(|token| !tokens.insert(token)) {
        return Err(Broken::RepeatedToken);
    }
    Ok(page)
}

#[cfg(test)]
mod tests;
