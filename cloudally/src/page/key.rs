//! What tells an item of a list from the others, so that it is known again when the list shifts.

use std::hash::{DefaultHasher, Hash, Hasher};

/// What an item is known by, hashed.
#[derive(Debug)]
pub(crate) enum Key<T> {
    /// An id, which no other item has; all of it, where an item comes without one.
    Id(fn(&T) -> u64),
    /// All of it, where there is no id. Two items may be the same in everything.
    Whole(fn(&T) -> u64),
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    pub(super) fn of(self, item: &T) -> u64 {
        match self {
            Self::Id(key) | Self::Whole(key) => key(item),
        }
    }

    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::Id(_))
    }
}

/// The hash of an item's id, or of all of it.
pub(crate) fn id_or_all<T: Hash>(item: &T, id: Option<&impl Hash>) -> u64 {
    id.map_or_else(|| hash(item), hash)
}

/// A hash that is the same in another program, as long as it is built with the same Rust: where it is not, an item is not
/// known again, and its place counts.
pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
