//! The key of a list item, by which the item is recognised when the list shifts.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxBuildHasher, FxHasher};

/// How the key of an item is made.
#[derive(Debug)]
pub(crate) enum Key<T> {
    /// From its id, which no other item has.
    Id {
        /// The id, if the item was sent with it.
        id: fn(&T) -> Option<Cow<'_, str>>,
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
    pub(crate) const fn id(id: fn(&T) -> Option<Cow<'_, str>>) -> Self {
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
    /// The keys of the items of a page.
    pub(super) fn of_page(self, items: &[T]) -> PageKeys {
        let (id, whole) = match self {
            Self::Id { id, whole } => (Some(id), whole),
            Self::Whole(whole) => (None, whole),
        };
        let mut page = PageKeys {
            keys: Vec::with_capacity(items.len()),
            ids: String::new(),
            ends: Vec::with_capacity(if self.is_unique() { items.len() } else { 0 }),
        };
        for item in items {
            let id = id.and_then(|id| id(item));
            page.keys.push(ItemKey {
                hash: id.as_deref().map_or_else(|| whole(item), hash),
                is_id: id.is_some(),
            });
            if self.is_unique() {
                page.ids.push_str(&id.unwrap_or_default());
                page.ends.push(page.ids.len());
            }
        }
        page
    }

    /// The keys of a page that no other one is compared with: those of whole items are for nothing.
    pub(super) fn of_one_page(self) -> Self {
        match self {
            Self::Whole(_) => Self::Whole(|_| 0),
            Self::Id { .. } => self,
        }
    }

    /// Whether no two items have the same key.
    pub(super) fn is_unique(self) -> bool {
        matches!(self, Self::Id { .. })
    }
}

/// The keys of the items of a page, and the ids that they are made of.
#[derive(Debug, Default)]
pub(super) struct PageKeys {
    pub(super) keys: Vec<ItemKey>,
    /// All ids in one text, and where each ends.
    ids: String,
    ends: Vec<usize>,
}

/// All that tells an item from others: two ids can have one hash.
#[derive(PartialEq, Eq, Hash)]
enum Whole<'a> {
    Id(&'a str),
    Item(u64),
}

impl PageKeys {
    /// Which items are on another page too. Only for keys that no two items share.
    pub(super) fn on_page(&self, other: &Self) -> Vec<bool> {
        let known: HashSet<u64, FxBuildHasher> = other.keys.iter().map(|key| key.hash).collect();
        // Nearly always no hash is on both pages, and then no item is.
        if !self.keys.iter().any(|key| known.contains(&key.hash)) {
            return vec![false; self.keys.len()];
        }
        let known: HashSet<Whole<'_>, FxBuildHasher> = other.whole().collect();
        self.whole().map(|key| known.contains(&key)).collect()
    }

    fn whole(&self) -> impl Iterator<Item = Whole<'_>> {
        let keys = self.keys.iter().enumerate();
        keys.map(|(item, key)| match self.id(item) {
            Some(id) => Whole::Id(id),
            None => Whole::Item(key.hash),
        })
    }

    /// The id of an item, if it has one.
    fn id(&self, item: usize) -> Option<&str> {
        self.keys.get(item).filter(|key| key.is_id)?;
        let before = item.checked_sub(1);
        let start = before.map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.ids.get(start..*self.ends.get(item)?)
    }

    /// The hash of the id of an item by which a cursor can store it for another program.
    pub(super) fn stored(&self, item: usize) -> Option<u64> {
        self.id(item).map(id_hash)
    }
}

/// The key of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ItemKey {
    hash: u64,
    /// Whether it was made from an id.
    is_id: bool,
}

/// FNV-1a of 64 bits over an id. Cursors store it, so its definition belongs to their format: it
/// must not change without a new version of [`Cursor`](super::Cursor).
fn id_hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The text of an id.
pub(crate) fn id_text(id: Option<&impl AsRef<str>>) -> Option<Cow<'_, str>> {
    id.map(|id| Cow::Borrowed(id.as_ref()))
}

/// A hash for comparisons within this process only.
pub(super) fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = FxHasher::default();
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
            assert_eq!(id_hash(id), expected, "{id:?}");
        }
    }

    #[test]
    fn two_ids_with_one_hash_are_two_items() {
        let key: Key<Option<&str>> = Key::id(|id| id_text(id.as_ref()));
        let before = key.of_page(&[Some("a"), Some("one"), None]);
        let mut now = key.of_page(&[Some("other"), None, Some(""), Some("a")]);
        now.keys[0].hash = before.keys[1].hash;
        assert_eq!(now.on_page(&before), [false, true, false, true]);
        let mut now = key.of_page(&[Some("other")]);
        now.keys[0].hash = before.keys[1].hash;
        assert_eq!(now.on_page(&before), [false]);
    }
}
