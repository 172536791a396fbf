//! Tells what the vendor changed from what our overlay did.

use std::collections::BTreeSet;

use serde_json::Value;

use super::types::WORDS;
use super::{Change, Class, Origin};
use crate::pointer::Pointer;

/// Gives each change its origin. `theirs` is what differs between the vendor's documents alone.
pub(super) fn tell(changes: &mut [Change], theirs: &[Change], old: &Value, new: &Value) {
    let known: BTreeSet<(&Pointer, &str)> = theirs
        .iter()
        .map(|change| (&change.pointer, change.what.as_str()))
        .collect();
    for change in changes {
        let is_theirs =
            known.contains(&(&change.pointer, change.what.as_str())) || differs(change, old, new);
        change.origin = if is_theirs {
            Origin::Vendor
        } else {
            Origin::Overlay
        };
    }
}

/// Whether the vendor changed the place, though the overlay makes something else of it.
fn differs(change: &Change, old: &Value, new: &Value) -> bool {
    let (was, is) = (change.pointer.find(old), change.pointer.find(new));
    match (was, is) {
        // Of a list the vendor may have changed another element.
        (Some(Value::Array(_)), _) | (_, Some(Value::Array(_))) => false,
        (Some(Value::Object(was)), Some(Value::Object(is))) if change.class != Class::Docs => {
            let meaning = |key: &String| !WORDS.contains(&key.as_str());
            was.iter()
                .filter(|(key, _)| meaning(key))
                .ne(is.iter().filter(|(key, _)| meaning(key)))
        }
        (was, is) => was != is,
    }
}
