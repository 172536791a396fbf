//! Texts that many rows share.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// A map whose hash has no random key, so that it needs nothing of the environment. Its order never
/// reaches a report.
pub(crate) type FixedMap<K, V> = HashMap<K, V, FxBuildHasher>;

/// A set with the same hash.
pub(super) type FixedSet<T> = HashSet<T, FxBuildHasher>;

/// Keeps one copy of each value that is equal to others.
#[derive(Debug)]
pub(super) struct Interner<T: ?Sized>(FixedSet<Arc<T>>);

impl<T: ?Sized> Default for Interner<T> {
    fn default() -> Self {
        Self(FixedSet::default())
    }
}

impl<T: ?Sized + Eq + Hash> Interner<T> {
    /// Returns the copy that is kept.
    pub(super) fn share(&mut self, value: &Arc<T>) -> Arc<T> {
        if let Some(own) = self.0.get(value) {
            return Arc::clone(own);
        }
        self.0.insert(Arc::clone(value));
        Arc::clone(value)
    }

    /// Returns the copy that is kept, and makes it if there is none.
    pub(super) fn intern<'a>(&mut self, value: &'a T) -> Arc<T>
    where
        Arc<T>: From<&'a T>,
    {
        if let Some(own) = self.0.get(value) {
            return Arc::clone(own);
        }
        let own: Arc<T> = Arc::from(value);
        self.0.insert(Arc::clone(&own));
        own
    }
}

/// The name of an entity as it is compared: trimmed and lower-cased.
pub(crate) fn normalized(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name.is_ascii() && !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.to_lowercase())
}

/// Whether a text is missing or blank.
pub(super) fn is_blank(text: Option<&Arc<str>>) -> bool {
    text.is_none_or(|text| text.chars().all(char::is_whitespace))
}

/// A text of the service on one line, because a name can contain control characters.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        return Cow::Owned(text.replace(char::is_control, " "));
    }
    Cow::Borrowed(text)
}
