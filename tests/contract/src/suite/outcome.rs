//! What came of it.

use std::collections::{BTreeMap, BTreeSet};

use cloudally::{Error, ErrorKind};

use super::asks::Answered;
use super::kind_of;
use crate::drift::Drift;
use crate::setup::status_of;
use crate::spec;

/// An operation's id, and a status of its answer.
pub type Case = (&'static str, u16);

/// What came of all cases that the document has.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// Those that were answered as they should, with what the SDK should make of it.
    pub passed: BTreeSet<Case>,
    /// Those that the account may not see: the service said so, as it may.
    pub refused: BTreeSet<Case>,
    /// What did not hold.
    pub failed: BTreeMap<Case, String>,
    /// How far the answers are from the document.
    pub drift: Drift,
}

impl Outcome {
    /// The cases that the document has and that were not tried: the target cannot be made to answer
    /// so, or there was nothing to ask for.
    #[must_use]
    pub fn not_tried(&self) -> BTreeSet<Case> {
        let is_new = |case: &Case| {
            !self.passed.contains(case)
                && !self.refused.contains(case)
                && !self.failed.contains_key(case)
        };
        documented().into_iter().filter(is_new).collect()
    }

    /// Everything in lines.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = String::new();
        for (what, cases) in [
            ("passed", &self.passed),
            ("refused", &self.refused),
            ("not tried", &self.not_tried()),
        ] {
            text += &format!("{what}: {}\n", names(cases));
        }
        for ((operation, status), why) in &self.failed {
            text += &format!("failed: {operation} {status}: {why}\n");
        }
        text + &self.drift.to_string()
    }

    pub(super) fn settle(&mut self, case: Case, answer: Result<Answered, Error>) {
        let (_, status) = case;
        match (status / 100, answer) {
            (2, Ok(answered)) if answered.status.is_some_and(|came| came != status) => {
                self.fail(case, format!("the status is {:?}", answered.status));
            }
            (2, Ok(answered)) => {
                for (component, value) in &answered.values {
                    self.drift.saw(component, value);
                }
                self.passed.insert(case);
            }
            (_, Ok(_)) => self.fail(case, "it was answered as if all were well"),
            (_, Err(error)) => self.failure(case, &error),
        }
    }

    fn failure(&mut self, case: Case, error: &Error) {
        let (_, status) = case;
        if status_of(error) == Some(status) {
            match kind_of(status) {
                Some(kind) if kind == error.kind() => {
                    self.passed.insert(case);
                }
                Some(kind) => self.fail(case, format!("{kind:?} was expected: {error}")),
                None => self.fail(case, "the suite does not know what to make of this status"),
            }
        } else if error.kind() == ErrorKind::Forbidden {
            // Whoever may not look is not told whether there is something.
            self.refused.insert(case);
        } else {
            self.fail(case, error);
        }
    }

    fn fail(&mut self, case: Case, why: impl ToString) {
        self.failed.insert(case, why.to_string());
    }
}

/// All cases of the document.
#[must_use]
pub fn documented() -> BTreeSet<Case> {
    let operations = spec::operations().into_iter();
    let cases = operations.flat_map(|operation| {
        let statuses = operation.statuses().into_iter();
        statuses.map(move |status| (operation.id, status))
    });
    cases.collect()
}

fn names(cases: &BTreeSet<Case>) -> String {
    let mut by_operation: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (operation, status) in cases {
        by_operation
            .entry(operation)
            .or_default()
            .push(status.to_string());
    }
    let one =
        |(operation, statuses): (&str, Vec<String>)| format!("{operation} {}", statuses.join("/"));
    let all: Vec<_> = by_operation.into_iter().map(one).collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}
