//! One page of a list.

use super::cursor::{Cursor, Position};
use super::invalid::InvalidItem;
use crate::response::ResponseParts;

/// One page of a list.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// let page = client.tasks().list().page_size(100).page().await?;
/// println!("{} of {:?} tasks", page.items.len(), page.total);
/// if let Some(next) = page.next {
///     let second = client.tasks().list().resume_from(next).page().await?;
///     println!("and {} more", second.items.len());
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
    /// The number of items in the whole list, if the service reports it.
    pub total: Option<u64>,
    /// The number of pages, if the service reports it.
    pub total_pages: Option<u64>,
    /// How many items were left out because the previous page had them already: something was added
    /// to the list while it was read, and shifted them.
    pub duplicates: usize,
    /// The items that could not be decoded, if the list
    /// [skips](crate::ListRequest::skip_invalid_items) them.
    pub invalid: Vec<InvalidItem>,
    /// The status and headers of the response.
    pub parts: ResponseParts,
    /// The position after the page, or after the last item that `max_items` kept of it.
    ///
    /// It is `None` after the last page, whether or not the list is complete:
    /// [`is_complete`](Self::is_complete) says which.
    pub next: Option<Cursor>,
    /// Whether the list ends with this page and is complete, as far as the service reports its
    /// size.
    ///
    /// It is false while pages follow, where `max_items` cuts the list off, and where the list
    /// turned out to be incomplete, which is the error after this page. A program that stores a
    /// whole list and stops at the page without a [`next`](Self::next) checks it first.
    pub is_complete: bool,
    /// Where on the page the items were, in the order of `items`.
    pub(super) places: Vec<Place>,
}

/// Where on its page an item was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) position: u64,
    /// The number of items before it, without the invalid ones.
    pub(super) item: usize,
}

impl<T> Page<T> {
    /// A page without items, which is the last one of a complete list.
    pub(super) fn empty(parts: ResponseParts) -> Self {
        Self {
            items: Vec::new(),
            number: 1,
            total: None,
            total_pages: None,
            duplicates: 0,
            invalid: Vec::new(),
            parts,
            next: None,
            is_complete: true,
            places: Vec::new(),
        }
    }

    /// The only page of a list of these items.
    #[cfg(feature = "unstable-testing")]
    pub(crate) fn only(items: Vec<T>) -> Self {
        Self {
            total: u64::try_from(items.len()).ok(),
            total_pages: Some(1),
            items,
            ..Self::empty(ResponseParts::default())
        }
    }

    /// Keeps this many items of the page at a position, counting the invalid ones. The next
    /// position is then behind the last of them; `stored` gives the hash of its id.
    pub(super) fn truncate(
        &mut self,
        items: u64,
        at: &Position,
        stored: impl FnOnce(usize) -> Option<u64>,
    ) {
        let items = usize::try_from(items).unwrap_or(usize::MAX);
        let invalid = self.invalid.iter().map(|item| item.position);
        let valid = self.places.iter().map(|place| place.position);
        let mut all: Vec<u64> = valid.chain(invalid).collect();
        all.sort_unstable();
        if let Some(end) = all.get(items).copied() {
            let kept = self.places.partition_point(|place| place.position < end);
            self.items.truncate(kept);
            self.places.truncate(kept);
            self.invalid.retain(|item| item.position < end);
            let last = self.places.last().and_then(|place| stored(place.item));
            let position = Position {
                skip: end,
                last: last.or(at.last),
                ..at.clone()
            };
            self.next = Some(position.into());
            self.is_complete = false;
        }
    }

    /// Drops the items before this position of the page.
    pub(super) fn skip_to(&mut self, position: u64) {
        let dropped = self
            .places
            .partition_point(|place| place.position < position);
        self.items.drain(..dropped);
        self.places.drain(..dropped);
        self.invalid.retain(|item| item.position >= position);
    }
}

/// Drops the items that are flagged. The others stay where they are, because a second copy of a
/// page would take as much memory again.
pub(super) fn drop_flagged<T>(items: &mut Vec<T>, is_flagged: &[bool]) {
    if !is_flagged.contains(&true) {
        return;
    }
    let mut flags = is_flagged.iter();
    items.retain(|_| !flags.next().is_some_and(|is_flagged| *is_flagged));
}
