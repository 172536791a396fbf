//! The key of a list item, by which the item is recognised when the list shifts.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How the key of an item is made.
#[derive(Debug)]
pub(crate) enum Key<T> {
    /// From its id, which no other item has.
    Id {
        /// The [`id_hash`], if the item was sent with its id.
        id: fn(&T) -> Option<u64>,
        whole: fn(&T) -> u64,
    },
    /// From the whole item, where there is no id. Two items can be equal in everything.
    Whole(fn(&T) -> u64),
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T: Hash> Key<T> {
    pub(crate) const fn id(id: fn(&T) -> Option<u64>) -> Self {
        Self::Id {
            id,
            whole: hash::<T>,
        }
    }

    pub(crate) const fn whole() -> Self {
        Self::Whole(hash::<T>)
    }
}

impl<T> Key<T> {
    pub(super) fn of(self, item: &T) -> ItemKey {
        let (id, whole) = match self {
            Self::Id { id, whole } => (id(item), whole),
            Self::Whole(whole) => (None, whole),
        };
        ItemKey {
            hash: id.unwrap_or_else(|| whole(item)),
            is_id: id.is_some(),
        }
    }

    /// Whether no two items have the same key.
    pub(super) fn is_unique(self) -> bool {
        matches!(self, Self::Id { .. })
    }
}

/// The key of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ItemKey {
    hash: u64,
    /// Whether it was made from an id, and so is the same in every program.
    is_id: bool,
}

impl ItemKey {
    /// The hash, if a cursor can store it for another program.
    pub(super) fn stored(self) -> Option<u64> {
        self.is_id.then_some(self.hash)
    }
}

/// FNV-1a of 64 bits over an id. Cursors store it, so its definition belongs to their format: it
/// must not change without a new version of [`Cursor`](super::Cursor).
pub(crate) fn id_hash(id: Option<&impl AsRef<str>>) -> Option<u64> {
    let bytes = id?.as_ref().bytes();
    Some(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// A hash for comparisons within this process only.
pub(super) fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_id_is_the_published_one() {
        for (id, expected) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(id_hash(Some(&id)), Some(expected), "{id:?}");
        }
    }
}
