//! What a schema comes to, once its references are followed; and whether a value of it is a single word.

use serde_json::Value;

use super::merge::{self, Merged};
use crate::pointer::Pointer;

/// What a reference names; the node itself, if it is none.
pub(super) fn target<'v>(document: &'v Value, node: &'v Value) -> &'v Value {
    let mut node = node;
    for _ in 0..16 {
        let reference = node.get("$ref").and_then(Value::as_str);
        match reference
            .and_then(Pointer::of_reference)
            .and_then(|place| document.pointer(place.as_str()))
        {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// The schema with its references followed and its parts merged.
pub(super) fn merged(document: &Value, schema: &Value) -> Value {
    let found = target(document, schema);
    match found
        .as_object()
        .filter(|object| object.contains_key("allOf"))
        .map(|object| merge::merge(document, object))
    {
        Some(Ok(Merged::Many(merged))) => Value::Object(merged),
        Some(Ok(Merged::One(only))) => merged_once(document, &only),
        _ => found.clone(),
    }
}

fn merged_once(document: &Value, schema: &Value) -> Value {
    let found = target(document, schema);
    match found
        .as_object()
        .map(|object| merge::merge(document, object))
    {
        Some(Ok(Merged::Many(merged))) => Value::Object(merged),
        _ => found.clone(),
    }
}

/// Whether a value of the schema is a single word: text, a number or a truth value.
pub(super) fn is_word(document: &Value, schema: &Value) -> bool {
    let schema = merged(document, schema);
    let is_text = |values: &Value| {
        values
            .as_array()
            .is_some_and(|values| values.iter().all(Value::is_string))
    };
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => schema.get("enum").is_none_or(is_text),
        Some(kind) => matches!(kind, "integer" | "number" | "boolean"),
        None => schema.get("enum").is_some_and(is_text),
    }
}
