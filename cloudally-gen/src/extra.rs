//! What an object holds beyond the fields that its type names.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
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
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Extra(Map<String, Value>);

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl From<Extra> for Map<String, Value> {
    fn from(extra: Extra) -> Self {
        extra.0
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = f.debug_set();
        names.entries(self.0.keys());
        if self.0.is_empty() {
            names.finish()
        } else {
            names.finish_non_exhaustive()
        }
    }
}
