//! Makes what the generator decodes of a plain document robust: unknown fields are kept, and a null
//! is a missing value. What no operation needs is left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::markdown;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{METHODS, Node, walk};

const STAGE: &str = "lower";

/// The document that progenitor reads.
pub(crate) fn lower(mut document: Value, report: &mut Report) -> Result<Value, Error> {
    if let Some(info) = document.get_mut("info") {
        escape_prose(info);
    }
    let read = reachable(&document, &["responses"]);
    walk(&mut document, &mut |node, pointer, value| {
        escape_prose(value);
        if let (Node::Schema, Value::Object(schema)) = (node, value) {
            lower_schema(schema, pointer, &read, report);
        }
        Ok(())
    })?;
    prune(&mut document, report);
    Ok(document)
}

/// The prose of a node becomes the docs of what is generated from it.
fn escape_prose(value: &mut Value) {
    for key in ["description", "summary"] {
        if let Some(Value::String(text)) = value.get_mut(key) {
            *text = markdown::escape(text);
        }
    }
}

fn lower_schema(
    schema: &mut Map<String, Value>,
    pointer: &Pointer,
    read: &BTreeSet<String>,
    report: &mut Report,
) {
    evidence(schema);
    let is_read = component_name(pointer).is_some_and(|name| read.contains(name));
    let is_object = schema.get("type") == Some(&json!("object"));
    if is_read && is_object && !schema.contains_key("additionalProperties") {
        schema.insert("additionalProperties".to_owned(), json!({}));
        report.note(STAGE, pointer, "unknown fields are kept");
    }
    optional_properties(schema, pointer, report);
}

/// Puts the grade of evidence where a reader of the generated docs sees it.
fn evidence(schema: &mut Map<String, Value>) {
    let Some(Value::String(grade)) = schema.remove("x-evidence") else {
        return;
    };
    let description = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let description = format!("{description}\n\nEvidence: {grade}.");
    schema.insert("description".to_owned(), json!(description.trim_start()));
}

/// The `Option` of an optional property already stands for null. An optional array or map keeps its
/// `nullable`, or gets one, for those have no `Option` otherwise and a null would fail the read.
fn optional_properties(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (name, property) in properties
        .iter_mut()
        .filter(|(name, _)| !required.contains(*name))
    {
        let Some(property) = property.as_object_mut() else {
            continue;
        };
        let pointer = pointer.child("properties").child(name);
        let is_container = matches!(
            property.get("type").and_then(Value::as_str),
            Some("array" | "object")
        );
        if is_container {
            if property
                .insert("nullable".to_owned(), json!(true))
                .is_none()
            {
                report.note(STAGE, &pointer, "a null is read as a missing value");
            }
        } else if property.remove("nullable").is_some() {
            report.note(
                STAGE,
                &pointer.child("nullable"),
                "left out: a missing value and a null are the same",
            );
        }
    }
}

/// The component schema that a pointer lies in.
fn component_name(pointer: &Pointer) -> Option<&str> {
    pointer
        .as_str()
        .strip_prefix("/components/schemas/")?
        .split('/')
        .next()
}

/// The names of the component schemas that the operations reach through these keys.
fn reachable(document: &Value, keys: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut pending: Vec<&Value> = Vec::new();
    let items = document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (_, item) in items {
        for operation in METHODS.iter().filter_map(|method| item.get(*method)) {
            pending.extend(keys.iter().filter_map(|key| operation.get(*key)));
        }
        if keys.contains(&"parameters") {
            pending.extend(item.get("parameters"));
        }
    }
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    let name = Pointer::component("schemas", reference);
                    names.extend(name.map(str::to_owned));
                    if seen.insert(reference) {
                        let target = Pointer::of_reference(reference);
                        pending.extend(target.and_then(|target| target.find(document)));
                    }
                }
                pending.extend(object.values());
            }
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    names
}

/// Leaves out the schemas that only failures spoke of.
fn prune(document: &mut Value, report: &mut Report) {
    let used = reachable(document, &["responses", "requestBody", "parameters"]);
    let Some(Value::Object(components)) = document.get_mut("components") else {
        return;
    };
    components.remove("responses");
    if let Some(Value::Object(schemas)) = components.get_mut("schemas") {
        let pointer = Pointer::root().child("components").child("schemas");
        schemas.retain(|name, _| {
            let keep = used.contains(name);
            if !keep {
                report.note(
                    STAGE,
                    &pointer.child(name),
                    "left out: no operation needs it",
                );
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests;
