//! Says what is to be done about an action that the document has grown out of.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::compare::{Difference, How, Said};
use super::document::Action;
use super::edit::{Edit, take_out};
use super::moves::Moves;
use super::review::{Finding, Kind, places};
use super::{other_count, shape, target};
use crate::pointer::Pointer;

/// An action with all that is known of it.
pub(super) struct Subject<'s> {
    pub(super) action: &'s Action<'s>,
    pub(super) pointer: &'s Pointer,
    pub(super) locations: &'s [Pointer],
    pub(super) vendor: &'s Value,
    /// The document after the action.
    pub(super) document: &'s Value,
    pub(super) moves: &'s Moves,
}

impl Subject<'_> {
    /// `matched` is how many places the target has, or whether it has none and what else is wrong.
    pub(super) fn findings(
        &self,
        matched: Result<usize, (bool, String)>,
        said: &Said,
    ) -> Vec<Finding> {
        if let Some(wrong) = self.wrong(matched) {
            return vec![wrong];
        }
        let mut findings = self.contradictions(&said.differences);
        if !said.renamed.is_empty() {
            findings.push(self.renamed(said));
        }
        if !findings.is_empty() {
            return findings;
        }
        if !said.doubled.is_empty() {
            findings.push(self.doubled(said));
        } else if let Some((kind, what)) = needless(said) {
            let edits = match kind {
                Kind::Needless => vec![Edit::Drop(self.pointer.clone())],
                _ => Vec::new(),
            };
            findings.push(self.finding(kind, what, edits));
        }
        findings
    }

    fn doubled(&self, said: &Said) -> Finding {
        let at: Vec<Pointer> = said.doubled.iter().map(|(at, ..)| at.clone()).collect();
        let what = format!(
            "wrong: the document lists by itself what it adds to {}, so that stands there twice",
            places(&at)
        );
        let edits = said
            .doubled
            .iter()
            .map(|(_, by, new)| match new.is_empty() {
                true => self.dropped(by),
                false => Edit::Set(by.clone(), json!(new)),
            });
        // Of several places, others may need it.
        let edits = match self.locations.len() {
            1 => edits.collect(),
            _ => Vec::new(),
        };
        self.finding(Kind::Doubled, what, edits)
    }

    fn finding(&self, kind: Kind, what: impl Into<String>, edits: Vec<Edit>) -> Finding {
        Finding {
            pointer: self.pointer.clone(),
            subject: self.action.target.to_owned(),
            what: what.into(),
            kind,
            sides: Vec::new(),
            edits,
        }
    }

    /// The edits that let the action name these places.
    fn aimed(&self, places: &[Pointer]) -> Vec<Edit> {
        let targets = target::targets(places, self.document);
        let Some(((first, count), others)) = targets.split_first() else {
            return vec![Edit::Drop(self.pointer.clone())];
        };
        let matches = |count: usize| (count > 1).then(|| json!(count));
        let mut edits = Vec::new();
        if first != self.action.target {
            edits.push(Edit::Set(self.pointer.child("target"), json!(first)));
        }
        let expected = self.action.expected();
        match matches(*count) {
            Some(count) if expected != Some(&count) => {
                edits.push(Edit::Set(self.pointer.child("x-matches"), count));
            }
            None if expected.is_some_and(|expected| *expected != json!(1)) => {
                edits.push(Edit::Set(self.pointer.child("x-matches"), json!(1)));
            }
            _ => {}
        }
        for (target, count) in others {
            let mut copy = self.action.whole();
            if let Value::Object(copy) = &mut copy {
                copy.insert("target".to_owned(), json!(target));
                copy.insert("x-matches".to_owned(), json!(count));
            }
            edits.push(Edit::Last(copy));
        }
        edits
    }

    /// What is wrong with the target, and where what it named is now.
    fn wrong(&self, matched: Result<usize, (bool, String)>) -> Option<Finding> {
        let expected = self.action.expected().and_then(Value::as_u64);
        let what = match matched {
            Err((false, what)) => return Some(self.finding(Kind::Wrong, what, Vec::new())),
            Err((true, what)) => what,
            Ok(count) => {
                let expected = expected.filter(|expected| u64::try_from(count) != Ok(*expected))?;
                other_count(count, &expected.to_string())
            }
        };
        let Some(named) = target::places(self.action.target) else {
            let edit = match self.locations.len() {
                0 => Edit::Drop(self.pointer.clone()),
                count => Edit::Set(self.pointer.child("x-matches"), json!(count)),
            };
            return Some(self.finding(Kind::Wrong, what, vec![edit]));
        };
        let now: Vec<Pointer> = named
            .iter()
            .filter_map(|place| self.moves.place(place, self.document))
            .collect();
        let why = match now.is_empty() {
            true => "what the action is for is gone from the vendor's document",
            false => {
                "what the action is for stands elsewhere in the vendor's document, or is gone in part"
            }
        };
        let mut finding = self.finding(Kind::Wrong, why, self.aimed(&now));
        let short = what.split(':').next().unwrap_or_default();
        finding.subject = format!("{}, which {short}", finding.subject);
        let sides = named
            .iter()
            .map(|place| self.moves.words(place, self.document));
        finding.sides = sides.flatten().collect();
        Some(finding)
    }

    /// A finding for each schema, or other part of the document, of which both speak, and for each
    /// thing that is to be done.
    fn contradictions(&self, all: &[Difference]) -> Vec<Finding> {
        let mut groups: Vec<(Pointer, Settled, Vec<&Difference>)> = Vec::new();
        for difference in all {
            let key = (root(difference), Settled::of(difference));
            match groups
                .iter_mut()
                .find(|(at, how, _)| (at, how) == (&key.0, &key.1))
            {
                Some((_, _, group)) => group.push(difference),
                None => groups.push((key.0, key.1, vec![difference])),
            }
        }
        let yielding = all.iter().filter(|one| Settled::of(one) == Settled::Vendor);
        let yielding: BTreeSet<&Pointer> = yielding.map(|one| &one.location).collect();
        let findings = groups.into_iter().map(|(at, settled, group)| {
            let edits = match settled {
                Settled::Noted => Vec::new(),
                Settled::Moved => self.moved(&group),
                Settled::Ours => self.removals(&group),
                Settled::Vendor if yielding.len() < self.locations.len() => {
                    let others = self
                        .locations
                        .iter()
                        .filter(|place| !yielding.contains(place));
                    self.aimed(&others.cloned().collect::<Vec<_>>())
                }
                Settled::Vendor => group.iter().flat_map(|one| self.yielded(one)).collect(),
            };
            let kind = match settled {
                Settled::Noted => Kind::Differs,
                _ => Kind::Contradicted,
            };
            let mut finding = self.finding(kind, settled.words(), edits);
            finding.subject = at.to_string();
            finding.sides = group.iter().map(|one| side(one)).collect();
            finding
        });
        findings.collect()
    }

    /// The edits by which the action is for what a reference leads to.
    fn moved(&self, group: &[&Difference]) -> Vec<Edit> {
        let named = |place: &Pointer| match group.iter().any(|one| one.location == *place) {
            true => place.named(self.document),
            false => place.clone(),
        };
        let places: Vec<Pointer> = self.locations.iter().map(named).collect();
        self.aimed(&places)
    }

    /// The edits by which the vendor has the last word on the only place that the action is for.
    fn yielded(&self, difference: &Difference) -> Vec<Edit> {
        let update = self.pointer.child("update");
        if let Some(schema) = &difference.schema {
            let source = json!("The vendor document describes this body.");
            let mut edits = vec![
                Edit::Set(difference.by.clone(), schema.clone()),
                Edit::Set(self.pointer.child("x-evidence"), json!("spec")),
                Edit::Set(self.pointer.child("x-source"), source),
            ];
            let has_grade = self
                .action
                .update
                .is_some_and(|update| update.get("x-evidence").is_some());
            if has_grade {
                edits.push(Edit::Set(update.child("x-evidence"), json!("spec")));
            }
            return edits;
        }
        vec![self.dropped(&difference.by)]
    }

    /// The edit that takes a part of the action out. An action that would have nothing left to say
    /// goes as a whole.
    fn dropped(&self, by: &Pointer) -> Edit {
        let update = self.pointer.child("update");
        let rest = |above: &Pointer| {
            let place = above.as_str().strip_prefix(update.as_str())?;
            let members = self.action.update?.pointer(place)?.as_object()?.keys();
            Some(members.filter(|key| !key.starts_with("x-")).count())
        };
        let mut drop = by.clone();
        while drop != update && rest(&drop.parent()) == Some(1) {
            drop = drop.parent();
        }
        match drop == update {
            true => Edit::Drop(self.pointer.clone()),
            false => Edit::Drop(drop),
        }
    }

    /// Actions that take out what the vendor says where ours is to stay.
    fn removals(&self, group: &[&Difference]) -> Vec<Edit> {
        let mut nodes = BTreeSet::new();
        let mut parameters = BTreeSet::new();
        for difference in group {
            if difference.how == How::Parameter {
                parameters.extend(difference.at.json_path(self.vendor));
            } else if difference.at != difference.location {
                nodes.insert(difference.at.clone());
            } else {
                // The place that the action is for must stay.
                let there = difference.at.find(self.vendor).and_then(Value::as_object);
                let keys = there.map(shape::keywords).unwrap_or_default();
                nodes.extend(keys.into_iter().map(|key| difference.at.child(key)));
            }
        }
        let nodes: Vec<Pointer> = nodes.into_iter().collect();
        let mut targets = target::targets(&nodes, self.vendor);
        targets.extend(parameters.into_iter().map(|target| (target, 1)));
        let take_out = |(target, count)| take_out(target, count, self.action.grade());
        targets.into_iter().map(take_out).collect()
    }

    /// The vendor has another name for what the action adds to.
    fn renamed(&self, said: &Said) -> Finding {
        let edits = said.renamed.iter().map(|(by, name)| {
            let is_entry = by.parent().as_str().ends_with("/required");
            match is_entry {
                true => Edit::Set(by.clone(), json!(name)),
                false => Edit::Rename(by.clone(), name.clone()),
            }
        });
        let what = "the vendor has renamed what the action adds to";
        let mut finding = self.finding(Kind::Wrong, what, edits.collect());
        let sides = said
            .renamed
            .iter()
            .map(|(by, name)| format!("{by} is called `{name}` now"));
        finding.sides = sides.collect();
        finding
    }
}

/// The schema or the operation that a difference is in.
fn root(difference: &Difference) -> Pointer {
    let keys = difference.at.keys().take(3);
    keys.fold(Pointer::root(), |place, key| place.child(&key))
}

fn side(difference: &Difference) -> String {
    let Difference {
        at,
        ours,
        vendor,
        grade,
        ..
    } = difference;
    format!("{at}: the vendor says {vendor}; the overlay says {ours} ({grade})")
}

/// Who has the last word on a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    /// The overlay, and it has it as it stands.
    Noted,
    /// The overlay, once what the vendor says is taken out.
    Ours,
    Vendor,
    /// There is no difference once the action is for the schema that a reference names.
    Moved,
}

impl Settled {
    fn of(difference: &Difference) -> Self {
        match difference.how {
            How::AtReference => Self::Moved,
            How::Parameter if difference.is_ours() || difference.agrees => Self::Ours,
            How::Mixed if difference.is_ours() => Self::Ours,
            _ if difference.is_ours() => Self::Noted,
            _ => Self::Vendor,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Noted => {
                "the vendor says something else by now than was observed, and what was observed stays"
            }
            Self::Ours => {
                "the vendor describes by now what the overlay describes, and the two cannot be put together: what was observed stays, and the vendor's is taken out before the overlay adds it"
            }
            Self::Vendor => {
                "the vendor describes by now what the overlay had from elsewhere, and says something else: the vendor's stays; grade ours `observed` if the service was seen to differ"
            }
            Self::Moved => {
                "what the action amends is a reference by now, and the action would say it beside that"
            }
        }
    }
}

/// Whether the document says without the action what it says.
fn needless(said: &Said) -> Option<(Kind, String)> {
    let is_idle = said.changed.is_empty();
    let has_news = said
        .changed
        .iter()
        .any(|place| !super::review::is_extension(place));
    if is_idle || !has_news && !said.same.is_empty() {
        let what = "needless: the document says so without it";
        return Some((Kind::Needless, what.to_owned()));
    }
    if said.same.is_empty() {
        return None;
    }
    let what = format!(
        "needless in part: the document says {} without it",
        places(&said.same)
    );
    Some((Kind::Partly, what))
}
