//! Whose line is whose: lines of one tenant, as far as that is known for sure.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Line, Place};
use crate::health::{FixedMap, ReconcilePolicy, normalized};

/// The tenant of some lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Party {
    /// Known by an id.
    Id(String),
    /// Known by a name only.
    Name(String),
    /// Lines that name nobody, each by itself.
    Nobody(Place),
}

/// The lines of one tenant.
#[derive(Debug)]
pub(super) struct PartyLines {
    pub(super) party: Party,
    /// The name to show.
    pub(super) name: Option<String>,
    pub(super) lines: Vec<Line>,
    /// Why whose lines these are is not known for sure.
    pub(super) problem: Option<String>,
    /// What it may be.
    pub(super) suggestions: Vec<String>,
}

/// Groups lines by tenant.
pub(super) fn parties(lines: Vec<Line>, policy: &ReconcilePolicy) -> Vec<PartyLines> {
    let mut parties: BTreeMap<Party, Vec<Line>> = BTreeMap::new();
    for line in lines {
        let party = match (&line.id, &line.name) {
            (Some(id), _) => Party::Id(id.clone()),
            (None, Some(name)) => Party::Name(normalized(name).into_owned()),
            (None, None) => Party::Nobody(line.place),
        };
        parties.entry(party).or_default().push(line);
    }
    let names = Names::new(&parties);
    let judged = parties.into_iter().map(|(party, lines)| {
        let names_of = lines.iter().filter_map(|line| line.name.as_deref());
        let name = names_of.min().map(str::to_owned);
        let suggestions = names.alike(&party, &lines);
        let problem = problem(&party, &lines, &suggestions, policy);
        PartyLines {
            party,
            name,
            suggestions: suggestions
                .into_iter()
                .filter(|_| problem.is_some())
                .collect(),
            lines,
            problem,
        }
    });
    judged.collect()
}

fn problem(
    party: &Party,
    lines: &[Line],
    suggestions: &[String],
    policy: &ReconcilePolicy,
) -> Option<String> {
    let bills: BTreeSet<usize> = lines.iter().filter_map(bill_of).collect();
    if bills.len() > 1 {
        let what =
            "bills are of one tenant and period, so which of them a row belongs to is not known";
        return Some(format!("{} {what}", bills.len()));
    }
    match party {
        Party::Nobody(_) => Some("it has neither an id nor a name".to_owned()),
        Party::Name(_) if !policy.trust_names => {
            let what = "it has a name and no id, and names repeat: list the name in the policy's `reconcile.tenants`, or set `reconcile.trust_names`";
            Some(what.to_owned())
        }
        _ if !suggestions.is_empty() => Some(
            "the other side has it under no name or id that is known to be the same".to_owned(),
        ),
        _ => None,
    }
}

fn bill_of(line: &Line) -> Option<usize> {
    match line.place {
        Place::Bill(own) => Some(own.bill),
        Place::Row(_) => None,
    }
}

/// Which sides have lines of a tenant.
fn sides<'a>(lines: impl IntoIterator<Item = &'a Line>) -> (bool, bool) {
    let mut sides = (false, false);
    for line in lines {
        match line.place {
            Place::Bill(_) => sides.0 = true,
            Place::Row(_) => sides.1 = true,
        }
    }
    sides
}

/// The tenants that are on one side only, by what their names have in common.
struct Names(FixedMap<String, Vec<OneSided>>);

/// A tenant that is on one side only, with that side and the name to show.
type OneSided = (Party, (bool, bool), String);

impl Names {
    fn new(parties: &BTreeMap<Party, Vec<Line>>) -> Self {
        let mut names: FixedMap<String, Vec<_>> = FixedMap::default();
        for (party, lines) in parties {
            let own = sides(lines);
            if own == (true, true) {
                continue;
            }
            let all: BTreeSet<&str> = lines.iter().filter_map(|it| it.name.as_deref()).collect();
            for name in all {
                let shown = match party {
                    Party::Id(id) => format!("{name} ({id})"),
                    _ => name.to_owned(),
                };
                let entry = (party.clone(), own, shown);
                names.entry(stem(name)).or_default().push(entry);
            }
        }
        Self(names)
    }

    /// The tenants of the other side with a name like those of the lines.
    fn alike(&self, party: &Party, lines: &[Line]) -> Vec<String> {
        let own = sides(lines);
        if own == (true, true) {
            return Vec::new();
        }
        let names: BTreeSet<String> = lines
            .iter()
            .filter_map(|it| it.name.as_deref())
            .map(stem)
            .collect();
        let alike = names.iter().filter_map(|name| self.0.get(name)).flatten();
        // Two ids are two tenants, whatever their names are.
        let is_id = |other: &Party| matches!((party, other), (Party::Id(_), Party::Id(_)));
        let others = alike.filter(|(other, sides, _)| *sides != own && !is_id(other));
        let others: BTreeSet<&String> = others.map(|(_, _, shown)| shown).collect();
        others.into_iter().cloned().collect()
    }
}

/// What a name keeps without the number that the portal appends, without case and punctuation.
fn stem(name: &str) -> String {
    let name = normalized(name);
    let name = name.trim_end_matches(|it: char| it.is_ascii_digit() || it.is_whitespace());
    let kept: String = name.chars().filter(|it| it.is_alphanumeric()).collect();
    if kept.is_empty() {
        normalized(name).into_owned()
    } else {
        kept
    }
}
