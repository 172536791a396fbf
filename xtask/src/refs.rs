//! Makes one document of several files: what a reference names in another file, or deep inside this one, becomes a
//! component, and a path item is written out.

mod find;
mod mapping;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::Error;
use crate::pointer::Pointer;
use crate::refusal::Action;
use crate::report::Report;
use crate::walk::{Node, walk_from};
use find::clean;

const STAGE: &str = "refs";

/// The document with references to its own components only. `path` is where it lies, which is what relative references
/// start from.
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
    resolver.rewrite(Node::Document, &mut document, &root)?;
    while let Some(Moved {
        section,
        node,
        name,
        mut value,
        file,
    }) = resolver.pending.pop()
    {
        resolver.rewrite(node, &mut value, &file)?;
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
    /// Rewrites every reference of a node that comes from `file`.
    fn rewrite(&mut self, node: Node, value: &mut Value, file: &Path) -> Result<(), Error> {
        walk_from(node, value, &mut |node, pointer, value| {
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
            if let Some(new) = self.target(node, pointer, &at, &reference, file)? {
                value["$ref"] = json!(new);
            }
            Ok(())
        })
    }

    /// The reference to the component that this reference, which stands at `at`, names or now names; nothing if it stays
    /// as it is.
    fn target(
        &mut self,
        node: Node,
        pointer: &Pointer,
        at: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<String>, Error> {
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
            return Ok(Some(format!("#{place}")));
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
                self.pending.push(Moved {
                    section,
                    node,
                    name: name.clone(),
                    value,
                    file: target,
                });
                name
            }
        };
        Ok(Some(format!("#/components/{section}/{name}")))
    }

    /// A dynamic reference leads to another place in another context; with a single anchor of its name, there is but one.
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
        if item.get("$ref").is_some() {
            self.path_item(pointer, &mut item, &target, seen)?;
        } else {
            self.rewrite(Node::PathItem, &mut item, &target)?;
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
