//! Fault rules: which requests fail, and how.

mod answer;
mod check;
mod fault;
mod field;
mod list;
mod page;
mod rule;
mod sequence;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub use check::RuleError;
pub use fault::{Failure, Fault, Shift, Total};
pub use rule::{Rule, Trigger};

pub(crate) use answer::spoil;
use list::List;
pub(crate) use page::PageFaults;
pub(crate) use sequence::{Place, Sequence};

/// The number of changes to lists that are kept per rule. Later ones have no effect.
const MAX_EDITS: usize = 1_000;

/// The fault rules of a sandbox, from [`Sandbox::faults`](crate::Sandbox::faults). Clones share
/// their rules.
///
/// All rules that select a request apply to it, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Rules>>);

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    entries: Vec<Entry>,
    /// The changed lists, by operation.
    lists: HashMap<&'static str, List>,
}

impl Rules {
    fn add(&mut self, rule: Rule) -> RuleId {
        self.last_id += 1;
        let id = RuleId(self.last_id);
        self.entries.push(Entry {
            id,
            rule,
            seen: 0,
            hits: 0,
        });
        id
    }

    fn has(&self, id: RuleId) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }

    fn list(&mut self, operation: &'static str) -> &mut List {
        self.lists.entry(operation).or_default()
    }

    /// Returns the number of changes to lists that a rule made.
    fn edits(&self, id: RuleId) -> usize {
        self.lists.values().map(|list| list.count(id)).sum()
    }
}

#[derive(Debug)]
struct Entry {
    id: RuleId,
    rule: Rule,
    /// The number of requests to the rule's operation since the rule was added.
    seen: u64,
    hits: u64,
}

/// The id of a rule that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub(crate) u64);

/// A fault that applies to a request.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) rule: RuleId,
    pub(crate) fault: Fault,
    after_handling: bool,
}

impl Hit {
    /// Returns true if the request is not carried out because of the fault.
    pub(crate) fn prevents(&self) -> bool {
        let prevents = matches!(self.fault, Fault::Status(_) | Fault::Stall | Fault::Reset);
        prevents && !self.after_handling
    }
}

/// A rule that was added, with its counts, from [`Faults::list`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AddedRule {
    /// The id of the rule.
    pub id: RuleId,
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// The number of requests to the rule's operation since it was added.
    pub seen: u64,
    /// The number of requests that the rule selected.
    pub hits: u64,
}

impl Faults {
    /// Adds a rule, which applies from the next request on.
    ///
    /// # Errors
    ///
    /// Returns a [`RuleError`] if the rule can have no effect; see [`Rule::check`].
    pub fn add(&self, rule: Rule) -> Result<RuleId, RuleError> {
        rule.check()?;
        Ok(self.rules().add(rule))
    }

    /// Adds all rules, or none if one is invalid.
    pub(crate) fn add_all(&self, all: Vec<Rule>) -> Result<Vec<RuleId>, RuleError> {
        all.iter().try_for_each(Rule::check)?;
        let mut rules = self.rules();
        Ok(all.into_iter().map(|rule| rules.add(rule)).collect())
    }

    /// Adds rules that the sandbox itself makes, which need no check.
    pub(crate) fn add_own(&self, all: Vec<Rule>) {
        let mut rules = self.rules();
        for rule in all {
            rules.add(rule);
        }
    }

    /// Removes a rule and reverts its changes to lists. Returns whether there was such a rule.
    pub fn remove(&self, id: RuleId) -> bool {
        let mut rules = self.rules();
        let before = rules.entries.len();
        rules.entries.retain(|entry| entry.id != id);
        for list in rules.lists.values_mut() {
            list.retain(|rule, _| rule != id);
        }
        rules.entries.len() < before
    }

    /// Removes all rules and reverts their changes to lists.
    pub fn clear(&self) {
        let mut rules = self.rules();
        rules.entries.clear();
        rules.lists.clear();
    }

    /// Returns all rules in the order in which they were added.
    #[must_use]
    pub fn list(&self) -> Vec<AddedRule> {
        let rules = self.rules();
        let added = |entry: &Entry| AddedRule {
            id: entry.id,
            rule: entry.rule.clone(),
            seen: entry.seen,
            hits: entry.hits,
        };
        rules.entries.iter().map(added).collect()
    }

    /// Returns the number of requests that a rule selected; 0 for a rule that was removed.
    #[must_use]
    pub fn hits(&self, id: RuleId) -> u64 {
        let rules = self.rules();
        let entry = rules.entries.iter().find(|entry| entry.id == id);
        entry.map_or(0, |entry| entry.hits)
    }

    /// Counts a request, and returns the faults that apply to it, or `None` if there are no rules.
    pub(crate) fn meet(&self, operation: &str) -> Option<Vec<Hit>> {
        let mut rules = self.rules();
        if rules.entries.is_empty() {
            return None;
        }
        let mut hits = Vec::new();
        for entry in &mut rules.entries {
            if !entry.rule.trigger.is_for(operation) {
                continue;
            }
            entry.seen += 1;
            if entry.rule.trigger.picks(entry.seen) {
                entry.hits += 1;
                hits.push(Hit {
                    rule: entry.id,
                    fault: entry.rule.fault.clone(),
                    after_handling: entry.rule.after_handling,
                });
            }
        }
        Some(hits)
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
