//! JSON pointers (RFC 6901): how every message says where in a document it speaks of.

use std::fmt;

use serde_json::Value;

/// How many references to references are followed; a circle of them leads nowhere.
const CHAIN: usize = 64;

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

    /// The place that `place` is in what stands here.
    pub(crate) fn join(&self, place: &Self) -> Self {
        Self(format!("{}{}", self.0, place.0))
    }

    /// The place above this one; the root is its own.
    pub(crate) fn parent(&self) -> Self {
        let (above, _) = self.0.rsplit_once('/').unwrap_or_default();
        Self(above.to_owned())
    }

    /// The place that a reference into the same document names, such as
    /// `#/components/schemas/Task`. Letters may be percent-encoded, for a reference is a URI.
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

    /// The same place with the references on the way followed: what stands below a `$ref` stands
    /// where that leads.
    pub(crate) fn followed(&self, document: &Value) -> Self {
        let mut place = Self::root();
        for key in self.keys() {
            for _ in 0..CHAIN {
                let here = place.find(document);
                let Some(next) = here
                    .filter(|here| here.get(&key).is_none())
                    .and_then(|here| here.get("$ref")?.as_str())
                    .and_then(Self::of_reference)
                else {
                    break;
                };
                place = next;
            }
            place = place.child(&key);
        }
        place
    }

    /// The place where what a reference here names is described; this one, if it is no reference.
    pub(crate) fn named(&self, document: &Value) -> Self {
        let mut place = self.clone();
        for _ in 0..CHAIN {
            let reference = place.find(document).and_then(|here| here.get("$ref"));
            match reference
                .and_then(Value::as_str)
                .and_then(Self::of_reference)
            {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }

    /// The same place as a JSONPath (RFC 9535), as the target of an overlay action has it; nothing,
    /// if nothing is there that an action can be for: an object or a list. The entry of a list is
    /// named by what it says: an index would name another one once one is gone.
    pub(crate) fn json_path(&self, document: &Value) -> Option<String> {
        let mut path = String::from("$");
        let mut here = document;
        for key in self.keys() {
            let below = match here {
                Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
                other => other.get(&key)?,
            };
            let is_plain = key.starts_with(|first: char| first.is_ascii_alphabetic())
                && key
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if here.is_array() {
                path.push_str(&entry(below).unwrap_or_else(|| format!("[{key}]")));
            } else if is_plain {
                path.push('.');
                path.push_str(&key);
            } else {
                path.push_str(&format!("['{}']", escaped(&key)));
            }
            here = below;
        }
        (here.is_object() || here.is_array()).then_some(path)
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

/// The filter that finds an entry of a list by what it says.
fn entry(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(escaped);
    if let Some(reference) = text("$ref") {
        return Some(format!("[?@['$ref'] == '{reference}']"));
    }
    let (name, place) = (text("name")?, text("in"));
    let place = place.map_or_else(String::new, |place| format!(" && @.in == '{place}'"));
    Some(format!("[?@.name == '{name}'{place}]"))
}

/// A text between single quotes of a JSONPath.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
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
    use serde_json::json;

    #[test]
    fn a_place_has_a_json_path() {
        let document = json!({
            "paths": {"/v1/{id}": {"get": {
                "parameters": [{"$ref": "#/p"}, {"name": "q", "in": "query"}, {"name": "o'"}, []],
                "responses": {"200": {}},
            }}},
            "p": {"schema": {"enum": ["a", "A"]}},
        });
        let operation = Pointer::root()
            .child("paths")
            .child("/v1/{id}")
            .child("get");
        let list = operation.child("parameters");
        for (place, below) in [
            (list.index(0), ".parameters[?@['$ref'] == '#/p']"),
            (
                list.index(1),
                ".parameters[?@.name == 'q' && @.in == 'query']",
            ),
            (list.index(2), r".parameters[?@.name == 'o\'']"),
            (list.index(3), ".parameters[3]"),
            (
                operation.child("responses").child("200"),
                ".responses['200']",
            ),
        ] {
            let path = place.json_path(&document).unwrap();
            assert_eq!(path, format!("$.paths['/v1/{{id}}'].get{below}"));
        }
        let values = list.index(0).child("schema").child("enum");
        assert_eq!(values.json_path(&document), None);
        let values = values.followed(&document);
        assert_eq!(values.json_path(&document).unwrap(), "$.p.schema.enum");
        assert_eq!(values.index(1).json_path(&document), None);
    }

    #[test]
    fn a_reference_may_be_percent_encoded() {
        let place = Pointer::of_reference("#/components/schemas/a%20b").unwrap();
        assert_eq!(place.as_str(), "/components/schemas/a b");
        assert_eq!(Pointer::of_reference("#anchor"), None);
        assert_eq!(Pointer::of_reference("#/%zz"), None);
    }
}
