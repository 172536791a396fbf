//! Checks each page of a list against those before it, and decides where the list continues.
//! Performs no I/O.

use std::collections::HashSet;

use cloudally_gen::page::Page as RawPage;

use super::cursor::{Cursor, Position};
use super::incomplete::{Incomplete, IncompleteReason, MAX_EMPTY_PAGES};
use super::invalid::InvalidItem;
use super::key::{Key, PageKeys, hash};
use super::page::{Page, Place, drop_flagged};
use crate::response::Response;

/// What must be remembered from page to page. It grows with the number of pages, not of items.
#[derive(Debug)]
pub(super) struct Progress<T> {
    key: Key<T>,
    /// The number of items after which the list is cut off.
    end: Option<u64>,
    /// The hashes of all tokens that were followed and of all pages that were received. A second
    /// time would mean going round in circles.
    tokens: HashSet<u64>,
    pages: HashSet<u64>,
    /// The keys of the last page that was received, if there was one.
    previous: Option<PageKeys>,
    /// The number of empty pages since the last one with items.
    empty_pages: u32,
}

/// What a page reports about the whole list.
struct Reported {
    page: Option<u64>,
    total: Option<u64>,
    total_pages: Option<u64>,
    token: Option<String>,
}

/// The items of a page, before it is decided which of them are delivered.
struct Received<'a> {
    keys: PageKeys,
    invalid: &'a [InvalidItem],
    /// The number of items, the invalid ones included.
    count: u64,
    /// By how many items the list grew since the previous page.
    growth: u64,
}

impl<T> Progress<T> {
    pub(super) fn new(start: &Position, max_items: Option<u64>, key: Key<T>) -> Self {
        let consumed = start.distinct().saturating_add(start.skip);
        Self {
            key,
            end: max_items.map(|max| consumed.saturating_add(max)),
            tokens: start.token.iter().map(hash).collect(),
            pages: HashSet::new(),
            previous: None,
            empty_pages: 0,
        }
    }

    /// Whether the list is cut off before a position.
    pub(super) fn is_cut_off(&self, position: &Position) -> bool {
        let consumed = position.distinct().saturating_add(position.skip);
        self.end.is_some_and(|end| consumed >= end)
    }

    /// The number of items still wanted from the page of a position on, if the list is cut off.
    pub(super) fn wanted(&self, from: &Position) -> Option<u64> {
        self.end.map(|end| end.saturating_sub(from.distinct()))
    }

    /// Takes the page that was received for a position.
    ///
    /// Returns the page without the items that were delivered before, and beside it the reason why
    /// the list is incomplete, if it ends with this page and is.
    pub(super) fn advance(
        &mut self,
        at: &Position,
        response: Response<RawPage<T>>,
        invalid: Vec<InvalidItem>,
    ) -> Result<(Page<T>, Option<Incomplete>), Incomplete> {
        let incomplete = |reason| Incomplete {
            reason,
            counts: at.counts(),
        };
        let Response { value, parts } = response;
        let (reported, mut items) = unwrap_envelope(value).map_err(incomplete)?;
        check_number(at, &reported, items.is_empty()).map_err(incomplete)?;
        self.check_token(&reported).map_err(incomplete)?;

        let received = Received {
            keys: self.key.of_page(&items),
            invalid: &invalid,
            count: length(&items).saturating_add(length(&invalid)),
            growth: growth(at, &reported),
        };
        self.check_growth(at, &received).map_err(incomplete)?;
        let is_repeated = self.is_repeated(&received);
        if is_behind_the_end(at, &reported, &received, is_repeated) {
            return Ok((after_the_end(at, Page::empty(parts)), None));
        }
        let is_duplicate = self.duplicates(&received);
        self.check_repetition(&received, is_repeated, &is_duplicate)
            .map_err(incomplete)?;
        self.check_emptiness(&received).map_err(incomplete)?;

        let mut places = places(&received);
        let skip = self.skip(at, &received.keys, &places);
        let duplicates = count_duplicates(&places, &is_duplicate, at.skip..skip);
        let last = received.keys.keys.len().checked_sub(1);
        let last = last.and_then(|item| received.keys.stored(item));
        let count = received.count;
        let mut next = at.after(&reported, count, duplicates, last);
        // An empty page shifts nothing.
        if count > 0 || self.previous.is_none() {
            self.previous = Some(received.keys);
        }

        let is_last = next.is_after_last(at, count);
        next.is_probe = next.token.is_none() && next.total.or(next.total_pages).is_none();
        let is_enough = self.end.is_some_and(|end| next.distinct() >= end);
        let incomplete = next.check_count(is_last);
        let is_complete = is_last && incomplete.is_none();
        let incomplete = incomplete.filter(|_| !is_enough);
        let is_over = is_last || incomplete.is_some();

        drop_flagged(&mut items, &is_duplicate);
        drop_flagged(&mut places, &is_duplicate);
        let mut page = Page {
            items,
            number: at.page,
            total: next.total,
            total_pages: next.total_pages,
            duplicates: usize::try_from(duplicates).unwrap_or(usize::MAX),
            invalid,
            parts,
            next: (!is_over).then(|| Cursor::from(next)),
            is_complete,
            places,
        };
        if let Some(end) = self.end {
            page.truncate(end.saturating_sub(at.distinct()), at, |item| {
                self.stored(item)
            });
        }
        page.skip_to(skip);
        Ok((page, incomplete))
    }

    /// The hash by which a cursor can store an item of the last page that was received.
    pub(super) fn stored(&self, item: usize) -> Option<u64> {
        self.previous.as_ref()?.stored(item)
    }

    fn check_token(&mut self, reported: &Reported) -> Result<(), IncompleteReason> {
        match &reported.token {
            Some(token) if !self.tokens.insert(hash(token)) => Err(IncompleteReason::RepeatedToken),
            _ => Ok(()),
        }
    }

    /// Items that are added shift others by as many places. Those that are shifted beyond the next
    /// page are not recognised again.
    fn check_growth(&self, at: &Position, received: &Received<'_>) -> Result<(), IncompleteReason> {
        let recognisable = match &self.previous {
            Some(previous) => length(&previous.keys),
            // The last item is recognised by its key anywhere on this page.
            None if at.last.is_some() => u64::from(at.page_size).max(at.skip),
            None => 0,
        };
        match at.total.filter(|_| received.growth > recognisable) {
            Some(from) => Err(IncompleteReason::Grew { from }),
            None => Ok(()),
        }
    }

    /// Whether the same page was received before. A single item without an id can equal another.
    fn is_repeated(&mut self, received: &Received<'_>) -> bool {
        let Received { keys, invalid, .. } = received;
        let keys = &keys.keys;
        let is_telling = keys.len() + invalid.len() > usize::from(!self.key.is_unique());
        let invalid: Vec<_> = invalid
            .iter()
            .map(|item| (item.position, &item.value))
            .collect();
        is_telling && !self.pages.insert(hash(&(keys, invalid)))
    }

    /// Which items were delivered before: of those with ids, the ones on the previous page; of
    /// those without, as many as the list grew by, if this page begins as the previous one ended.
    fn duplicates(&self, received: &Received<'_>) -> Vec<bool> {
        let keys = &received.keys.keys;
        let Some(previous) = &self.previous else {
            return vec![false; keys.len()];
        };
        if self.key.is_unique() {
            return received.keys.on_page(previous);
        }
        let previous = &previous.keys;
        let max_overlap = usize::try_from(received.growth)
            .unwrap_or(usize::MAX)
            .min(keys.len())
            .min(previous.len());
        let overlap = (0..=max_overlap)
            .rev()
            .find(|count| keys[..*count] == previous[previous.len() - count..])
            .unwrap_or(0);
        (0..keys.len()).map(|index| index < overlap).collect()
    }

    /// A list that grew by a whole page repeats that page, and only such a list may.
    fn check_repetition(
        &self,
        received: &Received<'_>,
        is_repeated: bool,
        is_duplicate: &[bool],
    ) -> Result<(), IncompleteReason> {
        let only_duplicates = received.count > 0
            && received.invalid.is_empty()
            && is_duplicate.iter().all(|is_duplicate| *is_duplicate);
        let is_suspicious = is_repeated || only_duplicates && self.key.is_unique();
        if is_suspicious && received.growth < received.count {
            return Err(IncompleteReason::RepeatedPage);
        }
        Ok(())
    }

    fn check_emptiness(&mut self, received: &Received<'_>) -> Result<(), IncompleteReason> {
        self.empty_pages = if received.count == 0 {
            self.empty_pages + 1
        } else {
            0
        };
        if self.empty_pages > MAX_EMPTY_PAGES {
            return Err(IncompleteReason::OnlyEmptyPages);
        }
        Ok(())
    }

    /// Where to continue on the first page: after the last item that was delivered, or at its old
    /// place.
    fn skip(&self, at: &Position, keys: &PageKeys, places: &[Place]) -> u64 {
        let last = at.last.filter(|_| self.previous.is_none());
        let found = last.and_then(|last| {
            let mut places = places.iter().rev();
            places.find(|place| keys.stored(place.item) == Some(last))
        });
        found.map_or(at.skip, |place| place.position.saturating_add(1))
    }
}

fn unwrap_envelope<T>(raw: RawPage<T>) -> Result<(Reported, Vec<T>), IncompleteReason> {
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    let reported = Reported {
        page: number(raw.page),
        total: number(raw.total),
        total_pages: number(raw.total_pages),
        token: raw.next_page_token.filter(|token| !token.is_empty()),
    };
    match raw.data {
        Some(items) => Ok((reported, items)),
        None if reported.total == Some(0) || reported.total_pages == Some(0) => {
            Ok((reported, Vec::new()))
        }
        None => Err(IncompleteReason::NoData),
    }
}

/// A list that pages by token can number its pages as it likes; one that pages by number must send
/// the page that was requested.
fn check_number(
    at: &Position,
    reported: &Reported,
    is_empty: bool,
) -> Result<(), IncompleteReason> {
    match (&at.token, reported.page) {
        (None, Some(received)) if received != at.page && !(received == 0 && is_empty) => {
            Err(IncompleteReason::WrongPage {
                requested: at.page,
                received,
            })
        }
        _ => Ok(()),
    }
}

fn growth(at: &Position, reported: &Reported) -> u64 {
    match (at.total, reported.total) {
        (Some(before), Some(now)) => now.saturating_sub(before),
        _ => 0,
    }
}

/// Whether a page that was requested to find out if it exists does not.
fn is_behind_the_end(
    at: &Position,
    reported: &Reported,
    received: &Received<'_>,
    is_repeated: bool,
) -> bool {
    let reports_nothing =
        reported.token.is_none() && reported.total.or(reported.total_pages).is_none();
    at.is_probe && reports_nothing && (received.count == 0 || is_repeated)
}

fn after_the_end<T>(at: &Position, page: Page<T>) -> Page<T> {
    Page {
        number: at.page,
        total: at.total,
        total_pages: at.total_pages,
        ..page
    }
}

/// Where the valid items were on the page. The invalid ones are between them.
fn places(received: &Received<'_>) -> Vec<Place> {
    // Both are in the order of the page.
    let mut invalid = received.invalid.iter().map(|item| item.position).peekable();
    let positions = (0..).filter(|position| invalid.next_if_eq(position).is_none());
    let places = positions.zip(0..received.keys.keys.len());
    places
        .map(|(position, item)| Place { position, item })
        .collect()
}

/// The number of duplicates. Items that were added before the position at which the list was
/// resumed shifted others beyond it, and those count too.
fn count_duplicates(places: &[Place], is_duplicate: &[bool], shifted: std::ops::Range<u64>) -> u64 {
    let duplicates = places
        .iter()
        .zip(is_duplicate)
        .filter(|(place, duplicate)| **duplicate || shifted.contains(&place.position));
    u64::try_from(duplicates.count()).unwrap_or(u64::MAX)
}

impl Position {
    /// The position after the page that was received for this one.
    fn after(&self, reported: &Reported, count: u64, duplicates: u64, last: Option<u64>) -> Self {
        let shrank = |before: Option<u64>, now: Option<u64>| {
            before.zip(now).filter(|(before, now)| now < before)
        };
        let min_total = [self.min_total, reported.total].into_iter().flatten().min();
        let is_total_known = reported.total.or(self.total).is_some();
        Self {
            page: self.page.saturating_add(1),
            token: reported.token.clone(),
            received: self.received.saturating_add(count),
            duplicates: self.duplicates.saturating_add(duplicates),
            skip: 0,
            // An item without an id leaves nothing to find, and an empty page changes nothing.
            last: if count > 0 { last } else { self.last },
            // What a page does not report stays as the previous page reported it.
            total: reported.total.or(self.total),
            total_pages: reported.total_pages.or(self.total_pages),
            min_total,
            max_total: self.max_total.max(reported.total),
            // Where pages are counted off, by number or within a token, a removed item shifts
            // others onto pages that were read already.
            shrank_from: self
                .shrank_from
                .or(shrank(self.total, reported.total).map(|(before, _)| before)),
            has_fewer_pages: self.has_fewer_pages
                || (!is_total_known && shrank(self.total_pages, reported.total_pages).is_some()),
            is_probe: false,
            ..self.clone()
        }
    }

    /// Whether the list ends before this position, which follows `at` after `count` items. Where
    /// the service reports no end, a full page may not be the last, so this position is requested
    /// to find out.
    fn is_after_last(&self, at: &Self, count: u64) -> bool {
        if self.token.is_some() {
            return false;
        }
        match (self.total_pages, self.total) {
            (Some(pages), _) => pages <= at.page,
            _ if at.token.is_some() => true,
            (None, Some(total)) => count == 0 || self.distinct() >= total,
            (None, None) => count < u64::from(at.page_size),
        }
    }

    /// Whether the items so far fit the total: never too many, and in the end not too few. Items
    /// that were added meanwhile may be among them or not.
    fn check_count(&self, is_end: bool) -> Option<Incomplete> {
        let reason = match (self.shrank_from, self.total) {
            (Some(from), _) if is_end => IncompleteReason::Shrank { from },
            _ if is_end && self.has_fewer_pages => IncompleteReason::FewerPages,
            (_, None) => return None,
            (_, Some(total)) => {
                let min_total = self.min_total.unwrap_or(total);
                let max_total = self.max_total.unwrap_or(total);
                let is_too_few = is_end && (self.distinct() < min_total || self.received < total);
                if !is_too_few && self.distinct() <= max_total {
                    return None;
                }
                IncompleteReason::WrongCount
            }
        };
        let counts = self.counts();
        Some(Incomplete { reason, counts })
    }
}

fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
