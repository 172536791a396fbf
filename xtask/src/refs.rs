//! Makes one document of several files: what a reference names in another file, or deep inside this
//! one, becomes a component, and a path item is written out.

mod find;
mod mapping;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::Action;
use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{Node, walk_from};
use find::clean;

const STAGE: &str = "refs";

/// The document with references to its own components only. `path` is where it lies, which is what
/// relative references start from.
pub(crate) fn resolve(
    mut document: Value,
    path: &Path,
    report: &mut Report,
) -> Result<Value, Error> {
    let root = clean(path);
    let mut resolver = Resolver {
        taken: names::taken(&document),
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

/// What a reference names.
struct Target {
    /// The reference to the component that it is, or has become.
    name: String,
    file: PathBuf,
    /// Where it stands in the file.
    place: Pointer,
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
                return self.path_item(pointer, value, file, &mut Vec::new());
            }
            if node == Node::Schema {
                self.dynamic(pointer, value, file);
            }
            if node == Node::Schema && value.get("discriminator").is_some() {
                self.discriminator(pointer, value, file)?;
            }
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(());
            };
            let reference = reference.to_owned();
            let at = pointer.child("$ref");
            if let Some(Target { name, file, place }) =
                self.target(node, pointer, &at, &reference, file)?
            {
                // What is said of the reference is about what it names; a schema may have words
                // beside it.
                if node != Node::Schema {
                    self.report.taken(pointer.clone(), &file, place);
                }
                value["$ref"] = json!(name);
            }
            Ok(())
        })
    }

    /// The reference to the component that this reference, which stands at `at`, names or now
    /// names; nothing if it stays as it is.
    fn target(
        &mut self,
        node: Node,
        pointer: &Pointer,
        at: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<Target>, Error> {
        let Some(section) = section(node) else {
            return Ok(None);
        };
        let is_own = *file == self.root;
        if is_own && Pointer::component(section, reference).is_some_and(|name| !name.contains('/'))
        {
            return Ok(None);
        }
        let Some((target, place)) = self.find(at, reference, file)? else {
            return Ok(None);
        };
        if target == self.root
            && let Some(name) = Pointer::component(section, &format!("#{place}"))
            && !name.contains('/')
        {
            return Ok(Some(Target {
                name: format!("#{place}"),
                file: target,
                place: Pointer::parse(&place),
            }));
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
        Ok(Some(Target {
            name: format!("#/components/{section}/{name}"),
            file: target,
            place: Pointer::parse(&place),
        }))
    }

    /// A dynamic reference leads to another place in another context; with a single anchor of its
    /// name, there is but one.
    fn dynamic(&mut self, pointer: &Pointer, schema: &mut Value, file: &Path) {
        let Some(name) = schema
            .get("$dynamicRef")
            .and_then(|reference| reference.as_str()?.strip_prefix('#'))
            .map(str::to_owned)
        else {
            return;
        };
        let places = self.files.get(file).map(|whole| {
            let places = find::all_by_key(whole, "$dynamicAnchor", &name);
            (places.len(), places.into_iter().next())
        });
        if let (Some((1, Some(place))), Some(schema)) = (places, schema.as_object_mut())
            && !schema.contains_key("$ref")
        {
            schema.remove("$dynamicRef");
            schema.insert("$ref".to_owned(), json!(format!("#{place}")));
            let what = "became a plain reference, for there is one such anchor";
            self.report.note(STAGE, &pointer.child("$dynamicRef"), what);
        }
    }

    fn path_item(
        &mut self,
        pointer: &Pointer,
        value: &mut Value,
        file: &Path,
        seen: &mut Vec<(PathBuf, String)>,
    ) -> Result<(), Error> {
        let Some(reference) = value.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(());
        };
        let Some((target, place)) = self.find(&pointer.child("$ref"), &reference, file)? else {
            return Ok(());
        };
        let found = (target, place);
        if seen.contains(&found) {
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
        let (target, place) = found.clone();
        seen.push(found);
        let mut item = self
            .files
            .get(&target)
            .and_then(|whole| whole.pointer(&place))
            .cloned()
            .unwrap_or_default();
        self.report
            .taken(pointer.clone(), &target, Pointer::parse(&place));
        if item.get("$ref").is_some() {
            self.path_item(pointer, &mut item, &target, seen)?;
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

#[cfg(test)]
mod tests;
