//! Applies the edits to a copy of the overlay, so that one run reports everything that is wrong: the
//! later stages check the document as the edited overlay will leave it.

use serde_json::Value;

use super::action_pointer;
use super::document::Document;
use super::edit::{Draft, Edit};
use super::moves::Moves;
use super::review::{Finding, Kind, reviewed};

/// How often edits lead to other edits.
const ROUNDS: usize = 8;

/// The findings that stop a run, with their edits, and the document as it is once these are made.
pub(crate) fn mend(document: &Value, overlay: &Value, moves: &Moves) -> (Vec<Finding>, Value) {
    let mut draft = Draft::of(overlay);
    let mut found: Vec<Finding> = ungraded(overlay);
    for _ in 0..ROUNDS {
        let (overlay, names) = draft.overlay();
        let review = reviewed(document.clone(), &overlay, &names, moves);
        let mut is_settled = true;
        for finding in review.findings.into_iter().filter(|one| one.kind.stops()) {
            for edit in &finding.edits {
                is_settled &= !draft.make(edit);
            }
            if found.contains(&finding) {
                continue;
            }
            if finding.edits.is_empty() {
                // Nobody knows what it should be; without it, the rest can be judged.
                draft.make(&Edit::Drop(finding.pointer.clone()));
                is_settled = false;
            }
            found.push(finding);
        }
        if is_settled {
            return (found, review.document);
        }
    }
    let (overlay, names) = draft.overlay();
    let review = reviewed(document.clone(), &overlay, &names, moves);
    (found, review.document)
}

/// What only its author knows: where the facts of an action come from.
fn ungraded(overlay: &Value) -> Vec<Finding> {
    let Ok(overlay) = Document::read(overlay.clone()) else {
        return Vec::new();
    };
    let actions = overlay.actions();
    let all = super::ungraded(&overlay).into_iter();
    all.map(|(index, what)| Finding {
        pointer: action_pointer(index),
        subject: actions
            .get(index)
            .map_or_else(String::new, |action| action.target.to_owned()),
        what,
        kind: Kind::Wrong,
        sides: Vec::new(),
        edits: Vec::new(),
    })
    .collect()
}
