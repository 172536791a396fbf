//! The fields of an object that its type does not name.

mod keep;

use std::fmt;
use std::ops::Index;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, map};

pub(crate) use self::keep::{Keep, keep_unknown};

/// The fields of an object that its type does not name, by name.
///
/// The service adds fields without notice. They are kept here as they were received, and are
/// written back when the object is serialised. `Debug` shows the names only, because an unknown
/// field may be a secret.
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, types::*}; } }
/// let mut task: cloudally::types::Task = serde_json::from_str(r#"{"newField": "value"}"#)?;
/// assert_eq!(task.extra["newField"], "value");
/// assert_eq!(format!("{:?}", task.extra), r#"{"newField", ..}"#);
/// task.extra.insert("another", 7);
/// assert_eq!(task.extra.iter().count(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transparent)
)]
pub struct Extra(
    /// Never an empty map. Boxed because it is nearly always absent, and then takes no more room
    /// than a pointer.
    #[cfg_attr(feature = "schema", schemars(with = "Map<String, Value>"))]
    Option<Box<Map<String, Value>>>,
);

impl Extra {
    /// Returns the value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// Returns the value of a field, for changing it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.as_mut()?.get_mut(name)
    }

    /// Returns whether there is a field with this name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a field, and returns the value that it had before.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0
            .get_or_insert_default()
            .insert(name.into(), value.into())
    }

    /// Removes a field, and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let fields = self.0.as_mut()?;
        let removed = fields.remove(name);
        if fields.is_empty() {
            self.0 = None;
        }
        removed
    }

    /// Returns how many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |fields| fields.len())
    }

    /// Returns whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter().flat_map(|fields| fields.iter())
    }

    /// Iterates over the names.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.iter().map(|(name, _)| name)
    }
}

/// # Panics
/// Panics if there is no field with the name; [`Extra::get`] does not.
impl Index<&str> for Extra {
    type Output = Value;

    #[expect(
        clippy::expect_used,
        reason = "an index that is not there is a bug of the caller"
    )]
    fn index(&self, name: &str) -> &Value {
        self.get(name).expect("no field has this name")
    }
}

impl IntoIterator for Extra {
    type Item = (String, Value);
    type IntoIter = map::IntoIter;

    fn into_iter(self) -> map::IntoIter {
        Map::from(self).into_iter()
    }
}

impl Extend<(String, Value)> for Extra {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, fields: I) {
        for (name, value) in fields {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(String, Value)> for Extra {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        Map::from_iter(fields).into()
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(fields: Map<String, Value>) -> Self {
        Self((!fields.is_empty()).then(|| Box::new(fields)))
    }
}

impl From<Extra> for Map<String, Value> {
    fn from(extra: Extra) -> Self {
        extra.0.map(|fields| *fields).unwrap_or_default()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = f.debug_set();
        names.entries(self.keys());
        if self.is_empty() {
            names.finish()
        } else {
            names.finish_non_exhaustive()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_emptied_map_equals_an_empty_one() {
        let mut emptied = Extra::from(Map::from_iter([("a".to_owned(), Value::Null)]));
        emptied.remove("a");
        assert_eq!(emptied, Extra::default());
        assert_eq!(HashSet::from([emptied, Extra::default()]).len(), 1);
        assert_eq!(serde_json::to_string(&Extra::default()).unwrap(), "{}");
        assert_eq!(
            serde_json::from_str::<Extra>("{}").unwrap(),
            Extra::default()
        );
    }
}
