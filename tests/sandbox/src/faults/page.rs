//! Applies faults to the page of a list.

use std::sync::Arc;

use super::fault::{Fault, ShiftKind};
use super::sequence::{Change, Edit, Sequence};
use super::{Faults, Hit, MAX_EDITS};

/// The faults that apply to a request for a page, and the list changes that earlier requests left
/// behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageFaults {
    faults: Faults,
    operation: &'static str,
    hits: Vec<Hit>,
}

impl PageFaults {
    pub(crate) fn new(faults: Faults, operation: &'static str, hits: Vec<Hit>) -> Self {
        Self {
            faults,
            operation,
            hits,
        }
    }

    pub(crate) fn first_page(&self) -> bool {
        self.hits.iter().any(|hit| hit.fault == Fault::FirstPage)
    }

    pub(crate) fn repeat_token(&self) -> bool {
        self.hits.iter().any(|hit| hit.fault == Fault::RepeatToken)
    }

    /// Returns the `total` to serve: the given one, unless a fault replaces it.
    pub(crate) fn total(&self, total: usize) -> u64 {
        let mut lies = self.hits.iter().filter_map(|hit| match hit.fault {
            Fault::Total(lie) => Some(lie),
            _ => None,
        });
        lies.next_back().map_or_else(
            || u64::try_from(total).unwrap_or(u64::MAX),
            |lie| lie.of(total),
        )
    }

    /// Applies the list changes of this request, and returns the list for the page that begins at
    /// `start`.
    pub(crate) fn sequence(&self, len: usize, start: usize, size: usize) -> Arc<Sequence> {
        let mut rules = self.faults.rules();
        if start == 0 {
            let list = rules.list(self.operation);
            list.retain(|_, edit| !edit.is_of_one_walk());
        }
        for hit in &self.hits {
            if let Some(edit) = edit(&hit.fault, start, size)
                && rules.has(hit.rule)
                && rules.edits(hit.rule) < MAX_EDITS
            {
                rules.list(self.operation).push(hit.rule, edit);
            }
        }
        rules.list(self.operation).sequence(len)
    }
}

impl Edit {
    fn is_of_one_walk(&self) -> bool {
        matches!(self.change, Change::Repeat | Change::Gap)
    }
}

fn edit(fault: &Fault, start: usize, size: usize) -> Option<Edit> {
    match fault {
        Fault::Shift(shift) => {
            let (change, at) = match shift.kind {
                ShiftKind::Insert => (Change::Insert, shift.at),
                ShiftKind::Remove => (Change::Remove, shift.at),
                ShiftKind::Repeat => (Change::Repeat, start),
            };
            Some(Edit {
                change,
                at,
                count: shift.count,
                counted: change != Change::Repeat && !shift.hidden,
            })
        }
        Fault::EmptyPage => Some(Edit {
            change: Change::Gap,
            at: start,
            count: size,
            counted: false,
        }),
        _ => None,
    }
}
