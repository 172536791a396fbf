//! Lists as iterators.

use std::iter::FusedIterator;
use std::sync::Arc;

use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::runtime::Runtime;
use crate::error::Error;
use crate::page::{BadItem, Cursor, Page};

/// A list of the service, not yet read; see [`List`](crate::List).
///
/// ```no_run
/// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
/// for task in client.tasks().list().page_size(100).items() {
///     println!("{:?}", task?.alias);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a list reads nothing until it is iterated or collected"]
pub struct List<T> {
    list: crate::List<T>,
    runtime: Arc<Runtime>,
}

impl<T: Send + 'static> List<T> {
    pub(super) fn new(list: crate::List<T>, runtime: Arc<Runtime>) -> Self {
        Self { list, runtime }
    }

    fn change(self, change: impl FnOnce(crate::List<T>) -> crate::List<T>) -> Self {
        Self {
            list: change(self.list),
            runtime: self.runtime,
        }
    }

    /// How many items a page holds at most; see [`List::page_size`](crate::List::page_size).
    pub fn page_size(self, items: u32) -> Self {
        self.change(|list| list.page_size(items))
    }

    /// Ends after so many items; see [`List::limit`](crate::List::limit).
    pub fn limit(self, items: u64) -> Self {
        self.change(|list| list.limit(items))
    }

    /// Goes on from a cursor; see [`List::start_at`](crate::List::start_at).
    pub fn start_at(self, cursor: Cursor) -> Self {
        self.change(|list| list.start_at(cursor))
    }

    /// Whether the next page is fetched while this one is consumed; see [`List::prefetch`](crate::List::prefetch).
    pub fn prefetch(self, ahead: bool) -> Self {
        self.change(|list| list.prefetch(ahead))
    }

    /// How many pages are fetched at once; see [`List::concurrency`](crate::List::concurrency).
    pub fn concurrency(self, pages: usize) -> Self {
        self.change(|list| list.concurrency(pages))
    }

    /// Leaves out items that cannot be read; see [`List::skip_bad_items`](crate::List::skip_bad_items).
    pub fn skip_bad_items(self, report: impl Fn(&BadItem) + Send + Sync + 'static) -> Self
    where
        T: DeserializeOwned,
    {
        self.change(|list| list.skip_bad_items(report))
    }

    /// The items, page after page; see [`List::items`](crate::List::items).
    pub fn items(self) -> Items<T> {
        Items {
            items: self.list.items(),
            runtime: self.runtime,
            is_over: false,
        }
    }

    /// The pages; see [`List::pages`](crate::List::pages).
    pub fn pages(self) -> Pages<T> {
        Pages {
            pages: self.list.pages(),
            runtime: self.runtime,
            is_over: false,
        }
    }

    /// The page at a cursor; see [`List::page_at`](crate::List::page_at).
    ///
    /// # Errors
    /// If the call fails, or the page says that the list is broken.
    pub fn page_at(self, cursor: Cursor) -> Result<Page<T>, Error> {
        self.start_at(cursor).page()
    }

    /// One page, from where the list starts.
    ///
    /// # Errors
    /// If the call fails, or the page says that the list is broken.
    pub fn page(self) -> Result<Page<T>, Error> {
        self.runtime.wait(self.list.page())
    }

    /// All items.
    ///
    /// # Errors
    /// If a call fails, or the list is not complete.
    pub fn all(self) -> Result<Vec<T>, Error> {
        self.runtime.wait(self.list.all())
    }
}

/// The items of a list, as an iterator. After an error that may pass ([`Error::is_retryable`]) it goes on where it was; any
/// other ends it.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct Items<T> {
    items: crate::Items<T>,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl<T: Send + 'static> Items<T> {
    /// How many items were left out until now because they came twice; see [`Items::repeated`](crate::Items::repeated).
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.items.repeated()
    }

    /// The place after the last item that was delivered; none at the end of the list.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.items.cursor()
    }
}

impl<T: Send + 'static> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // What is here already needs no runtime.
        if let Some(item) = self.items.next_buffered() {
            return Some(Ok(item));
        }
        next(&self.runtime, &mut self.items, &mut self.is_over)
    }
}

impl<T: Send + 'static> FusedIterator for Items<T> {}

/// The pages of a list, as an iterator. After an error that may pass ([`Error::is_retryable`]) it goes on where it was; any
/// other ends it.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct Pages<T> {
    pages: crate::Pages<T>,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl<T: Send + 'static> Pages<T> {
    /// Where the list goes on after the pages that were delivered; none at its end.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.pages.cursor()
    }
}

impl<T: Send + 'static> Iterator for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        next(&self.runtime, &mut self.pages, &mut self.is_over)
    }
}

impl<T: Send + 'static> FusedIterator for Pages<T> {}

/// The next element of a stream. An error that is not the stream's own would come again and again, so it ends the iterator.
pub(super) fn next<T, S>(runtime: &Runtime, stream: &mut S, is_over: &mut bool) -> Option<S::Item>
where
    S: futures_core::Stream<Item = Result<T, Error>> + Unpin,
{
    if *is_over {
        return None;
    }
    match runtime.wait(async { Ok(stream.next().await) }) {
        Ok(next) => {
            *is_over = next.is_none();
            next
        }
        Err(error) => {
            *is_over = true;
            Some(Err(error))
        }
    }
}
