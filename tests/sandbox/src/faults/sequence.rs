//! Models a list that changes while a client pages through it. It works on positions only and
//! performs no I/O.

use std::ops::Range;

/// A change to a list. Its positions refer to the list before the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) change: Change,
    pub(crate) at: usize,
    pub(crate) count: usize,
    /// Whether `total` reflects the change.
    pub(crate) counted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Adds new items.
    Insert,
    /// Removes items.
    Remove,
    /// Repeats the items just before the position.
    Repeat,
    /// Leaves slots of a page empty.
    Gap,
}

/// The content of a slot of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The item at this position of the unchanged list.
    Item(usize),
    /// A new item, counted from 0.
    New(usize),
}

/// The slots of a list, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sequence {
    spans: Vec<Span>,
    total: usize,
    made: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Span {
    Items(Range<usize>),
    New(Range<usize>),
    Gap(usize),
}

impl Span {
    fn len(&self) -> usize {
        match self {
            Self::Items(range) | Self::New(range) => range.len(),
            Self::Gap(len) => *len,
        }
    }

    fn part(&self, range: Range<usize>) -> Self {
        let of = |whole: &Range<usize>| whole.start + range.start..whole.start + range.end;
        match self {
            Self::Items(whole) => Self::Items(of(whole)),
            Self::New(whole) => Self::New(of(whole)),
            Self::Gap(_) => Self::Gap(range.len()),
        }
    }
}

impl Sequence {
    /// Creates the unchanged list.
    pub(crate) fn new(len: usize) -> Self {
        Self {
            spans: vec![Span::Items(0..len)],
            total: len,
            made: 0,
        }
    }

    /// Returns the number of slots.
    pub(crate) fn len(&self) -> usize {
        // Rules may add more slots than `usize` can count.
        let lengths = self.spans.iter().map(Span::len);
        lengths.fold(0, usize::saturating_add)
    }

    /// Returns the `total` that the service reports.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Returns the items in up to `count` slots, from slot `start` on.
    pub(crate) fn places(&self, start: usize, count: usize) -> impl Iterator<Item = Place> {
        self.cut(start, start.saturating_add(count))
            .into_iter()
            .flat_map(|span| match span {
                Span::Items(range) => Places::Items(range),
                Span::New(range) => Places::New(range),
                Span::Gap(_) => Places::Items(0..0),
            })
    }

    pub(crate) fn apply(&mut self, edit: &Edit) {
        let len = self.len();
        let at = edit.at.min(len);
        let (until, between) = match edit.change {
            Change::Insert => {
                let first = self.made;
                self.made = self.made.saturating_add(edit.count);
                (at, vec![Span::New(first..self.made)])
            }
            Change::Remove => (at.saturating_add(edit.count).min(len), Vec::new()),
            Change::Repeat => (at, self.cut(at.saturating_sub(edit.count), at)),
            Change::Gap => (at, vec![Span::Gap(edit.count)]),
        };
        if edit.counted {
            self.total = self
                .total
                .saturating_add(items(&between))
                .saturating_sub(items(&self.cut(at, until)));
        }
        let mut spans = self.cut(0, at);
        spans.extend(between);
        spans.extend(self.cut(until, len));
        self.spans = spans;
    }

    /// Returns the spans between two slots.
    fn cut(&self, start: usize, end: usize) -> Vec<Span> {
        let mut before = 0;
        let mut spans = Vec::new();
        for span in &self.spans {
            let len = span.len();
            let from = start.saturating_sub(before).min(len);
            let to = end.saturating_sub(before).min(len);
            if from < to {
                spans.push(span.part(from..to));
            }
            before = before.saturating_add(len);
        }
        spans
    }
}

fn items(spans: &[Span]) -> usize {
    let of = |span: &Span| match span {
        Span::Gap(_) => 0,
        _ => span.len(),
    };
    spans.iter().map(of).fold(0, usize::saturating_add)
}

enum Places {
    Items(Range<usize>),
    New(Range<usize>),
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        match self {
            Self::Items(range) => range.next().map(Place::Item),
            Self::New(range) => range.next().map(Place::New),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Change::{Gap, Insert, Remove, Repeat};
    use super::*;

    fn edit(change: Change, at: usize, count: usize) -> Edit {
        Edit {
            change,
            at,
            count,
            counted: matches!(change, Insert | Remove),
        }
    }

    fn edited(len: usize, edits: &[Edit]) -> Sequence {
        let mut sequence = Sequence::new(len);
        edits.iter().for_each(|edit| sequence.apply(edit));
        sequence
    }

    /// Returns the items of each page as numbers; new ones start at 100.
    fn pages(sequence: &Sequence, size: usize) -> Vec<Vec<usize>> {
        (0..sequence.len().div_ceil(size))
            .map(|page| {
                sequence
                    .places(page * size, size)
                    .map(|place| match place {
                        Place::Item(at) => at,
                        Place::New(number) => 100 + number,
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn changes_move_what_follows() {
        for (edits, expected, total) in [
            (vec![], vec![vec![0, 1], vec![2, 3], vec![4]], 5),
            (
                vec![edit(Insert, 0, 1)],
                vec![vec![100, 0], vec![1, 2], vec![3, 4]],
                6,
            ),
            (
                vec![edit(Insert, 1, 1), edit(Insert, 2, 1)],
                vec![vec![0, 100], vec![101, 1], vec![2, 3], vec![4]],
                7,
            ),
            (vec![edit(Remove, 0, 1)], vec![vec![1, 2], vec![3, 4]], 4),
            (vec![edit(Remove, 3, 9)], vec![vec![0, 1], vec![2]], 3),
            (
                vec![edit(Repeat, 2, 1)],
                vec![vec![0, 1], vec![1, 2], vec![3, 4]],
                5,
            ),
            (
                vec![edit(Repeat, 0, 1)],
                vec![vec![0, 1], vec![2, 3], vec![4]],
                5,
            ),
            (
                vec![edit(Gap, 2, 2)],
                vec![vec![0, 1], vec![], vec![2, 3], vec![4]],
                5,
            ),
            (
                vec![edit(Gap, 2, 2), edit(Remove, 1, 2), edit(Insert, 99, 1)],
                vec![vec![0], vec![2, 3], vec![4, 100]],
                5,
            ),
        ] {
            let sequence = edited(5, &edits);
            assert_eq!(pages(&sequence, 2), expected, "{edits:?}");
            assert_eq!(sequence.total(), total, "{edits:?}");
        }
    }

    #[test]
    fn absurd_numbers_stay_in_range() {
        let edits = [
            edit(Remove, usize::MAX, usize::MAX),
            edit(Remove, 0, usize::MAX),
        ];
        for change in [Insert, Repeat, Gap] {
            let edits = [
                edit(change, 1, usize::MAX),
                edit(Insert, usize::MAX, usize::MAX),
                edit(change, 2, 3),
            ];
            let sequence = edited(3, &edits);
            assert!(sequence.total() >= 3);
            assert!(sequence.places(0, 4).count() <= 4);
        }
        let sequence = edited(3, &edits);
        assert_eq!((sequence.len(), sequence.total()), (0, 0));
        assert_eq!(sequence.places(usize::MAX, usize::MAX).count(), 0);
    }
}
