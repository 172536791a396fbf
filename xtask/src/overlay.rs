//! Applies the overlay to the vendor's document.

mod compare;
mod document;
mod edit;
mod findings;
mod mend;
mod moves;
mod review;
mod shape;
mod target;

use std::path::Path;

use roas_overlay::apply::ApplyErrorKind;
use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;

use document::{Action, Document};

pub(crate) use edit::Edit;
pub(crate) use mend::mend;
pub(crate) use moves::Moves;
pub(crate) use review::{Finding, Kind, Review, review};

/// The grades of evidence that an action may carry, strongest first.
const GRADES: [&str; 4] = ["spec", "observed", "published", "inferred"];

/// Why an action cannot be applied.
fn reason(kind: &ApplyErrorKind) -> String {
    match kind {
        ApplyErrorKind::ZeroMatch => {
            "matches nothing in the vendor's document: has the vendor moved, renamed or mended it?"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// What is wrong with an action that matches more or fewer places than it is for.
fn other_count(matched: usize, expected: &str) -> String {
    format!(
        "matches {matched} places, and x-matches says {expected}: has the vendor added, moved or mended something?"
    )
}

/// Applies every action in order. An action without evidence is an error where that is needed, and
/// so is one whose target matches nothing, or not as many places as its `x-matches` says: that is
/// how a change in the vendor's document shows itself.
pub(crate) fn apply(
    mut document: Value,
    path: &Path,
    overlay: Value,
    evidence_is_needed: bool,
    report: &mut Report,
) -> Result<Value, Error> {
    let refuse = |pointer: Pointer, message: String| Error::In {
        path: path.to_owned(),
        pointer,
        message,
    };

    let overlay = Document::read(overlay).map_err(|message| refuse(Pointer::root(), message))?;
    let actions = overlay.actions();
    if evidence_is_needed && let Some((index, message)) = ungraded(&overlay).into_iter().next() {
        return Err(refuse(action_pointer(index), message));
    }

    let outcome = overlay.apply(&mut document).map_err(|error| {
        let advice = reason(&error.kind);
        refuse(
            action_pointer(error.action_index),
            format!("target {}: {advice}", error.target),
        )
    })?;
    for (done, action) in outcome.actions.iter().zip(&actions) {
        let expected = action.expected();
        if expected.is_some_and(|expected| expected.as_u64() != u64::try_from(done.matched).ok()) {
            let expected = expected.map(Value::to_string).unwrap_or_default();
            return Err(refuse(
                action_pointer(done.index),
                format!(
                    "target {}: {}",
                    done.target,
                    other_count(done.matched, &expected)
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

/// The line of each action of the overlay; none, if they cannot be told from its text.
pub(crate) fn lines(path: &Path, overlay: &Value) -> Vec<usize> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().enumerate();
    let starts: Vec<usize> = lines
        .filter(|(_, line)| line.trim_start().starts_with("- target:"))
        .map(|(index, _)| index + 1)
        .collect();
    let actions = overlay.get("actions").and_then(Value::as_array);
    match actions.is_some_and(|actions| actions.len() == starts.len()) {
        true => starts,
        false => Vec::new(),
    }
}

/// The actions that do not say where their facts come from, and what each lacks.
fn ungraded(overlay: &Document) -> Vec<(usize, String)> {
    let actions = overlay.actions();
    let all = actions.iter().enumerate();
    all.filter_map(|(index, action)| Some((index, evidence(action).err()?)))
        .collect()
}

fn action_pointer(index: usize) -> Pointer {
    Pointer::root().child("actions").child(&index.to_string())
}

fn evidence(action: &Action<'_>) -> Result<(), String> {
    let names_several = action.target.contains("', '") || action.target.contains("','");
    if names_several && action.expected().is_none() {
        let what = "the target names several places: say how many in x-matches, so that one that is gone is noticed";
        return Err(what.to_owned());
    }
    let text = |key: &str| {
        action
            .extensions
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
