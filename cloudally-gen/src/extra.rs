//! What an object holds beyond the fields that its type names.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The fields that a type does not name, with their values as they came. Use it as the map that it is.
///
/// `Debug` shows the names only: what the service adds without notice may be a secret.
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, models::*, seconds::*, secret::*, timestamp::*, types::*}; } }
/// let task: cloudally::types::Task = serde_json::from_str(r#"{"newField": "value"}"#)?;
/// assert_eq!(task.extra["newField"], "value");
/// assert_eq!(format!("{:?}", task.extra), r#"{"newField", ..}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transparent)
)]
pub struct Extra(
    /// Nearly always there is nothing, and then this takes the room of a pointer.
    #[cfg_attr(feature = "schema", schemars(with = "Map<String, Value>"))]
    Option<Box<Map<String, Value>>>,
);

static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            Some(fields) => fields,
            None => &NOTHING,
        }
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.get_or_insert_default()
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

/// A map that was emptied is as good as none.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Extra {}

impl Hash for Extra {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
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
    fn a_map_that_was_emptied_is_as_good_as_none() {
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
