//! Whose line is whose: lines of one tenant, as far as that is known for sure.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Line, Place};
use crate::health::{FixedMap, ReconcilePolicy, normalized};

/// How many tenants may have a similar name for it to suggest them.
const MAX_ALIKE: usize = 10;

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
    /// The id, if it is known by one.
    pub(super) id: Option<String>,
    /// The name to show.
    pub(super) name: Option<String>,
    pub(super) lines: Vec<Line>,
    /// Why whose lines these are is not known for sure.
    pub(super) problem: Option<String>,
    /// What it may be.
    pub(super) suggestions: Vec<String>,
}

/// Groups lines by tenant.
pub(super) fn parties(mut lines: Vec<Line>, policy: &ReconcilePolicy) -> Vec<PartyLines> {
    if policy.trust_names {
        adopt_ids(&mut lines);
    }
    let mut parties: BTreeMap<Party, Vec<Line>> = BTreeMap::new();
    for line in lines {
        let party = match (&line.id, &line.name) {
            (Some(id), _) => Party::Id(key(id)),
            (None, Some(name)) => Party::Name(normalized(name).into_owned()),
            (None, None) => Party::Nobody(line.place),
        };
        parties.entry(party).or_default().push(line);
    }
    let names = Names::new(&parties);
    let judged = parties.into_iter().map(|(party, lines)| {
        // One spelling of several, whatever the order of the lines is.
        let least = |of: fn(&Line) -> Option<&String>| lines.iter().filter_map(of).min().cloned();
        let (id, name) = (
            least(|line| line.id.as_ref()),
            least(|line| line.name.as_ref()),
        );
        let mut suggestions = names.alike(&party, &lines);
        let problem = problem(&party, &lines, &suggestions, policy);
        if problem.is_none() {
            suggestions.clear();
        }
        PartyLines {
            id,
            name,
            lines,
            problem,
            suggestions,
        }
    });
    judged.collect()
}

/// An id as it is compared: as it is, but for an address, in which case does not matter.
fn key(id: &str) -> String {
    match id.contains('@') {
        true => normalized(id).into_owned(),
        false => id.trim().to_owned(),
    }
}

/// Gives lines that have only a name the id that others have beside that name, if all have the same.
fn adopt_ids(lines: &mut [Line]) {
    let mut ids: FixedMap<String, Option<String>> = FixedMap::default();
    for line in &*lines {
        let (Some(id), Some(name)) = (&line.id, &line.name) else {
            continue;
        };
        let known = ids
            .entry(normalized(name).into_owned())
            .or_insert_with(|| Some(id.clone()));
        if known.as_ref().is_some_and(|known| key(known) != key(id)) {
            *known = None;
        }
    }
    for line in lines {
        if let (None, Some(name)) = (&line.id, &line.name) {
            line.id = ids.get(&*normalized(name)).cloned().flatten();
        }
    }
}

fn problem(
    party: &Party,
    lines: &[Line],
    suggestions: &[String],
    policy: &ReconcilePolicy,
) -> Option<String> {
    let bills = bills(lines);
    if bills > 1 {
        return Some(format!(
            "{bills} bills of the period have this name or id, so which row belongs to which bill is not known"
        ));
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

/// How many bills the lines are of.
fn bills(lines: &[Line]) -> usize {
    let bills = lines.iter().filter_map(|line| match line.place {
        Place::Bill(own) => Some(own.bill),
        Place::Row(_) => None,
    });
    bills.collect::<BTreeSet<_>>().len()
}

/// The tenants that are not known on the other side, by what their names have in common.
struct Names(FixedMap<String, Vec<Open>>);

/// A tenant that is not known on the other side, or of which several bills are.
#[derive(Debug)]
struct Open {
    party: Party,
    has_bills: bool,
    is_ambiguous: bool,
    /// The name to show.
    shown: String,
}

impl Open {
    fn new(party: &Party, lines: &[Line], shown: String) -> Option<Self> {
        let bills = bills(lines);
        let has_rows = lines.iter().any(|it| matches!(it.place, Place::Row(_)));
        let is_ambiguous = bills > 1;
        (bills == 0 || !has_rows || is_ambiguous).then(|| Self {
            party: party.clone(),
            has_bills: bills > 0,
            is_ambiguous,
            shown,
        })
    }

    /// Whether the other one may be the same tenant.
    fn may_be(&self, other: &Self) -> bool {
        let is_ambiguous = self.is_ambiguous || other.is_ambiguous;
        // Two ids are two tenants, unless which bill an id is of is not known.
        let are_ids = matches!((&self.party, &other.party), (Party::Id(_), Party::Id(_)));
        self.party != other.party && (is_ambiguous || self.has_bills != other.has_bills && !are_ids)
    }
}

impl Names {
    fn new(parties: &BTreeMap<Party, Vec<Line>>) -> Self {
        let mut names: FixedMap<String, Vec<Open>> = FixedMap::default();
        for (party, lines) in parties {
            let all: BTreeSet<&str> = lines.iter().filter_map(|it| it.name.as_deref()).collect();
            for name in all {
                let id = lines.iter().filter_map(|line| line.id.as_deref()).min();
                let shown = match id {
                    Some(id) => format!("{name} ({id})"),
                    None => name.to_owned(),
                };
                let open = Open::new(party, lines, shown);
                names.entry(stem(name)).or_default().extend(open);
            }
        }
        Self(names)
    }

    /// The tenants with a name like those of the lines that may be the same.
    fn alike(&self, party: &Party, lines: &[Line]) -> Vec<String> {
        let Some(own) = Open::new(party, lines, String::new()) else {
            return Vec::new();
        };
        let names = lines.iter().filter_map(|it| it.name.as_deref()).map(stem);
        let names: BTreeSet<String> = names.collect();
        // A name that many have suggests nobody.
        let alike = names.iter().filter_map(|name| self.0.get(name));
        let alike = alike.filter(|open| open.len() <= MAX_ALIKE).flatten();
        let alike = alike
            .filter(|other| own.may_be(other))
            .map(|other| &other.shown);
        alike
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect()
    }
}

/// What a name keeps without the number of five digits that the portal appends, without case and
/// punctuation.
fn stem(name: &str) -> String {
    let name = normalized(name);
    let is_digits = |text: &str| text.len() >= 5 && text.bytes().all(|it| it.is_ascii_digit());
    let without = match name.rsplit_once(' ') {
        Some((before, number)) if is_digits(number) => before,
        _ => &name,
    };
    let kept: String = without.chars().filter(|it| it.is_alphanumeric()).collect();
    if kept.is_empty() {
        return name.into_owned();
    }
    kept
}
