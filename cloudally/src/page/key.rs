//! What tells an item of a list from the others, so that it is known again when the list shifts.

use std::hash::{DefaultHasher, Hash, Hasher};

/// What an item is known by, hashed.
#[derive(Debug)]
pub(crate) enum Key<T> {
    /// An id, which no other item has.
    Id(fn(&T) -> Option<u64>),
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
    pub(super) fn of(self, item: &T) -> Option<u64> {
        match self {
            Self::Id(id) => id(item),
            Self::Whole(whole) => Some(whole(item)),
        }
    }

    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::Id(_))
    }
}

/// A hash that is the same in another program, as long as it is built with the same Rust: where it is not, an item is not
/// known again, and its place counts.
pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
