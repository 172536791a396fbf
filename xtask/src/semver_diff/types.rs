//! What a schema says of the type that is made of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::formats;

/// Keywords that are for readers.
pub(super) const WORDS: [&str; 10] = [
    "description",
    "title",
    "example",
    "examples",
    "deprecated",
    "externalDocs",
    "xml",
    "readOnly",
    "writeOnly",
    "x-evidence",
];

pub(super) fn empty<'v>() -> &'v Map<String, Value> {
    static EMPTY: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();
    EMPTY.get_or_init(Map::new)
}

pub(super) fn required(schema: &Map<String, Value>) -> BTreeSet<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What Rust type a schema becomes, in a word.
pub(super) fn kind(schema: &Map<String, Value>) -> String {
    if let Some(reference) = reference(schema) {
        return format!("`{}`", reference.rsplit('/').next().unwrap_or_default());
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            let kinds: BTreeSet<&str> = kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null")
                .collect();
            kinds.into_iter().collect::<Vec<_>>().join(" or ")
        }
        _ if !values(schema).is_empty() => "string".to_owned(),
        _ if schema.contains_key("properties") => "object".to_owned(),
        _ => "anything".to_owned(),
    };
    match schema.get("format").and_then(Value::as_str) {
        Some(format) if formats::is_known(format) && format != "int64" => {
            format!("{kind} ({format})")
        }
        _ => kind,
    }
}

/// A format that no type is made for.
pub(super) fn unknown_format(schema: &Map<String, Value>) -> Option<&str> {
    let format = schema.get("format")?.as_str()?;
    (!formats::is_known(format)).then_some(format)
}

/// The one type that a schema names, with or without a null.
pub(super) fn reference(schema: &Map<String, Value>) -> Option<&str> {
    if let Some(reference) = schema.get("$ref") {
        return reference.as_str();
    }
    let list = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array())?;
    let mut named = list
        .iter()
        .filter_map(|choice| choice.get("$ref")?.as_str());
    let is_rest_null = list
        .iter()
        .filter(|choice| choice.get("$ref").is_none())
        .all(|choice| choice.get("type") == Some(&json!("null")));
    match (named.next(), named.next()) {
        (Some(only), None) if is_rest_null => Some(only),
        _ => None,
    }
}

pub(super) fn is_nullable(schema: &Map<String, Value>) -> bool {
    let null = json!("null");
    let in_type = schema
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.contains(&null));
    let in_choice = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array())
        .any(|choices| {
            choices
                .iter()
                .any(|choice| choice.get("type") == Some(&null))
        });
    in_type || in_choice || schema.get("nullable") == Some(&json!(true))
}

/// The values of an enum, also of one that says that it is open, or that there is only one.
pub(super) fn values(schema: &Map<String, Value>) -> Vec<&Value> {
    if let Some(only) = schema.get("const") {
        return vec![only];
    }
    let own = schema.get("enum").and_then(Value::as_array);
    let open = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|choices| {
            choices
                .iter()
                .find_map(|choice| choice.get("enum")?.as_array())
        });
    own.or(open)
        .into_iter()
        .flatten()
        .filter(|value| !value.is_null())
        .collect()
}

/// Whether an enum says that there may be other values.
pub(super) fn is_open(schema: &Map<String, Value>) -> bool {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    choices.into_iter().flatten().any(|choice| {
        choice.get("type") == Some(&json!("string"))
            && choice.get("enum").is_none()
            && choice.get("const").is_none()
    })
}

/// A schema without its words.
pub(super) fn plain(schema: Option<&Value>) -> Option<Map<String, Value>> {
    let mut schema = schema?.as_object()?.clone();
    schema.retain(|key, _| !WORDS.contains(&key.as_str()));
    Some(schema)
}
