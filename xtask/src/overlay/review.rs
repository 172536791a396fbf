//! Finds the actions that a document has grown out of.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::document::{Action, Document};
use super::{action_pointer, other_count, reason};
use crate::pointer::Pointer;

/// How many places of one action are named.
const NAMED: usize = 3;

/// An action that the document has grown out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) pointer: Pointer,
    pub(crate) target: String,
    pub(crate) what: String,
    pub(crate) kind: Kind,
}

/// How far an action is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The overlay cannot be applied as it stands.
    Wrong,
    /// The document says all of it.
    Needless,
    /// The document says some of it.
    Partly,
}

/// What each action does to a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Review {
    pub(crate) findings: Vec<Finding>,
    /// The places that each action changed.
    changed: Vec<(Pointer, Vec<Pointer>)>,
}

impl Review {
    /// The last action that changed what stands at this place.
    pub(crate) fn changed_by(&self, place: &Pointer) -> Option<&Pointer> {
        let is_there = |changed: &Pointer| changed.is_within(place) || place.is_within(changed);
        let mut by = self.changed.iter().rev();
        by.find(|(_, places)| places.iter().any(is_there))
            .map(|(action, _)| action)
    }

    /// Leaves out what was partly needless before, too: that is no news of the document's.
    pub(crate) fn without_old(&mut self, old: &Self) {
        self.findings
            .retain(|finding| finding.kind != Kind::Partly || !old.findings.contains(finding));
    }
}

/// Tries each action on its own.
pub(crate) fn review(mut document: Value, overlay: &Value) -> Review {
    let mut review = Review::default();
    let Ok(overlay) = Document::read(overlay.clone()) else {
        return review;
    };
    for (index, action) in overlay.actions().iter().enumerate() {
        let pointer = action_pointer(index);
        let said = said(action, &document);
        let matched = match overlay.apply_one(index, &mut document) {
            Ok(outcome) => Ok(outcome.actions.first().map_or(0, |done| done.matched)),
            Err(error) => Err(reason(&error.kind)),
        };
        if let Some((kind, what)) = finding(action, matched, &said) {
            review.findings.push(Finding {
                pointer: pointer.clone(),
                target: action.target.to_owned(),
                what,
                kind,
            });
        }
        review.changed.push((pointer, said.changed));
    }
    review
}

fn finding(
    action: &Action<'_>,
    matched: Result<usize, String>,
    said: &Said,
) -> Option<(Kind, String)> {
    let expected = action.expected().and_then(Value::as_u64);
    let matched = match matched {
        Ok(matched) => matched,
        Err(what) => return Some((Kind::Wrong, what)),
    };
    if let Some(expected) = expected
        && u64::try_from(matched) != Ok(expected)
    {
        let what = other_count(matched, &expected.to_string());
        return Some((Kind::Wrong, what));
    }
    if !said.doubled.is_empty() {
        let what = format!(
            "wrong: the document lists by itself what it adds to {}, so that stands there twice",
            places(&said.doubled)
        );
        return Some((Kind::Partly, what));
    }
    let is_idle = said.changed.is_empty();
    let has_news = said.changed.iter().any(|place| !is_extension(place));
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

/// What an action does to a document.
#[derive(Default)]
struct Said {
    /// What the document says already; extensions are our own, and no vendor says them.
    same: Vec<Pointer>,
    /// Lists of which the document has an entry already.
    doubled: Vec<Pointer>,
    changed: Vec<Pointer>,
}

fn said(action: &Action<'_>, document: &Value) -> Said {
    let mut found = Said::default();
    let Ok(path) = JsonPath::parse(action.target) else {
        return found;
    };
    for node in path.query_located(document) {
        let at = Pointer::parse(&node.location().to_json_pointer());
        match action.update {
            Some(update) if !action.removes => compare(update, Some(node.node()), &at, &mut found),
            _ => found.changed.push(at),
        }
    }
    found
}

fn compare(update: &Value, there: Option<&Value>, at: &Pointer, found: &mut Said) {
    match (update, there) {
        (Value::Object(update), Some(Value::Object(there))) => {
            for (key, value) in update {
                compare(value, there.get(key), &at.child(key), found);
            }
        }
        (Value::Array(update), Some(Value::Array(there))) => {
            if update.iter().any(|item| there.contains(item)) {
                found.doubled.push(at.clone());
            }
            if !update.is_empty() {
                found.changed.push(at.clone());
            }
        }
        (update, Some(there)) if update == there => {
            if !is_extension(at) {
                found.same.push(at.clone());
            }
        }
        _ => found.changed.push(at.clone()),
    }
}

/// Whether the place is an extension, or lies in one.
fn is_extension(place: &Pointer) -> bool {
    place.as_str().contains("/x-")
}

fn places(all: &[Pointer]) -> String {
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
    use serde_json::json;

    fn reviewed(document: Value, actions: Value) -> Vec<(String, String, Kind)> {
        let overlay =
            json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions});
        review(document, &overlay)
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
            (json!({"enum": ["x", "y"]}), Some(Kind::Partly), "/a/enum"),
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
        let review = review(json!({"a": {"b": {}}}), &overlay);
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
