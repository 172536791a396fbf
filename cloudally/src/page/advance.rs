//! What a page says of what comes after it, and whether the list adds up. Pure.

use std::collections::HashSet;

use super::bad::BadItem;
use super::broken::{Broken, How};
use super::key::{Key, hash};
use super::{Cursor, Fetched, Page};

/// How many empty pages may follow one another. A service that goes on like that has lost its way.
pub(super) const MOST_EMPTY: u32 = 100;

/// What must be remembered from page to page. It grows with the pages of a list, not with its items.
#[derive(Debug)]
pub(super) struct Progress<T> {
    key: Key<T>,
    /// After how many items of the whole list to end.
    end: Option<u64>,
    /// Every token that was followed and every page that came, hashed: a second time would go round in circles.
    tokens: HashSet<u64>,
    pages: HashSet<u64>,
    /// The keys of the page before; none before the first.
    before: Option<Vec<u64>>,
    /// How many empty pages came last.
    empty: u32,
}

/// Where on its page an item was, and what it is known by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(super) position: u64,
    pub(super) key: u64,
}

/// What a page says of the whole.
struct Said {
    page: Option<u64>,
    total: Option<u64>,
    total_pages: Option<u64>,
    token: Option<String>,
}

impl<T> Progress<T> {
    pub(super) fn new(start: &Cursor, limit: Option<u64>, key: Key<T>) -> Self {
        let consumed = start.distinct().saturating_add(start.skip);
        Self {
            key,
            end: limit.map(|limit| consumed.saturating_add(limit)),
            tokens: start.token.iter().map(hash).collect(),
            pages: HashSet::new(),
            before: None,
            empty: 0,
        }
    }

    /// How many items are still wanted from a page on, if there is a limit.
    pub(super) fn wanted(&self, from: &Cursor) -> Option<u64> {
        self.end.map(|end| end.saturating_sub(from.distinct()))
    }

    /// The page that came for a cursor, without what was consumed or seen before; beside it, what is wrong with a list that
    /// ends with it.
    pub(super) fn advance(
        &mut self,
        at: &Cursor,
        fetched: Fetched<T>,
    ) -> Result<(Page<T>, Option<Broken>), Broken> {
        let broken = |how| Broken {
            how,
            counts: at.counts(),
        };
        let Fetched {
            page: raw,
            bad,
            head,
        } = fetched;
        let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let said = Said {
            page: count(raw.page),
            total: count(raw.total),
            total_pages: count(raw.total_pages),
            token: raw.next_page_token.filter(|token| !token.is_empty()),
        };
        let items = match raw.data {
            Some(items) => items,
            None if said.total == Some(0) || said.total_pages == Some(0) => Vec::new(),
            None => return Err(broken(How::NoData)),
        };
        // A list that pages by token may number as it likes; one that pages by number must give the page asked for.
        if let (None, Some(got)) = (&at.token, said.page)
            && got != at.page
            && !(got == 0 && items.is_empty())
        {
            let asked = at.page;
            return Err(broken(How::WrongPage { asked, got }));
        }
        if let Some(token) = &said.token
            && !self.tokens.insert(hash(token))
        {
            return Err(broken(How::RepeatedToken));
        }

        let keys: Vec<_> = items.iter().map(|item| self.key.of(item)).collect();
        let came = length(&items).saturating_add(length(&bad));
        let grew = match (at.total, said.total) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => 0,
        };
        // What is added moves others on by as much. Those that it moves beyond the next page are not known again.
        let held = match &self.before {
            Some(before) => length(before),
            // By its key the last item is found again anywhere on this page.
            None if at.last.is_some() => u64::from(at.page_size).max(at.skip),
            None => at.skip,
        };
        if let Some(from) = at.total.filter(|_| grew > held) {
            return Err(broken(How::Grew { from }));
        }
        let is_again = self.is_again(&keys, &bad);
        let says_nothing = said.token.is_none() && said.total.or(said.total_pages).is_none();
        if at.probes && says_nothing && (came == 0 || is_again) {
            return Ok((Page::end(at, head), None));
        }
        let is_repeated = self.repeated(&keys, grew);
        let is_all_repeated =
            came > 0 && bad.is_empty() && is_repeated.iter().all(|repeated| *repeated);
        // A list that grew by a page gives the same page again, and only that.
        if (is_again || is_all_repeated && self.key.is_id()) && grew < came {
            return Err(broken(How::RepeatedPage));
        }
        self.empty = if came == 0 { self.empty + 1 } else { 0 };
        if self.empty > MOST_EMPTY {
            return Err(broken(How::OnlyEmpty));
        }

        let places = places(&keys, &bad);
        let skip = self.skip(at, &places);
        let mut repeated = length_of(is_repeated.iter().filter(|repeated| **repeated));
        // What was added before the place where a list goes on moved these beyond it.
        repeated +=
            length_of(places.iter().zip(&is_repeated).filter(|(place, repeated)| {
                (at.skip..skip).contains(&place.position) && !**repeated
            }));
        let mut next = at.next(
            &said,
            came,
            repeated,
            keys.last().copied().filter(|_| self.key.is_id()),
        );
        // An empty page moves nothing.
        if came > 0 || self.before.is_none() {
            self.before = Some(keys);
        }

        let is_last = next.is_after_last(at, came);
        next.probes = next.token.is_none() && next.total.or(next.total_pages).is_none();
        let is_enough = self.end.is_some_and(|end| next.distinct() >= end);
        let broken = if is_enough {
            None
        } else {
            next.miscount(is_last)
        };
        let ends = is_last || is_enough || broken.is_some();
        let kept = items.into_iter().zip(places).zip(is_repeated);
        let (items, places) = kept
            .filter(|(_, repeated)| !repeated)
            .map(|(item, _)| item)
            .unzip();
        let mut page = Page {
            items,
            number: at.page,
            total: next.total,
            total_pages: next.total_pages,
            repeated: usize::try_from(repeated).unwrap_or(usize::MAX),
            bad,
            head,
            next: (!ends).then_some(next),
            places,
        };
        if let Some(end) = self.end {
            page.truncate(end.saturating_sub(at.distinct()));
        }
        page.skip(skip);
        Ok((page, broken))
    }

    /// Whether the page came before, as it is. One item without an id may be the same as another.
    fn is_again(&mut self, keys: &[u64], bad: &[BadItem]) -> bool {
        let is_telling = keys.len() + bad.len() > usize::from(!self.key.is_id());
        let bad: Vec<_> = bad.iter().map(|bad| (bad.position, &bad.value)).collect();
        is_telling && !self.pages.insert(hash(&(keys, bad)))
    }

    /// Which items came already: of those with ids, the ones of the page before; of those without, as many
    /// as the list grew by, if the page begins as the one before ended.
    fn repeated(&self, keys: &[u64], grew: u64) -> Vec<bool> {
        let before = self.before.as_deref().unwrap_or_default();
        if self.key.is_id() {
            let known: HashSet<u64> = before.iter().copied().collect();
            return keys.iter().map(|key| known.contains(key)).collect();
        }
        let most = usize::try_from(grew)
            .unwrap_or(usize::MAX)
            .min(keys.len())
            .min(before.len());
        let overlap = (0..=most)
            .rev()
            .find(|count| keys[..*count] == before[before.len() - count..])
            .unwrap_or(0);
        (0..keys.len()).map(|at| at < overlap).collect()
    }

    /// The place on the first page where to go on: after the last item that was seen, or else where it was.
    fn skip(&self, at: &Cursor, places: &[Place]) -> u64 {
        let last = at.last.filter(|_| self.before.is_none());
        let found = last.and_then(|last| places.iter().rev().find(|place| place.key == last));
        found.map_or(at.skip, |place| place.position.saturating_add(1))
    }
}

/// Where the items were: bad ones stand between them.
fn places(keys: &[u64], bad: &[BadItem]) -> Vec<Place> {
    // Both are in the order of the page.
    let mut bad = bad.iter().map(|bad| bad.position).peekable();
    let positions = (0..).filter(|position| bad.next_if_eq(position).is_none());
    let places = positions.zip(keys);
    places
        .map(|(position, key)| Place {
            position,
            key: *key,
        })
        .collect()
}

impl Cursor {
    /// The place after a page that came for this one.
    fn next(&self, said: &Said, came: u64, repeated: u64, last: Option<u64>) -> Self {
        let shrank = |before: Option<u64>, now: Option<u64>| {
            before.zip(now).filter(|(before, now)| now < before)
        };
        let least = [self.least, said.total].into_iter().flatten().min();
        let is_total_known = said.total.or(self.total).is_some();
        Self {
            page: self.page.saturating_add(1),
            token: said.token.clone(),
            seen: self.seen.saturating_add(came),
            repeated: self.repeated.saturating_add(repeated),
            skip: 0,
            last: last.or(self.last),
            // What a page leaves out is as the page before said.
            total: said.total.or(self.total),
            total_pages: said.total_pages.or(self.total_pages),
            least,
            most: self.most.max(said.total),
            // Where pages are counted off, be it by number or within a token, what is taken away moves others onto pages that
            // were read already.
            shrank_from: self
                .shrank_from
                .or(shrank(self.total, said.total).map(|(before, _)| before)),
            fewer_pages: self.fewer_pages
                || (!is_total_known && shrank(self.total_pages, said.total_pages).is_some()),
            probes: false,
            ..self.clone()
        }
    }

    /// Whether the list ends before this place, which follows `at` after so many items. Where nothing is said of an end, a page
    /// that is full may not be the last: then this one is asked for to find out.
    fn is_after_last(&self, at: &Self, came: u64) -> bool {
        if self.token.is_some() {
            return false;
        }
        match (self.total_pages, self.total) {
            (Some(pages), _) => pages <= at.page,
            _ if at.token.is_some() => true,
            (None, Some(total)) => came == 0 || self.distinct() >= total,
            (None, None) => came < u64::from(at.page_size),
        }
    }

    /// Whether the items so far don't fit what the service says there are: too many at any time, too few at the end. What
    /// was added meanwhile is among them, or not.
    fn miscount(&self, is_end: bool) -> Option<Broken> {
        let how = match (self.shrank_from, self.total) {
            (Some(from), _) if is_end => How::Shrank { from },
            _ if is_end && self.fewer_pages => How::FewerPages,
            (_, None) => return None,
            (_, Some(total)) => {
                let (least, most) = (self.least.unwrap_or(total), self.most.unwrap_or(total));
                let is_too_few = is_end && (self.distinct() < least || self.seen < total);
                if !is_too_few && self.distinct() <= most {
                    return None;
                }
                How::Count
            }
        };
        let counts = self.counts();
        Some(Broken { how, counts })
    }
}

impl<T> Page<T> {
    /// The page behind the last one, which turned out to be none.
    fn end(at: &Cursor, head: crate::response::Head) -> Self {
        Self {
            items: Vec::new(),
            number: at.page,
            total: at.total,
            total_pages: at.total_pages,
            repeated: 0,
            bad: Vec::new(),
            head,
            next: None,
            places: Vec::new(),
        }
    }

    /// Keeps so many items, the bad ones among them.
    fn truncate(&mut self, items: u64) {
        let items = usize::try_from(items).unwrap_or(usize::MAX);
        let bad = self.bad.iter().map(|bad| bad.position);
        let good = self.places.iter().map(|place| place.position);
        let mut all: Vec<u64> = good.chain(bad).collect();
        all.sort_unstable();
        if let Some(end) = all.get(items).copied() {
            let kept = self.places.partition_point(|place| place.position < end);
            self.items.truncate(kept);
            self.places.truncate(kept);
            self.bad.retain(|bad| bad.position < end);
        }
    }

    /// Leaves out the items up to this place on the page.
    fn skip(&mut self, position: u64) {
        let gone = self
            .places
            .partition_point(|place| place.position < position);
        self.items.drain(..gone);
        self.places.drain(..gone);
        self.bad.retain(|bad| bad.position >= position);
    }
}

fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

fn length_of(items: impl Iterator) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}
