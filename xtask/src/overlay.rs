//! Applies the overlay to the vendor's document.

use std::path::Path;

use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_1::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;

/// The grades of evidence that an action may carry, strongest first.
const GRADES: [&str; 4] = ["spec", "observed", "published", "inferred"];

/// Applies every action in order. An action without evidence is an error where that is needed, and so is one whose target matches nothing, or
/// not as many places as its `x-matches` says: that is how a change in the vendor's document shows itself.
pub(crate) fn apply(
    mut document: Value,
    path: &Path,
    overlay: Value,
    evidence_is_needed: bool,
    report: &mut Report,
) -> Result<Value, Error> {
    let refuse = |pointer: Pointer, message: String| Error::Overlay {
        path: path.to_owned(),
        pointer,
        message,
    };

    let overlay: Overlay = serde_json::from_value(overlay).map_err(|error| {
        refuse(
            Pointer::root(),
            format!("not an OpenAPI Overlay 1.1 document: {error}"),
        )
    })?;
    overlay
        .validate(enumset::EnumSet::empty())
        .map_err(|error| refuse(Pointer::root(), error.to_string()))?;
    for (index, action) in overlay
        .actions
        .iter()
        .enumerate()
        .filter(|_| evidence_is_needed)
    {
        evidence(&action.target, action.extensions.as_ref())
            .map_err(|message| refuse(action_pointer(index), message))?;
    }

    let outcome = overlay
        .apply(&mut document, ApplyOptions::ErrorOnZeroMatch.into())
        .map_err(|error| {
            let advice = match error.kind {
                roas_overlay::apply::ApplyErrorKind::ZeroMatch => {
                    "matches nothing in the vendor's document: has the vendor added, moved or mended it? Change or drop the action"
                        .to_owned()
                }
                ref other => other.to_string(),
            };
            refuse(action_pointer(error.action_index), format!("target {}: {advice}", error.target))
        })?;
    for (done, action) in outcome.actions.iter().zip(&overlay.actions) {
        let expected = action
            .extensions
            .as_ref()
            .and_then(|all| all.get("x-matches"));
        if expected.is_some_and(|expected| expected.as_u64() != u64::try_from(done.matched).ok()) {
            let expected = expected.map(Value::to_string).unwrap_or_default();
            return Err(refuse(
                action_pointer(done.index),
                format!(
                    "target {}: matches {} places, and x-matches says {expected}: has the vendor added, moved or mended something?",
                    done.target, done.matched
                ),
            ));
        }
    }
    for action in outcome.actions {
        report.note(
            "overlay",
            &action_pointer(action.index),
            format!(
                "{} of {} place(s) at {}",
                action.operation, action.matched, action.target
            ),
        );
    }
    Ok(document)
}

/// An action that the document has grown out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) pointer: Pointer,
    pub(crate) target: String,
    pub(crate) what: String,
    /// Whether the overlay cannot be applied as it stands.
    pub(crate) is_wrong: bool,
}

/// Tries each action on its own: which match nothing, or not as much as they say, and which change nothing.
pub(crate) fn review(mut document: Value, overlay: &Value) -> Vec<Finding> {
    let Ok(overlay) = serde_json::from_value::<Overlay>(overlay.clone()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut alone = overlay.clone();
    for (index, action) in overlay.actions.iter().enumerate() {
        alone.actions = vec![action.clone()];
        let mut after = document.clone();
        let outcome = alone.apply(&mut after, ApplyOptions::ErrorOnZeroMatch.into());
        let expected = action
            .extensions
            .as_ref()
            .and_then(|all| all.get("x-matches"))
            .and_then(Value::as_u64);
        let matched = outcome
            .ok()
            .and_then(|outcome| outcome.actions.first().map(|done| done.matched));
        let what = match (matched, expected) {
            (None, _) => Some(("wrong: it matches nothing any more".to_owned(), true)),
            (Some(matched), Some(expected)) if u64::try_from(matched) != Ok(expected) => Some((
                format!("wrong: it matches {matched} places, and is for {expected}"),
                true,
            )),
            _ if after == document => Some((
                "needless: the document says so without it".to_owned(),
                false,
            )),
            _ => None,
        };
        if let Some((what, is_wrong)) = what {
            found.push(Finding {
                pointer: action_pointer(index),
                target: action.target.to_string(),
                what,
                is_wrong,
            });
        }
        if matched.is_some() {
            document = after;
        }
    }
    found
}

fn action_pointer(index: usize) -> Pointer {
    Pointer::root().child("actions").child(&index.to_string())
}

fn evidence(
    target: &str,
    extensions: Option<&std::collections::BTreeMap<String, Value>>,
) -> Result<(), String> {
    let names_several = target.contains("', '") || target.contains("','");
    if names_several && extensions.is_none_or(|all| !all.contains_key("x-matches")) {
        let what = "the target names several places: say how many in x-matches, so that one that is gone is noticed";
        return Err(what.to_owned());
    }
    let text = |key: &str| {
        extensions
            .and_then(|all| all.get(key))
            .and_then(Value::as_str)
    };
    match text("x-evidence") {
        Some(grade) if GRADES.contains(&grade) => {}
        Some(other) => {
            return Err(format!(
                "x-evidence is `{other}`, and must be one of {}",
                GRADES.join(", ")
            ));
        }
        None => {
            return Err(format!(
                "the action lacks x-evidence, one of {}",
                GRADES.join(", ")
            ));
        }
    }
    match text("x-source") {
        Some(source) if !source.trim().is_empty() => Ok(()),
        _ => Err("the action lacks x-source: say where the fact comes from".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(actions: Value) -> Result<Value, String> {
        let overlay =
            json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions});
        apply(
            json!({"info": {"title": "T"}}),
            Path::new("overlay.yaml"),
            overlay,
            true,
            &mut Report::default(),
        )
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_review_names_every_action_that_is_wrong_or_needless() {
        let overlay = json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [
            {"target": "$.info", "update": {"title": "T"}},
            {"target": "$.gone", "update": {"x": 1}},
            {"target": "$['info', 'gone']", "x-matches": 2, "update": {"y": 1}},
            {"target": "$.info", "update": {"z": 1}},
        ]});
        let found = review(json!({"info": {"title": "T"}}), &overlay);
        let words: Vec<_> = found
            .iter()
            .map(|finding| {
                (
                    finding.pointer.as_str(),
                    &finding.what[..5],
                    finding.is_wrong,
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                ("/actions/0", "needl", false),
                ("/actions/1", "wrong", true),
                ("/actions/2", "wrong", true)
            ]
        );
    }

    #[test]
    fn an_action_that_matches_is_applied() {
        let done = run(
            json!([{"target": "$.info", "x-evidence": "spec", "x-source": "s", "update": {"x-a": 1}}]),
        );
        assert_eq!(done.unwrap(), json!({"info": {"title": "T", "x-a": 1}}));
    }

    #[test]
    fn an_action_that_matches_nothing_is_named() {
        let error = run(json!([
            {"target": "$.info", "x-evidence": "spec", "x-source": "s", "update": {}},
            {"target": "$.gone", "x-evidence": "spec", "x-source": "s", "update": {}},
        ]))
        .unwrap_err();
        assert!(
            error.contains("/actions/1")
                && error.contains("$.gone")
                && error.contains("matches nothing"),
            "{error}"
        );
    }

    #[test]
    fn an_action_that_matches_less_than_it_says_is_named() {
        let action = |matches: u32| {
            json!([{
                "target": "$['info', 'gone']", "x-evidence": "spec", "x-source": "s", "x-matches": matches, "update": {},
            }])
        };
        let error = run(action(2)).unwrap_err();
        assert!(
            error.contains("/actions/0") && error.contains("matches 1"),
            "{error}"
        );
        assert!(run(action(1)).is_ok());
    }

    #[test]
    fn an_action_without_evidence_is_refused() {
        for (action, word) in [
            (
                json!({"target": "$.info", "x-source": "s", "update": {}}),
                "x-evidence",
            ),
            (
                json!({"target": "$.info", "x-evidence": "guessed", "x-source": "s", "update": {}}),
                "guessed",
            ),
            (
                json!({"target": "$.info", "x-evidence": "spec", "update": {}}),
                "x-source",
            ),
            (
                json!({"target": "$['a', 'b']", "x-evidence": "spec", "x-source": "s", "update": {}}),
                "x-matches",
            ),
        ] {
            let error = run(json!([action])).unwrap_err();
            assert!(
                error.contains("/actions/0") && error.contains(word),
                "{error}"
            );
        }
    }
}
