//! What tells an item of a list from the others, so that it is known again when the list shifts.

use std::hash::{DefaultHasher, Hash};

use cloudally_gen::types::StatusEntry;
use serde::Serialize;

/// Feeds the key of an item to a hasher, and tells whether it has one.
pub(crate) type Key<T> = fn(&T, &mut DefaultHasher) -> bool;

/// The key is an id.
pub(crate) fn id(id: Option<&impl Hash>, hasher: &mut DefaultHasher) -> bool {
    id.hash(hasher);
    id.is_some()
}

/// A status entry has no id: those of the same attempt for the same entity are the same, and where either is not told,
/// those that are the same altogether.
pub(crate) fn status_entry(entry: &StatusEntry, hasher: &mut DefaultHasher) -> bool {
    let attempt = entry.last_backup_attempt_date.as_ref();
    if entry.entity_name.is_none() || attempt.is_none() {
        return whole(entry, hasher);
    }
    let fields = (
        &entry.user_id,
        &entry.task_id,
        &entry.source,
        &entry.entity_name,
        attempt.map(ToString::to_string),
    );
    fields.hash(hasher);
    true
}

/// The key is the whole item, for those of which nothing less is known to be unique.
pub(crate) fn whole<T: Serialize>(item: &T, hasher: &mut DefaultHasher) -> bool {
    let encoded = serde_json::to_vec(item).ok();
    encoded.hash(hasher);
    encoded.is_some()
}
