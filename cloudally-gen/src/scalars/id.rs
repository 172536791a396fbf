//! Identifiers, each a type of its own, so that the compiler tells a task from a user.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $format:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Makes an identifier from the text that the service uses for it.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into().into())
            }

            /// Returns the identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                lenient::word(deserializer)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.as_str().into())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(id: &str) -> Result<Self, Infallible> {
                Ok(id.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                *self.0 == **other
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": $format})
            }
        }
    };
}

id! {
    /// The id of a task, as it occurs in the list of tasks, in backup statuses and in restore
    /// requests.
    ///
    /// [Evidence](crate#evidence): observed; inferred for restore requests.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{id::*, types::*}; } }
    /// use cloudally::types::{BackupStatus, Task, TaskId};
    /// let task: Task = serde_json::from_str(r#"{"id": "T-1"}"#)?;
    /// let entry: BackupStatus = serde_json::from_str(r#"{"taskId": "T-1"}"#)?;
    /// assert_eq!(task.id, entry.task_id);
    /// assert_eq!(task.id, Some(TaskId::new("T-1")));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    TaskId, "task-id"
}

id! {
    /// The id of a user, which is a tenant of the partner.
    ///
    /// [Evidence](crate#evidence): observed.
    UserId, "user-id"
}

id! {
    /// The id of a partner. Resellers are partners too.
    ///
    /// [Evidence](crate#evidence): observed.
    PartnerId, "partner-id"
}

id! {
    /// The id of a backup task of an account.
    ///
    /// [Evidence](crate#evidence): published.
    BackupTaskId, "backup-task-id"
}

id! {
    /// The id in the path of a request for one reseller.
    ///
    /// [Evidence](crate#evidence): spec; that it equals the partner id of the reseller is inferred.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::id::*; } }
    /// use cloudally::types::{PartnerId, ResellerId};
    /// assert_eq!(ResellerId::from(PartnerId::new("P-2")), "P-2");
    /// ```
    ResellerId, "reseller-id"
}

id! {
    /// The id of a restore job.
    ///
    /// [Evidence](crate#evidence): spec; the response field that holds it is inferred.
    JobId, "job-id"
}

impl From<PartnerId> for ResellerId {
    fn from(id: PartnerId) -> Self {
        Self(id.0)
    }
}

impl From<&PartnerId> for ResellerId {
    fn from(id: &PartnerId) -> Self {
        Self(id.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_from_a_number_and_written_as_text() {
        let id: TaskId = serde_json::from_str("12").unwrap();
        assert_eq!(id, "12");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"12\"");
        assert!(serde_json::from_str::<TaskId>("null").is_err());
        assert!(serde_json::from_str::<TaskId>("true").is_err());
    }

    #[test]
    fn an_id_is_found_in_a_map_by_its_text() {
        let map = std::collections::HashMap::from([(UserId::new("U-1"), 1)]);
        assert_eq!(map.get("U-1"), Some(&1));
    }
}
