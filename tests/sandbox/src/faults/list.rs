//! The state of a list that rules have changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::RuleId;
use super::sequence::{Edit, Sequence};

/// The number of list lengths that are cached per list. They differ between accounts that see
/// different parts of it.
const MAX_LENGTHS: usize = 16;

/// The changes to the list of one operation, in order.
#[derive(Debug, Default)]
pub(super) struct List {
    edits: Vec<(RuleId, Edit)>,
    /// The resulting sequences, by the length of the unchanged list. They are cached so that a
    /// request costs only the changes that it makes itself.
    made: HashMap<usize, Made>,
}

#[derive(Debug)]
struct Made {
    /// The number of edits that are already applied.
    edits: usize,
    sequence: Arc<Sequence>,
}

impl Made {
    fn new(len: usize) -> Self {
        Self {
            edits: 0,
            sequence: Arc::new(Sequence::new(len)),
        }
    }

    /// Applies the edits that are not yet applied, and returns their number.
    fn catch_up(&mut self, all: &[(RuleId, Edit)]) -> usize {
        let lacking = all.get(self.edits..).unwrap_or_default();
        if !lacking.is_empty() {
            let sequence = Arc::make_mut(&mut self.sequence);
            lacking.iter().for_each(|(_, edit)| sequence.apply(edit));
            self.edits = all.len();
        }
        lacking.len()
    }
}

impl List {
    pub(super) fn push(&mut self, rule: RuleId, edit: Edit) {
        self.edits.push((rule, edit));
    }

    /// Returns the number of changes that a rule made.
    pub(super) fn count(&self, rule: RuleId) -> usize {
        self.edits.iter().filter(|(by, _)| *by == rule).count()
    }

    /// Keeps the changes for which the predicate is true, and reverts all others.
    pub(super) fn retain(&mut self, stays: impl Fn(RuleId, &Edit) -> bool) {
        let before = self.edits.len();
        self.edits.retain(|(rule, edit)| stays(*rule, edit));
        if self.edits.len() < before {
            self.made.clear();
        }
    }

    /// Returns the changed list, for an unchanged list of this length.
    pub(super) fn sequence(&mut self, len: usize) -> Arc<Sequence> {
        if self.made.len() >= MAX_LENGTHS && !self.made.contains_key(&len) {
            self.made.clear();
        }
        let made = self.made.entry(len).or_insert_with(|| Made::new(len));
        made.catch_up(&self.edits);
        Arc::clone(&made.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sequence::Change;
    use super::*;

    fn insert(at: usize) -> Edit {
        Edit {
            change: Change::Insert,
            at,
            count: 1,
            counted: true,
        }
    }

    #[test]
    fn each_change_is_made_once() {
        let mut list = List::default();
        let (mut made, mut changes) = (Made::new(5), 0);
        for at in 0..1_000 {
            list.push(RuleId(1), insert(at % 7));
            changes += made.catch_up(&list.edits);
            changes += made.catch_up(&list.edits);
        }
        assert_eq!((changes, made.sequence.total()), (1_000, 1_005));
        assert_eq!(*list.sequence(5), *made.sequence);
    }

    #[test]
    fn the_same_comes_of_it_whenever_it_is_asked_for() {
        let (mut often, mut once) = (List::default(), List::default());
        for number in 0..60 {
            for list in [&mut often, &mut once] {
                list.push(RuleId(number % 3), insert(3));
                if number % 20 == 0 {
                    list.retain(|rule, _| rule != RuleId(1));
                }
            }
            // More lengths than are cached, and one of them repeatedly.
            often.sequence(usize::try_from(number).unwrap());
            often.sequence(5);
        }
        for len in [0, 5, 30] {
            assert_eq!(often.sequence(len), once.sequence(len), "{len}");
        }
        assert_eq!((often.count(RuleId(1)), often.count(RuleId(2))), (6, 20));
        assert!(often.made.len() <= MAX_LENGTHS);
    }
}
