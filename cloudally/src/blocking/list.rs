//! Lists as iterators.

use std::iter::FusedIterator;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::runtime::Runtime;
use crate::error::Error;
use crate::list::{Cursor, InvalidItem, Page};

/// A request for a list; see [`ListRequest`](crate::ListRequest).
///
/// # Examples
///
/// ```no_run
/// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
/// for task in client.tasks().list().page_size(100).items() {
///     println!("{}", task?.label());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a list is not requested until it is iterated or collected"]
pub struct ListRequest<T> {
    list: crate::ListRequest<T>,
    runtime: Arc<Runtime>,
}

impl<T: Send + 'static> ListRequest<T> {
    pub(super) fn new(list: crate::ListRequest<T>, runtime: Arc<Runtime>) -> Self {
        Self { list, runtime }
    }

    fn change(self, change: impl FnOnce(crate::ListRequest<T>) -> crate::ListRequest<T>) -> Self {
        Self {
            list: change(self.list),
            runtime: self.runtime,
        }
    }

    /// Sets how many items a page has at most; see
    /// [`ListRequest::page_size`](crate::ListRequest::page_size).
    pub fn page_size(self, items: u32) -> Self {
        self.change(|list| list.page_size(items))
    }

    /// Ends the list after this many items; see
    /// [`ListRequest::max_items`](crate::ListRequest::max_items).
    pub fn max_items(self, items: u64) -> Self {
        self.change(|list| list.max_items(items))
    }

    /// Resumes the list from a cursor; see
    /// [`ListRequest::resume_from`](crate::ListRequest::resume_from).
    pub fn resume_from(self, cursor: Cursor) -> Self {
        self.change(|list| list.resume_from(cursor))
    }

    /// Sets whether the next page is fetched while the current one is consumed; see
    /// [`ListRequest::prefetch`](crate::ListRequest::prefetch).
    pub fn prefetch(self, is_prefetched: bool) -> Self {
        self.change(|list| list.prefetch(is_prefetched))
    }

    /// Sets how many pages are fetched at once; see
    /// [`ListRequest::concurrency`](crate::ListRequest::concurrency).
    pub fn concurrency(self, pages: usize) -> Self {
        self.change(|list| list.concurrency(pages))
    }

    /// Bounds the time of the whole list; see
    /// [`ListRequest::deadline`](crate::ListRequest::deadline).
    pub fn deadline(self, deadline: Duration) -> Self {
        self.change(|list| list.deadline(deadline))
    }

    /// Leaves out items that cannot be decoded; see
    /// [`ListRequest::skip_invalid_items`](crate::ListRequest::skip_invalid_items).
    pub fn skip_invalid_items(self, report: impl Fn(&InvalidItem) + Send + Sync + 'static) -> Self
    where
        T: DeserializeOwned,
    {
        self.change(|list| list.skip_invalid_items(report))
    }

    /// Iterates over the items, page after page; see
    /// [`ListRequest::items`](crate::ListRequest::items).
    pub fn items(self) -> Items<T> {
        Items {
            items: self.list.items(),
            runtime: self.runtime,
            is_over: false,
        }
    }

    /// Iterates over the pages; see [`ListRequest::pages`](crate::ListRequest::pages).
    pub fn pages(self) -> Pages<T> {
        Pages {
            pages: self.list.pages(),
            runtime: self.runtime,
            is_over: false,
        }
    }

    /// Reads one page, from where the list starts.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items), and within an asynchronous
    /// runtime.
    pub fn page(self) -> Result<Page<T>, Error> {
        self.runtime.wait(self.list.page())
    }

    /// Reads all items.
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items), and within an asynchronous
    /// runtime.
    pub fn collect(self) -> Result<Vec<T>, Error> {
        self.collect_with_restarts(0)
    }

    /// Reads all items, and reads them again, up to this many times, if the list is incomplete; see
    /// [`Collect::restarts`](crate::Collect::restarts).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// let users = client.users().list().collect_with_restarts(3)?;
    /// println!("{} users", users.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As with [`ListRequest::items`](crate::ListRequest::items), and within an asynchronous
    /// runtime.
    pub fn collect_with_restarts(self, restarts: u32) -> Result<Vec<T>, Error> {
        self.runtime.wait(self.list.collect().restarts(restarts))
    }
}

/// The items of a list, as an iterator.
///
/// After an error that may pass ([`Error::is_retryable`]) it continues where it was; any other ends
/// it.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct Items<T> {
    items: crate::Items<T>,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl<T: Send + 'static> Items<T> {
    /// Returns how many items were left out so far because they were received twice; see
    /// [`Items::duplicates`](crate::Items::duplicates).
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.items.duplicates()
    }

    /// Returns the position after the last item that was delivered; see
    /// [`Items::cursor`](crate::Items::cursor).
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.items.cursor()
    }

    /// Returns whether all items were delivered and the list is complete; see
    /// [`Items::is_complete`](crate::Items::is_complete).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.items.is_complete()
    }
}

impl<T: Send + 'static> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // An item of the current page needs no runtime.
        if let Some(item) = self.items.next_buffered() {
            return Some(Ok(item));
        }
        next(&self.runtime, &mut self.items, &mut self.is_over)
    }
}

impl<T: Send + 'static> FusedIterator for Items<T> {}

/// The pages of a list, as an iterator.
///
/// After an error that may pass ([`Error::is_retryable`]) it continues where it was; any other ends
/// it.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct Pages<T> {
    pages: crate::Pages<T>,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl<T: Send + 'static> Pages<T> {
    /// Returns the position after the pages that were delivered; see
    /// [`Pages::cursor`](crate::Pages::cursor).
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.pages.cursor()
    }

    /// Returns whether the list was read to its end and is complete; see
    /// [`Pages::is_complete`](crate::Pages::is_complete).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.pages.is_complete()
    }
}

impl<T: Send + 'static> Iterator for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        next(&self.runtime, &mut self.pages, &mut self.is_over)
    }
}

impl<T: Send + 'static> FusedIterator for Pages<T> {}

/// The next element of a stream. An error of the runtime would be repeated for ever, so it ends the
/// iterator.
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
