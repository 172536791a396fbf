//! JSON pointers (RFC 6901): how every message says where in a document it speaks of.

use std::fmt;

/// A place in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    /// The place below this one under `key`, a member's name or an index.
    pub(crate) fn child(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// The name of the component that a local reference such as `#/components/schemas/Task` names.
    pub(crate) fn component<'r>(section: &str, reference: &'r str) -> Option<&'r str> {
        reference
            .strip_prefix("#/components/")?
            .strip_prefix(section)?
            .strip_prefix('/')
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(root)" } else { &self.0 })
    }
}
