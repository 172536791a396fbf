//! Finds what the targets of the overlay named in the vendor's last document in the new one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::pointer::Pointer;
use crate::walk::{METHODS, target};

/// What has moved since the last document. Without one, only what can be seen in the new document
/// alone is found: references, media types and status codes.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    old: Value,
    /// The paths that are gone, each with what it is called now.
    paths: BTreeMap<String, String>,
}

impl Moves {
    pub(crate) fn between(old: Value, new: &Value) -> Self {
        let (was, is) = (paths(&old), paths(new));
        let came: Vec<&String> = is.keys().filter(|path| !was.contains_key(*path)).collect();
        let gone = was.iter().filter(|(path, _)| !is.contains_key(*path));
        let moved = gone.filter_map(|(path, item)| {
            let like = came.iter().copied().filter(|other| {
                let other = is.get(*other).unwrap_or(&Value::Null);
                METHODS
                    .iter()
                    .any(|method| item.get(method).is_some() && other.get(method).is_some())
            });
            let like: Vec<&String> = like.collect();
            let names = ids(item);
            let same_id = |other: &&&String| {
                is.get(**other)
                    .is_some_and(|other| !names.is_disjoint(&ids(other)))
            };
            let same_shape = |other: &&&String| shape(other) == shape(path);
            let longer = |other: &&&String| {
                let (old, new) = (shape(path), shape(other));
                old.ends_with(&new) || new.ends_with(&old)
            };
            let same_words = |other: &&&String| {
                is.get(**other)
                    .is_some_and(|other| words(other) == words(item))
            };
            let to = one(like.iter().filter(same_id))
                .or_else(|| one(like.iter().filter(same_shape)))
                .or_else(|| one(like.iter().filter(longer)))
                .or_else(|| one(like.iter().filter(same_words)))?;
            Some((path.clone(), (**to).clone()))
        });
        let paths = moved.collect();
        Self { old, paths }
    }

    /// Where something of the last document is in this one.
    pub(super) fn place(&self, place: &Pointer, document: &Value) -> Option<Pointer> {
        let mut at = Pointer::root();
        let keys: Vec<String> = place.keys().collect();
        let mut old = Pointer::root();
        let mut above = "";
        for key in keys.iter().map(String::as_str) {
            old = old.child(key);
            let here = at.find(document)?;
            let mut next = key.to_owned();
            if here.get(key).is_none() && here.get("$ref").is_some() {
                at = at.named(document);
            }
            let here = at.find(document)?;
            let is_path_item = at.keys().count() == 2 && at.as_str().starts_with("/paths/");
            if above == "parameters" && here.is_array() {
                next = self.parameter(&old, here, document)?;
            } else if here.get(key).is_none() {
                match (above, here) {
                    ("paths", _) => next = self.paths.get(key)?.clone(),
                    ("content", Value::Object(all)) if key.contains("json") => {
                        next = one(all.keys())?.clone()
                    }
                    ("responses", Value::Object(all)) if key.starts_with('2') => {
                        next = one(all.keys().filter(|status| status.starts_with('2')))?.clone();
                    }
                    // What stood beside a path may stand in its operations now.
                    (_, Value::Object(all)) if key == "parameters" && is_path_item => {
                        let mut methods =
                            METHODS.iter().filter(|method| all.contains_key(**method));
                        at = at.child(one(&mut methods)?);
                        at.find(document)?.get(key)?;
                    }
                    _ => return None,
                }
            }
            at = at.child(&next);
            above = key;
        }
        at.find(document).map(|_| at)
    }

    /// Says where something of the last document is now; nothing, if it stayed.
    pub(super) fn words(&self, place: &Pointer, document: &Value) -> Option<String> {
        let path = |place: &Pointer| {
            let mut keys = place.keys();
            (keys.next()? == "paths").then(|| keys.next()).flatten()
        };
        match (self.place(place, document), path(place)) {
            (Some(now), _) if now == *place => None,
            (Some(now), Some(was)) => match path(&now) {
                Some(is) if is != was => Some(format!("`{was}` is called `{is}` now")),
                _ => Some(format!("{place} is {now} now")),
            },
            (Some(now), None) => Some(format!("{place} is {now} now")),
            (None, _) => Some(format!("{place} is gone")),
        }
    }

    /// The index that a parameter has now.
    fn parameter(&self, old: &Pointer, now: &Value, document: &Value) -> Option<String> {
        let name = |parameter: &Value| {
            let text = |key: &str| Some(parameter.get(key)?.as_str()?.to_owned());
            Some((text("in")?, text("name")?))
        };
        let index = old.keys().last()?;
        let all = now.as_array()?;
        let Some(wanted) = old.find(&self.old).and_then(name) else {
            return now.get(index.parse::<usize>().ok()?).map(|_| index);
        };
        let names: Vec<_> = all.iter().map(|one| name(target(document, one))).collect();
        let same = names.iter().position(|one| one.as_ref() == Some(&wanted));
        // A parameter of the path may have another name.
        let only = || {
            let is_path = |one: &Option<(String, String)>| {
                one.as_ref().is_some_and(|(place, _)| place == "path")
            };
            let mut of_path = names.iter().enumerate().filter(|(_, one)| is_path(one));
            (wanted.0 == "path")
                .then(|| one(&mut of_path))
                .flatten()
                .map(|(index, _)| index)
        };
        Some(same.or_else(only)?.to_string())
    }

    /// What stood in the last document at a place of the new one.
    pub(super) fn before(&self, place: &Pointer) -> Option<&Value> {
        let mut keys = place.keys();
        let mut old = Pointer::root();
        if place.as_str().starts_with("/paths/") {
            old = old.child(&keys.next()?);
            let path = keys.next()?;
            let from = self.paths.iter().find(|(_, to)| **to == path);
            old = old.child(from.map_or(&path, |(from, _)| from));
        }
        for key in keys {
            old = old.named(&self.old).child(&key);
        }
        old.named(&self.old).find(&self.old)
    }
}

/// The one thing that there is; nothing, if there are more.
fn one<T>(all: impl IntoIterator<Item = T>) -> Option<T> {
    let mut all = all.into_iter();
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn paths(document: &Value) -> Map<String, Value> {
    let all = document.get("paths").and_then(Value::as_object);
    all.cloned().unwrap_or_default()
}

fn ids(item: &Value) -> BTreeSet<&str> {
    let all = METHODS.iter().filter_map(|method| item.get(method));
    all.filter_map(|operation| operation.get("operationId")?.as_str())
        .collect()
}

/// What the operations of a path say, without their names.
fn words(item: &Value) -> Value {
    let mut item = item.clone();
    for method in METHODS {
        if let Some(Value::Object(operation)) = item.get_mut(method) {
            operation.remove("operationId");
        }
    }
    item
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "{}",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_moved_is_found_by_name_by_shape_and_by_what_was_put_in_front() {
        let get = |id: &str| json!({"get": {"operationId": id, "responses": {"200": {"content": {"*/*": {}}}}}});
        let old = json!({"paths": {
            "/a": get("one"), "/b/{id}": get("two"), "/c": get("three"), "/d": get("four"),
            "/e": {"parameters": [{"name": "id", "in": "path"}], "get": {}},
        }});
        let new = json!({"paths": {
            "/x": get("one"), "/b/{key}": get("2"), "/api/c": get("3"), "/f": get("5"), "/d": {"$ref": "#/paths/~1f"},
            "/e/{key}": {"get": {"parameters": [{"name": "q", "in": "query"}, {"name": "key", "in": "path"}]}},
        }});
        let mut moves = Moves::between(old, &new);
        moves.paths.insert("/e".to_owned(), "/e/{key}".to_owned());
        for (from, to) in [
            ("/paths/~1a/get", Some("/paths/~1x/get")),
            (
                "/paths/~1b~1{id}/get/responses/201",
                Some("/paths/~1b~1{key}/get/responses/200"),
            ),
            ("/paths/~1c/get", Some("/paths/~1api~1c/get")),
            ("/paths/~1d/get/responses", Some("/paths/~1f/get/responses")),
            (
                "/paths/~1a/get/responses/200/content/application~1json",
                Some("/paths/~1x/get/responses/200/content/*~1*"),
            ),
            (
                "/paths/~1e/parameters/0",
                Some("/paths/~1e~1{key}/get/parameters/1"),
            ),
            ("/paths/~1g/get", None),
        ] {
            let found = moves.place(&Pointer::parse(from), &new);
            assert_eq!(found.as_ref().map(Pointer::as_str), to, "{from}");
        }
        assert!(moves.before(&Pointer::parse("/paths/~1x/get")).is_some());
    }
}
