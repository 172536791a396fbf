//! Makes one document of several files: what a reference names in another file, or deep inside this one, becomes a
//! component, and a path item is written out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use crate::error::Error;
use crate::pointer::Pointer;
use crate::read;
use crate::refusal::Action;
use crate::report::Report;
use crate::walk::{Node, walk_from};

const STAGE: &str = "refs";

/// How many path items in a row may refer to the next.
const CHAIN: usize = 16;

/// The document with references to its own components only. `path` is where it lies, which is what relative references
/// start from.
pub(crate) fn resolve(
    mut document: Value,
    path: &Path,
    report: &mut Report,
) -> Result<Value, Error> {
    let root = clean(path);
    let mut resolver = Resolver {
        taken: taken(&document),
        files: BTreeMap::from([(root.clone(), document.clone())]),
        root: root.clone(),
        names: BTreeMap::new(),
        pending: Vec::new(),
        report,
    };
    resolver.rewrite(Node::Document, &Pointer::root(), &mut document, &root)?;
    while let Some(Moved {
        section,
        node,
        name,
        mut value,
        file,
    }) = resolver.pending.pop()
    {
        let at = component(section, &name);
        resolver.rewrite(node, &at, &mut value, &file)?;
        insert(&mut document, section, name, value);
    }
    Ok(document)
}

/// What becomes a component, and the file that its own references start from.
struct Moved {
    section: &'static str,
    node: Node,
    name: String,
    value: Value,
    file: PathBuf,
}

struct Resolver<'r> {
    root: PathBuf,
    files: BTreeMap<PathBuf, Value>,
    /// The component that a place in a file became.
    names: BTreeMap<(PathBuf, String, &'static str), String>,
    taken: BTreeSet<(String, String)>,
    pending: Vec<Moved>,
    report: &'r mut Report,
}

impl Resolver<'_> {
    /// Rewrites every reference of a node that comes from `file` and stands at `at` in the whole.
    fn rewrite(
        &mut self,
        node: Node,
        at: &Pointer,
        value: &mut Value,
        file: &Path,
    ) -> Result<(), Error> {
        walk_from(node, at, value, &mut |node, pointer, value| {
            if node == Node::PathItem {
                return self.path_item(pointer, value, file, CHAIN);
            }
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(());
            };
            let Some(section) = section(node) else {
                return Ok(());
            };
            let reference = reference.to_owned();
            if let Some((name, target, place)) =
                self.target(node, section, pointer, &reference, file)?
            {
                // What is said of the reference is about what it names; a schema may have words beside it.
                if node != Node::Schema {
                    self.report.taken(pointer.clone(), &target, place);
                }
                value["$ref"] = json!(name);
            }
            Ok(())
        })
    }

    /// The reference to the component that this reference names or now names, with the file and the place there; nothing
    /// if it stays as it is.
    fn target(
        &mut self,
        node: Node,
        section: &'static str,
        pointer: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<(String, PathBuf, Pointer)>, Error> {
        let is_own = *file == self.root;
        if is_own && Pointer::component(section, reference).is_some_and(|name| !name.contains('/'))
        {
            return Ok(None);
        }
        let Some((target, place)) = self.find(pointer, reference, file)? else {
            return Ok(None);
        };
        if target == self.root
            && let Some(name) = Pointer::component(section, &format!("#{place}"))
            && !name.contains('/')
        {
            let reference = format!("#{place}");
            return Ok(Some((reference, target, Pointer::parse(&place))));
        }
        let key = (target.clone(), place.clone(), section);
        let name = match self.names.get(&key) {
            Some(name) => name.clone(),
            None => {
                let value = self
                    .files
                    .get(&target)
                    .and_then(|whole| whole.pointer(&place))
                    .cloned()
                    .unwrap_or_default();
                let name = self.free_name(section, &target, &place);
                self.report.note(
                    STAGE,
                    pointer,
                    format!("`{reference}` became the component `{name}`"),
                );
                self.names.insert(key, name.clone());
                let at = component(section, &name);
                self.report.taken(at, &target, Pointer::parse(&place));
                self.pending.push(Moved {
                    section,
                    node,
                    name: name.clone(),
                    value,
                    file: target.clone(),
                });
                name
            }
        };
        let reference = format!("#/components/{section}/{name}");
        Ok(Some((reference, target, Pointer::parse(&place))))
    }

    /// The file and the place in it that a reference names.
    fn find(
        &mut self,
        pointer: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<(PathBuf, String)>, Error> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if path.is_empty() {
            file.to_owned()
        } else if let Some(place) = self
            .files
            .get(file)
            .and_then(|whole| by_key(whole, "$id", path))
        {
            return Ok(Some((file.to_owned(), place)));
        } else if path.contains("://") {
            self.report.refuse(
                STAGE,
                &pointer.child("$ref"),
                &json!(reference),
                "the reference leads to the network, and regen reads local files only",
                "save what it names beside the document and refer to that file",
                &Action::None,
            );
            return Ok(None);
        } else {
            let folder = file.parent().unwrap_or(Path::new(""));
            let target = clean(&folder.join(path));
            if !self.files.contains_key(&target) {
                if !target.is_file() {
                    self.report.refuse(
                        STAGE,
                        &pointer.child("$ref"),
                        &json!(reference),
                        "there is no such file beside the document",
                        "put the file there, or correct the reference",
                        &Action::None,
                    );
                    return Ok(None);
                }
                let whole = read::read(&target)?;
                self.files.insert(target.clone(), whole);
            }
            target
        };
        let whole = self.files.get(&target).unwrap_or(&Value::Null);
        let place = match Pointer::of_reference(&format!("#{fragment}")) {
            Some(place) => place.find(whole).map(|_| place.as_str().to_owned()),
            None => by_key(whole, "$anchor", fragment),
        };
        if place.is_none() {
            self.report.refuse(
                STAGE,
                &pointer.child("$ref"),
                &json!(reference),
                "nothing is there",
                "name a component that exists",
                &Action::None,
            );
        }
        Ok(place.map(|place| (target, place)))
    }

    fn path_item(
        &mut self,
        pointer: &Pointer,
        value: &mut Value,
        file: &Path,
        chain: usize,
    ) -> Result<(), Error> {
        let Some(reference) = value.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(());
        };
        if chain == 0 {
            self.report.refuse(
                STAGE,
                &pointer.child("$ref"),
                &json!(reference),
                "the path items refer to each other in a circle",
                "write one of them out",
                &Action::None,
            );
            return Ok(());
        }
        let Some((target, place)) = self.find(pointer, &reference, file)? else {
            return Ok(());
        };
        let mut item = self
            .files
            .get(&target)
            .and_then(|whole| whole.pointer(&place))
            .cloned()
            .unwrap_or_default();
        self.report
            .taken(pointer.clone(), &target, Pointer::parse(&place));
        if item.get("$ref").is_some() {
            self.path_item(pointer, &mut item, &target, chain - 1)?;
        } else {
            self.rewrite(Node::PathItem, pointer, &mut item, &target)?;
        }
        if let (Some(item), Some(own)) = (item.as_object_mut(), value.as_object_mut()) {
            own.remove("$ref");
            item.append(own);
        }
        *value = item;
        self.report
            .note(STAGE, pointer, format!("`{reference}` written out"));
        Ok(())
    }

    fn free_name(&mut self, section: &str, file: &Path, place: &str) -> String {
        let last = place.rsplit('/').next().unwrap_or_default();
        let wanted = if last.is_empty() || last.parse::<u32>().is_ok() {
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            let mut parts = place
                .rsplit('/')
                .filter(|part| part.parse::<u32>().is_err());
            parts
                .next()
                .filter(|part| !part.is_empty())
                .or(stem)
                .unwrap_or("part")
                .to_owned()
        } else {
            last.to_owned()
        };
        // A name in a reference must need no escapes.
        let wanted: String = wanted
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() || letter == '-' {
                    letter
                } else {
                    '_'
                }
            })
            .collect();
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert((section.to_owned(), name.clone())) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        name
    }
}

/// Where a component stands. Its name needs no escapes.
fn component(section: &str, name: &str) -> Pointer {
    Pointer::root()
        .child("components")
        .child(section)
        .child(name)
}

/// The section of the components for a kind of node.
fn section(node: Node) -> Option<&'static str> {
    match node {
        Node::Schema => Some("schemas"),
        Node::Parameter => Some("parameters"),
        Node::Header => Some("headers"),
        Node::RequestBody => Some("requestBodies"),
        Node::Response => Some("responses"),
        _ => None,
    }
}

fn taken(document: &Value) -> BTreeSet<(String, String)> {
    let sections = document.get("components").and_then(Value::as_object);
    let mut names = BTreeSet::new();
    for (section, entries) in sections.into_iter().flatten() {
        for name in entries.as_object().into_iter().flat_map(|all| all.keys()) {
            names.insert((section.clone(), name.clone()));
        }
    }
    names
}

fn insert(document: &mut Value, section: &str, name: String, value: Value) {
    let below = |value: &mut Value, key: &str| {
        if let Some(map) = value.as_object_mut() {
            map.entry(key).or_insert_with(|| json!({}));
        }
    };
    below(document, "components");
    if let Some(components) = document.get_mut("components") {
        below(components, section);
        if let Some(entries) = components.get_mut(section).and_then(Value::as_object_mut) {
            entries.insert(name, value);
        }
    }
}

/// The place of the object that has this member, such as an `$anchor`.
fn by_key(whole: &Value, key: &str, wanted: &str) -> Option<String> {
    let mut pending = vec![(Pointer::root(), whole)];
    while let Some((pointer, value)) = pending.pop() {
        match value {
            Value::Object(map) => {
                if map.get(key).and_then(Value::as_str) == Some(wanted) {
                    return Some(pointer.as_str().to_owned());
                }
                pending.extend(map.iter().map(|(key, value)| (pointer.child(key), value)));
            }
            Value::Array(items) => pending.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| (pointer.index(index), value)),
            ),
            _ => {}
        }
    }
    None
}

/// The path without `.` and `..`, so that a file has one name.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn resolved(files: &[(&str, Value)]) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in files {
            fs::write(folder.path().join(name), value.to_string()).unwrap();
        }
        let path = folder.path().join(files[0].0);
        let mut report = Report::default();
        let done = resolve(files[0].1.clone(), &path, &mut report).map_err(|e| e.to_string())?;
        report.settle().map_err(|error| error.to_string())?;
        Ok(done)
    }

    #[test]
    fn other_files_become_components_even_in_a_circle() {
        let root = json!({"components": {"schemas": {"A": {"$ref": "b.yaml#/B"}, "B": {}}}});
        let other = json!({"B": {"properties": {"self": {"$ref": "#/B"}, "a": {"$ref": "a.json#/components/schemas/A"}}}});
        let done = resolved(&[("a.json", root), ("b.yaml", other)]).unwrap();
        assert_eq!(
            done["components"]["schemas"],
            json!({
                "A": {"$ref": "#/components/schemas/B2"},
                "B": {},
                "B2": {"properties": {"self": {"$ref": "#/components/schemas/B2"}, "a": {"$ref": "#/components/schemas/A"}}},
            })
        );
    }

    #[test]
    fn deep_places_anchors_and_ids_become_components() {
        let done = resolved(&[("a", json!({"components": {"schemas": {
            "A": {"$defs": {"In": {"$anchor": "here", "type": "string"}, "Id": {"$id": "urn:x", "type": "integer"}}},
            "B": {"$ref": "#/components/schemas/A/$defs/In"},
            "C": {"$ref": "#here"},
            "D": {"$ref": "urn:x"},
        }}}))])
        .unwrap();
        let schemas = &done["components"]["schemas"];
        assert_eq!(schemas["B"], json!({"$ref": "#/components/schemas/In"}));
        assert_eq!(schemas["C"], schemas["B"]);
        assert_eq!(schemas["D"], json!({"$ref": "#/components/schemas/Id"}));
        assert_eq!(schemas["Id"]["type"], "integer");
    }

    #[test]
    fn a_path_item_is_written_out() {
        let item = json!({"get": {"parameters": [{"$ref": "#/p"}]}, "p": {"name": "p"}});
        let mut file = item.clone();
        file["p"] = json!({"name": "p"});
        let done = resolved(&[
            ("a", json!({"paths": {"/x": {"$ref": "b", "summary": "s"}}})),
            ("b", file),
        ])
        .unwrap();
        assert_eq!(done["paths"]["/x"]["summary"], "s");
        assert_eq!(
            done["paths"]["/x"]["get"]["parameters"][0],
            json!({"$ref": "#/components/parameters/p"})
        );
        assert_eq!(done["components"]["parameters"]["p"], json!({"name": "p"}));
    }

    #[test]
    fn a_refusal_names_the_file_and_the_place_in_it() {
        let error = resolved(&[
            ("a", json!({
                "paths": {"/x": {"$ref": "item#/x"}},
                "components": {"schemas": {"A": {"$ref": "b#/deep/B"}, "C": {"$ref": "#/none"}}},
            })),
            ("b", json!({"deep": {"B": {"properties": {"n": {"$ref": "gone.yaml"}, "o": {"$ref": "c#/C"}}}}})),
            ("c", json!({"C": {"items": {"$ref": "#/nowhere"}}})),
            ("item", json!({"x": {"get": {"parameters": [{"$ref": "#/lost"}]}}})),
        ])
        .unwrap_err();
        for words in [
            "b: /deep/B/properties/n/$ref\n   here:  /components/schemas/B/properties/n/$ref",
            "c: /C/items/$ref\n",
            "item: /x/get/parameters/0/$ref\n   here:  /paths/~1x/get/parameters/0/$ref",
            "refs: /components/schemas/C/$ref\n   found",
        ] {
            assert!(error.contains(words), "{words}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused_all_at_once() {
        let error = resolved(&[("a", json!({"components": {"schemas": {
            "A": {"$ref": "https://example.com/x"}, "B": {"$ref": "gone.yaml"}, "C": {"$ref": "#/nowhere"}, "D": {"$ref": "#none"},
        }}}))])
        .unwrap_err();
        for word in ["4 reasons", "network", "gone.yaml", "#/nowhere", "#none"] {
            assert!(error.contains(word), "{error}");
        }
    }
}
