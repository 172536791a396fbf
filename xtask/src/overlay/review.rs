//! Finds the actions that a document has grown out of.

use roas_overlay::apply::ApplyErrorKind;
use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;

use super::compare::{Comparison, Said};
use super::document::{Action, Document};
use super::edit::{Draft, Edit};
use super::findings::Subject;
use super::moves::Moves;
use super::reason;
use crate::pointer::Pointer;

/// How many places of one action are named.
const NAMED: usize = 3;

/// An action that the document has grown out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) pointer: Pointer,
    /// What it is about: the target, or the schema of which the vendor speaks too.
    pub(crate) subject: String,
    pub(crate) what: String,
    pub(crate) kind: Kind,
    /// What the vendor and the overlay say, side by side.
    pub(crate) sides: Vec<String>,
    /// What brings the overlay up to date.
    pub(crate) edits: Vec<Edit>,
}

/// How far an action is out of date, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The overlay cannot be applied as it stands.
    Wrong,
    /// The vendor says something else, and what the overlay says cannot stay as it is.
    Contradicted,
    /// The vendor says something else, and the overlay has the last word.
    Differs,
    /// The document lists by itself what the action adds to a list.
    Doubled,
    /// The document says all of it.
    Needless,
    /// The document says some of it.
    Partly,
}

impl Kind {
    /// Whether nothing can be made of the document before the overlay is changed.
    pub(crate) fn stops(self) -> bool {
        matches!(self, Self::Wrong | Self::Contradicted)
    }
}

/// What each action does to a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Review {
    pub(crate) findings: Vec<Finding>,
    /// The places that each action changed.
    changed: Vec<(Pointer, Vec<Pointer>)>,
    /// The document with those actions that can be applied.
    pub(crate) document: Value,
}

impl Review {
    /// The last action that changed what stands at this place.
    pub(crate) fn changed_by(&self, place: &Pointer) -> Option<&Pointer> {
        let is_there = |changed: &Pointer| changed.is_within(place) || place.is_within(changed);
        let mut by = self.changed.iter().rev();
        by.find(|(_, places)| places.iter().any(is_there))
            .map(|(action, _)| action)
    }

    /// Leaves out what was so before, too: that is no news of the document's.
    pub(crate) fn without_old(&mut self, old: &Self) {
        let is_old = |finding: &Finding| {
            matches!(finding.kind, Kind::Partly | Kind::Doubled | Kind::Differs)
                && old.findings.contains(finding)
        };
        self.findings.retain(|finding| !is_old(finding));
        self.findings.sort_by_key(|finding| finding.kind);
    }
}

/// Tries each action on its own.
pub(crate) fn review(document: Value, overlay: &Value, moves: &Moves) -> Review {
    let (overlay, names) = Draft::of(overlay).overlay();
    Review {
        // It is made once more, beside this.
        document: Value::Null,
        ..reviewed(document, &overlay, &names, moves)
    }
}

/// The same for an overlay under edit: `names` says which of the actions that were read each is.
pub(super) fn reviewed(
    mut document: Value,
    overlay: &Value,
    names: &[Option<Pointer>],
    moves: &Moves,
) -> Review {
    let mut review = Review::default();
    let Ok(overlay) = Document::read(overlay.clone()) else {
        return review;
    };
    let vendor = document.clone();
    let own = own(&overlay);
    for (index, action) in overlay.actions().iter().enumerate() {
        let Some(Some(pointer)) = names.get(index) else {
            // What an edit brought in is not judged.
            let _ = overlay.apply_one(index, &mut document);
            continue;
        };
        let (locations, said) = said(action, pointer, [&vendor, &document, &own], moves);
        let matched = match overlay.apply_one(index, &mut document) {
            Ok(outcome) => Ok(outcome.actions.first().map_or(0, |done| done.matched)),
            Err(error) => Err(&error.kind).map_err(|kind| (is_gone(kind), reason(kind))),
        };
        let subject = Subject {
            action,
            pointer,
            locations: &locations,
            vendor: &vendor,
            document: &document,
            moves,
        };
        review.findings.extend(subject.findings(matched, &said));
        review.changed.push((pointer.clone(), said.changed));
    }
    review.document = document;
    review
}

/// The components that the overlay adds, on their own.
fn own(overlay: &Document) -> Value {
    let mut schemas = Map::new();
    for action in overlay.actions() {
        let added = match action.target {
            "$.components.schemas" => action.update,
            "$.components" => action.update.and_then(|update| update.get("schemas")),
            _ => None,
        };
        for (name, schema) in added.and_then(Value::as_object).into_iter().flatten() {
            schemas
                .entry(name.clone())
                .or_insert_with(|| schema.clone());
        }
    }
    json!({"components": {"schemas": schemas}})
}

fn is_gone(kind: &ApplyErrorKind) -> bool {
    matches!(kind, ApplyErrorKind::ZeroMatch)
}

fn said(
    action: &Action<'_>,
    pointer: &Pointer,
    [vendor, document, own]: [&Value; 3],
    moves: &Moves,
) -> (Vec<Pointer>, Said) {
    let mut comparison = Comparison {
        vendor,
        document,
        own,
        moves,
        said: Said::default(),
    };
    let Ok(path) = JsonPath::parse(action.target) else {
        return (Vec::new(), comparison.said);
    };
    let nodes = path.query_located(document);
    let locations: Vec<Pointer> = nodes
        .iter()
        .map(|node| Pointer::parse(&node.location().to_json_pointer()))
        .collect();
    for location in &locations {
        match action.update {
            Some(update) if !action.removes => {
                comparison.update(update, location, pointer.child("update"), action.grade());
            }
            _ => comparison.said.changed.push(location.clone()),
        }
    }
    (locations, comparison.said)
}

/// Whether the place is an extension, or lies in one.
pub(super) fn is_extension(place: &Pointer) -> bool {
    place.as_str().contains("/x-")
}

pub(super) fn places(all: &[Pointer]) -> String {
    let shown: Vec<String> = all.iter().take(NAMED).map(Pointer::to_string).collect();
    let rest = all.len() - shown.len();
    let more = if rest == 0 {
        String::new()
    } else {
        format!(" and {rest} more")
    };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reviewed(document: Value, actions: Value) -> Vec<(String, String, Kind)> {
        let overlay =
            json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions});
        review(document, &overlay, &Moves::default())
            .findings
            .into_iter()
            .map(|finding| {
                (
                    finding.pointer.as_str().to_owned(),
                    finding.what,
                    finding.kind,
                )
            })
            .collect()
    }

    #[test]
    fn every_action_that_is_wrong_or_needless_is_named() {
        let found = reviewed(
            json!({"info": {"title": "T"}}),
            json!([
                {"target": "$.info", "update": {"title": "T"}},
                {"target": "$.gone", "update": {"x": 1}},
                {"target": "$['info', 'gone']", "x-matches": 2, "update": {"y": 1}},
                {"target": "$.info", "update": {"z": 1}},
            ]),
        );
        let words: Vec<_> = found
            .iter()
            .map(|(pointer, _, kind)| (pointer.as_str(), *kind))
            .collect();
        assert_eq!(
            words,
            [
                ("/actions/0", Kind::Needless),
                ("/actions/1", Kind::Wrong),
                ("/actions/2", Kind::Wrong),
            ]
        );
    }

    /// What an action adds beside the extensions may stand in the document by now, in whole or in
    /// part.
    #[test]
    fn what_the_document_says_by_now_is_named() {
        let document = json!({"a": {"type": "string", "enum": ["x"], "properties": {"n": {"type": "integer"}}}});
        for (update, kind, words) in [
            (
                json!({"type": "string", "x-evidence": "observed"}),
                Some(Kind::Needless),
                "without it",
            ),
            (
                json!({"type": "string", "format": "date"}),
                Some(Kind::Partly),
                "/a/type",
            ),
            (
                json!({"properties": {"n": {"type": "integer"}, "m": {}}}),
                Some(Kind::Partly),
                "/a/properties/n/type",
            ),
            (json!({"enum": ["x", "y"]}), Some(Kind::Doubled), "/a/enum"),
            (json!({"enum": ["y"]}), None, ""),
            (json!({"type": "integer"}), None, ""),
            (json!({"x-evidence": "observed"}), None, ""),
        ] {
            let found = reviewed(
                document.clone(),
                json!([{"target": "$.a", "update": update}]),
            );
            assert_eq!(
                found.first().map(|(_, _, kind)| *kind),
                kind,
                "{update}: {found:?}"
            );
            assert!(
                found.iter().all(|(_, what, _)| what.contains(words)),
                "{update}: {found:?}"
            );
        }
    }

    #[test]
    fn a_place_is_known_by_the_action_that_changed_it_last() {
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [
            {"target": "$.a", "update": {"b": {"c": 1}}},
            {"target": "$.a", "update": {"d": 1}},
        ]});
        let review = review(json!({"a": {"b": {}}}), &overlay, &Moves::default());
        let by = |place: &str| {
            review
                .changed_by(&Pointer::parse(place))
                .map(Pointer::as_str)
        };
        assert_eq!(by("/a/b/c"), Some("/actions/0"));
        assert_eq!(by("/a/d"), Some("/actions/1"));
        assert_eq!(by("/a/e"), None);
    }
}
