//! JSON pointers (RFC 6901): how every message says where in a document it speaks of.

use std::fmt;

use serde_json::Value;

/// A place in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    /// The place that is written so.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The place below this one under `key`, a member's name or an index.
    pub(crate) fn child(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// The place below this one at an index.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The place above this one; the root is its own.
    pub(crate) fn parent(&self) -> Self {
        let (above, _) = self.0.rsplit_once('/').unwrap_or_default();
        Self(above.to_owned())
    }

    /// The place that a reference into the same document names, such as `#/components/schemas/Task`. Letters may be
    /// percent-encoded, for a reference is a URI.
    pub(crate) fn of_reference(reference: &str) -> Option<Self> {
        let place = percent_decoded(reference.strip_prefix('#')?)?;
        (place.is_empty() || place.starts_with('/')).then_some(Self(place))
    }

    /// The name of the component that a local reference such as `#/components/schemas/Task` names.
    pub(crate) fn component<'r>(section: &str, reference: &'r str) -> Option<&'r str> {
        reference
            .strip_prefix("#/components/")?
            .strip_prefix(section)?
            .strip_prefix('/')
    }

    /// The keys from the root to this place.
    pub(crate) fn keys(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|key| key.replace("~1", "/").replace("~0", "~"))
    }

    /// What stands here.
    pub(crate) fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        document.pointer(&self.0)
    }

    /// The same place as a JSONPath (RFC 9535), as the target of an overlay action has it.
    pub(crate) fn json_path(&self) -> String {
        let mut path = String::from("$");
        for key in self.keys() {
            let is_plain = key.starts_with(|first: char| first.is_ascii_alphabetic())
                && key
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if is_plain {
                path.push('.');
                path.push_str(&key);
            } else if key.parse::<usize>().is_ok() && !path.ends_with("responses") {
                path.push_str(&format!("[{key}]"));
            } else {
                let quoted = key.replace('\\', "\\\\").replace('\'', "\\'");
                path.push_str(&format!("['{quoted}']"));
            }
        }
        path
    }

    /// Whether this is the other place or one below it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(&other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(root)" } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_json_path() {
        let place = Pointer::root()
            .child("paths")
            .child("/v1/{id}")
            .child("get");
        let parameter = place.child("parameters").index(0);
        assert_eq!(
            parameter.json_path(),
            "$.paths['/v1/{id}'].get.parameters[0]"
        );
        let response = place.child("responses").child("200");
        assert_eq!(
            response.json_path(),
            "$.paths['/v1/{id}'].get.responses['200']"
        );
    }

    #[test]
    fn a_reference_may_be_percent_encoded() {
        let place = Pointer::of_reference("#/components/schemas/a%20b").unwrap();
        assert_eq!(place.as_str(), "/components/schemas/a b");
        assert_eq!(Pointer::of_reference("#anchor"), None);
        assert_eq!(Pointer::of_reference("#/%zz"), None);
    }
}
