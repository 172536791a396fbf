//! What a page says of what comes after it, and how a list can be broken. Pure.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use cloudally_gen::operation::Operation;

use super::bad::BadItem;
use super::key::Key;
use super::{Cursor, Fetched, Page};
use crate::error::{Error, ErrorKind};

/// What must be remembered from page to page. It grows with the pages of a list, not with its items.
#[derive(Debug)]
pub(super) struct Progress<T> {
    key: Key<T>,
    /// After how many items of the whole list to end.
    end: Option<u64>,
    /// Every token that was followed: a second time would go round in circles.
    tokens: HashSet<String>,
    /// The keys of the page before, hashed.
    before: HashSet<u64>,
    /// How many items the page before held.
    held: u64,
    hasher: RandomState,
}

/// How a list is broken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    NoData,
    RepeatedToken,
    WrongPage {
        asked: u64,
        got: u64,
    },
    Shrank {
        from: u64,
    },
    Grew {
        from: u64,
    },
    Count {
        total: u64,
        seen: u64,
        repeated: u64,
    },
}

impl Broken {
    pub(super) fn error(self, operation: &Operation<'_>) -> Error {
        let what = match self {
            Self::NoData => "a page came without `data`".to_owned(),
            Self::RepeatedToken => {
                "the service repeated a page token, so the list would never end".to_owned()
            }
            Self::WrongPage { asked, got } => {
                format!("page {asked} was asked for, and page {got} came")
            }
            Self::Shrank { from } => format!(
                "it held {from} items when it was begun and fewer when it ended, so that some may have been passed over"
            ),
            Self::Grew { from } => format!(
                "so much was added to its {from} items since the page before that some of them would come twice"
            ),
            Self::Count {
                total,
                seen,
                repeated,
            } => format!(
                "the service says that there are {total} items, and its pages held {seen}, {repeated} of them twice"
            ),
        };
        let advice = "read it again from the start";
        Error::new(
            ErrorKind::Incomplete,
            format!("the list is not complete: {what}; {advice}"),
        )
        .operation_id(operation.id)
    }
}

impl<T> Progress<T> {
    pub(super) fn new(start: &Cursor, limit: Option<u64>, key: Key<T>) -> Self {
        let consumed = start.distinct().saturating_add(start.skip);
        Self {
            key,
            end: limit.map(|limit| consumed.saturating_add(limit)),
            tokens: start.token.iter().cloned().collect(),
            before: HashSet::new(),
            held: 0,
            hasher: RandomState::new(),
        }
    }

    /// The page that came for a cursor, without what was consumed or seen before; beside it, what is wrong with a list that
    /// ends with it.
    pub(super) fn advance(
        &mut self,
        at: &Cursor,
        fetched: Fetched<T>,
    ) -> Result<(Page<T>, Option<Broken>), Broken> {
        let Fetched {
            page: raw,
            bad,
            head,
        } = fetched;
        let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let (said, total_pages, total) =
            (count(raw.page), count(raw.total_pages), count(raw.total));
        let is_empty_list = total == Some(0) || total_pages == Some(0);
        let items = match raw.data {
            Some(items) => items,
            None if is_empty_list => Vec::new(),
            None => return Err(Broken::NoData),
        };
        // A list that pages by token may number as it likes; one that pages by number must give the page asked for.
        if let (None, Some(got)) = (&at.token, said)
            && got != at.page
            && !(got == 0 && items.is_empty())
        {
            return Err(Broken::WrongPage {
                asked: at.page,
                got,
            });
        }
        let token = raw.next_page_token.filter(|token| !token.is_empty());
        if let Some(token) = &token
            && !self.tokens.insert(token.clone())
        {
            return Err(Broken::RepeatedToken);
        }

        let came = length(&items).saturating_add(length(&bad));
        // What is added moves others on by as much. Those that it moves beyond the next page are not known again.
        let known = std::mem::replace(&mut self.held, came).max(at.skip);
        if let (Some(from), Some(now)) = (at.total, total)
            && now.saturating_sub(from) > known
        {
            return Err(Broken::Grew { from });
        }
        let (items, positions) = self.new_items(items, &bad);
        let repeated = came - length(&items) - length(&bad);
        let next = Cursor {
            page: at.page.saturating_add(1),
            token,
            seen: at.seen.saturating_add(came),
            repeated: at.repeated.saturating_add(repeated),
            skip: 0,
            // What a page leaves out is as the page before said.
            total: total.or(at.total),
            total_pages: total_pages.or(at.total_pages),
            // Where pages are counted off, be it by number or within a token, what is taken away moves others onto pages that were
            // read already.
            shrank_from: at.shrank_from.or(match (at.total, total) {
                (Some(before), Some(now)) if now < before => Some(before),
                _ => None,
            }),
            first_total: at.first_total.or(at.total).or(total),
            ..at.clone()
        };
        let is_last = next.token.is_none() && next.total_pages.unwrap_or(0) <= at.page;
        let is_enough = self.end.is_some_and(|end| next.distinct() >= end);
        let broken = if is_enough {
            None
        } else {
            next.miscount(is_last)
        };
        let ends = is_last || is_enough || broken.is_some();
        let mut page = Page {
            items,
            number: at.page,
            total: next.total,
            repeated: usize::try_from(repeated).unwrap_or(usize::MAX),
            bad,
            head,
            next: (!ends).then_some(next),
            positions,
        };
        if let Some(end) = self.end {
            page.truncate(end.saturating_sub(at.distinct()));
        }
        page.skip(at.skip);
        Ok((page, broken))
    }

    /// The items that the page before did not hold, and where they were, if some were left out.
    fn new_items(&mut self, items: Vec<T>, bad: &[BadItem]) -> (Vec<T>, Option<Vec<u64>>) {
        let keys: Vec<_> = items.iter().map(|item| self.hash(item)).collect();
        let before = std::mem::replace(&mut self.before, keys.iter().flatten().copied().collect());
        let is_new = |key: &Option<u64>| key.is_none_or(|key| !before.contains(&key));
        if bad.is_empty() && keys.iter().all(is_new) {
            return (items, None);
        }
        // Both are in the order of the page.
        let mut bad = bad.iter().map(|bad| bad.position).peekable();
        let positions = (0..).filter(|position| bad.next_if_eq(position).is_none());
        let kept = positions
            .zip(items.into_iter().zip(&keys))
            .filter(|(_, (_, key))| is_new(key));
        let (positions, items) = kept.map(|(position, (item, _))| (position, item)).unzip();
        (items, Some(positions))
    }

    fn hash(&self, item: &T) -> Option<u64> {
        let mut hasher = self.hasher.build_hasher();
        let has_key = (self.key)(item, &mut hasher);
        has_key.then(|| hasher.finish())
    }
}

impl Cursor {
    /// How many different items came before its page.
    fn distinct(&self) -> u64 {
        self.seen.saturating_sub(self.repeated)
    }

    /// Whether the items so far don't fit what the service says there are: too many at any time, too few at the end. What moved repeated items on
    /// was added while the list was read, and the service counts it, or not yet.
    fn miscount(&self, is_end: bool) -> Option<Broken> {
        if let Some(from) = self.shrank_from.filter(|_| is_end) {
            return Some(Broken::Shrank { from });
        }
        let total = self.total?;
        let first = self.first_total.unwrap_or(total);
        // What was there from the start must have come, unless nothing changed and the list holds some items twice.
        let is_still = total == first && total == self.seen;
        let fits = if is_end {
            (self.distinct()..=self.seen).contains(&total) && (is_still || self.distinct() >= first)
        } else {
            self.distinct() <= total
        };
        (!fits).then_some(Broken::Count {
            total,
            seen: self.seen,
            repeated: self.repeated,
        })
    }
}

impl<T> Page<T> {
    /// Keeps so many items, the bad ones among them.
    fn truncate(&mut self, items: u64) {
        let items = usize::try_from(items).unwrap_or(usize::MAX);
        let Some(positions) = &self.positions else {
            self.items.truncate(items);
            return;
        };
        let bad = self.bad.iter().map(|bad| bad.position);
        let mut all: Vec<u64> = positions.iter().copied().chain(bad).collect();
        all.sort_unstable();
        if let Some(end) = all.get(items).copied() {
            let kept = positions.partition_point(|at| *at < end);
            self.items.truncate(kept);
            self.bad.retain(|bad| bad.position < end);
            self.positions = self.positions.take().map(|mut positions| {
                positions.truncate(kept);
                positions
            });
        }
    }

    /// Leaves out the items up to this place on the page.
    fn skip(&mut self, position: u64) {
        if position == 0 {
            return;
        }
        let all = 0..length(&self.items);
        let positions = self.positions.take().unwrap_or_else(|| all.collect());
        let gone = positions.partition_point(|at| *at < position);
        self.items.drain(..gone);
        self.bad.retain(|bad| bad.position >= position);
        self.positions = Some(positions[gone..].to_vec());
    }
}

fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
