//! Named scenarios: a healthy fleet with one situation each.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use super::Situation;
use super::kind::{Kind, Unit};

const DAY_SECONDS: u64 = 24 * 3600;

/// A row of the table of scenarios.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    /// The situation, or `None` for the scenario in which nothing is wrong.
    kind: Option<Kind>,
    count: usize,
    /// The days after which the situation begins.
    days: u64,
}

const fn row(kind: Kind, count: usize) -> Row {
    later(kind.name(), kind, count, 0)
}

const fn later(name: &'static str, kind: Kind, count: usize, days: u64) -> Row {
    Row {
        name,
        kind: Some(kind),
        count,
        days,
    }
}

/// All scenarios. What a situation is, its [`Kind`] says.
const ROWS: &[Row] = &[
    Row {
        name: "healthy",
        kind: None,
        count: 0,
        days: 0,
    },
    row(Kind::NeverRan, 2),
    row(Kind::Pending, 2),
    row(Kind::Failed, 2),
    row(Kind::Partial, 2),
    row(Kind::Stale, 2),
    row(Kind::Overdue, 2),
    row(Kind::Unexplained, 2),
    row(Kind::Skipped, 2),
    row(Kind::Dormant, 2),
    row(Kind::UnreadableDate, 2),
    row(Kind::DateAhead, 2),
    row(Kind::UnknownWord, 2),
    later("size-drop", Kind::SizeDrop, 2, 4),
    row(Kind::Unproven, 2),
    row(Kind::NoTasks, 2),
    later("vanished", Kind::Vanished, 2, 1),
    row(Kind::Archived, 2),
    later("newly-archived", Kind::Archived, 2, 1),
    row(Kind::Paused, 2),
    later("newly-paused", Kind::Paused, 2, 1),
    row(Kind::EntryWithoutTask, 2),
    row(Kind::EntryWithoutUser, 2),
    row(Kind::TaskWithoutUser, 2),
    row(Kind::Duplicate, 2),
    row(Kind::Tie, 2),
    row(Kind::Running, 2),
    row(Kind::Cancelled, 2),
    row(Kind::Storm, 6),
    row(Kind::StormWithoutLink, 6),
    row(Kind::Incomplete, 1),
    row(Kind::Forbidden, 1),
];

/// A named healthy fleet, most of them with one [`Situation`].
///
/// ```
/// use cloudally_sandbox::Scenario;
///
/// let scenario: Scenario = "never-ran".parse()?;
/// assert!(scenario.description().starts_with("A task was created 90 days ago"));
/// let unknown = "neverran".parse::<Scenario>().unwrap_err();
/// assert!(unknown.to_string().contains("never-ran"));
/// # Ok::<(), cloudally_sandbox::UnknownScenario>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario(&'static Row);

impl Scenario {
    /// Returns all scenarios, beginning with `healthy`.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(Self)
    }

    /// Returns the name, such as `never-ran`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns a sentence about what is wrong, about one of those that it happens to.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self.0.kind {
            Some(kind) => kind.what(),
            None => "Nothing is wrong, and nothing will be.",
        }
    }

    /// Returns how many tasks or users it happens to, or `None` where that has no meaning.
    #[must_use]
    pub fn count(self) -> Option<usize> {
        let kind = self.0.kind?;
        (kind.unit() != Unit::List).then_some(self.0.count)
    }

    /// Returns the days after which it begins; 0 is at the start.
    #[must_use]
    pub fn days(self) -> u64 {
        self.0.days
    }

    /// Returns the situation, or `None` for `healthy`.
    #[must_use]
    pub fn situation(self) -> Option<Situation> {
        let after = Duration::from_secs(self.0.days * DAY_SECONDS);
        let situation = Situation::new(self.0.kind?, self.0.count);
        Some(situation.after(after))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, UnknownScenario> {
        let found = Self::all().find(|scenario| scenario.name() == name);
        found.ok_or_else(|| UnknownScenario {
            name: name.to_owned(),
        })
    }
}

/// There is no scenario of this name.
#[derive(Debug, Error)]
#[error("there is no scenario {name:?}; there are {}", names())]
#[non_exhaustive]
pub struct UnknownScenario {
    /// The given name.
    pub name: String,
}

fn names() -> String {
    let names: Vec<_> = Scenario::all().map(Scenario::name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_situation_is_a_scenario_of_its_own_name() {
        for kind in Kind::ALL {
            let scenario: Scenario = kind.name().parse().unwrap();
            assert_eq!(scenario.0.kind, Some(*kind));
        }
        let names: HashSet<_> = Scenario::all().map(Scenario::name).collect();
        assert_eq!(names.len(), ROWS.len());
    }
}
