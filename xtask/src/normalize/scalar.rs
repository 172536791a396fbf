//! What a schema comes to, once its references are followed; and whether a value of it is a single
//! word.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::merge::{self, Merged};
use super::schemas::{is_about, is_nullable};
use super::types::integer;
use crate::down::is_of;
use crate::walk::target;

/// The schema with its references followed and its parts merged.
pub(super) fn merged(document: &Value, schema: &Value) -> Value {
    let mut found = target(document, schema).clone();
    let mut seen = Vec::new();
    while let Some(object) = found
        .as_object()
        .filter(|object| object.contains_key("allOf"))
        && !seen.contains(&found)
    {
        match merge::merge(document, object) {
            Ok(Merged::Many { merged, .. }) => return Value::Object(merged),
            Ok(Merged::One(only)) => {
                let next = target(document, &only).clone();
                seen.push(std::mem::replace(&mut found, next));
            }
            Err(_) => break,
        }
    }
    found
}

/// Whether a value of the schema is a single word: text, a number or a truth value.
pub(super) fn is_word(document: &Value, schema: &Value) -> bool {
    one_word(document, [schema]).is_some()
}

/// The word that covers all of these, if they are all of a kind; it may be null if one of them may.
pub(super) fn one_word<'c>(
    document: &Value,
    choices: impl IntoIterator<Item = &'c Value>,
) -> Option<Value> {
    let mut words = Words::default();
    for choice in choices {
        words.add(document, choice)?;
    }
    let mut word = words.cover()?;
    if words.nullable {
        word["nullable"] = json!(true);
    }
    Some(word)
}

#[derive(Default)]
struct Words {
    /// Each with its kind.
    all: Vec<(&'static str, Map<String, Value>)>,
    nullable: bool,
    /// What was looked at; a choice that holds itself says nothing more by that.
    seen: BTreeSet<String>,
}

impl Words {
    /// Adds the words that a schema is a choice of; nothing, if it is more than a word.
    fn add(&mut self, document: &Value, schema: &Value) -> Option<()> {
        let Value::Object(mut whole) = merged(document, schema) else {
            return None;
        };
        let is_choice = whole.contains_key("oneOf") || whole.contains_key("anyOf");
        if is_choice && !self.seen.insert(json!(whole).to_string()) {
            return Some(());
        }
        self.nullable |= is_nullable(&whole);
        let choices = match (whole.remove("oneOf"), whole.remove("anyOf")) {
            (None, None) => {
                if let Some(kind) = kind(&whole)? {
                    self.all.push((kind, whole));
                }
                return Some(());
            }
            (Some(Value::Array(choices)), None) | (None, Some(Value::Array(choices))) => choices,
            _ => return None,
        };
        whole.retain(|key, _| !is_about(key));
        for choice in choices {
            let both = json!({"allOf": [whole, choice]});
            self.add(document, &both)?;
        }
        Some(())
    }

    fn cover(&self) -> Option<Value> {
        let kinds: BTreeSet<&str> = self.all.iter().map(|(kind, _)| *kind).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        match kinds.as_slice() {
            ["string"] => Some(self.text()),
            ["integer"] => Some(self.integer()),
            ["number"] | ["integer", "number"] => Some(json!({"type": "number"})),
            ["boolean"] => Some(json!({"type": "boolean"})),
            _ => None,
        }
    }

    fn text(&self) -> Value {
        let words = || self.all.iter().map(|(_, word)| word);
        if words().any(|word| word.get("format") == Some(&json!("password"))) {
            return json!({"type": "string", "format": "password"});
        }
        let mut values: Vec<&Value> = Vec::new();
        for value in words()
            .filter_map(|word| word.get("enum")?.as_array())
            .flatten()
        {
            if value.is_string() && !values.contains(&value) {
                values.push(value);
            }
        }
        // An enum stays open, so it takes the texts of the other choices too.
        if values.is_empty() {
            json!({"type": "string"})
        } else {
            json!({"type": "string", "enum": values})
        }
    }

    fn integer(&self) -> Value {
        let formats: BTreeSet<String> = self
            .all
            .iter()
            .map(|(_, word)| {
                let plain = integer(word);
                let format = plain.get("format").and_then(Value::as_str);
                format.unwrap_or_default().to_owned()
            })
            .collect();
        let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
        match formats.as_slice() {
            [one @ ("int32" | "int64" | "uint64")] => json!({"type": "integer", "format": one}),
            ["int32", "int64"] => json!({"type": "integer", "format": "int64"}),
            _ => json!({"type": "number"}),
        }
    }
}

/// The kind of a word; no kind, if only null fits.
fn kind(schema: &Map<String, Value>) -> Option<Option<&'static str>> {
    if ["$ref", "allOf"]
        .iter()
        .any(|key| schema.contains_key(*key))
    {
        return None;
    }
    if let Some(values) = schema.get("enum") {
        let declared = schema.get("type").and_then(Value::as_str);
        let values = values.as_array()?.iter().filter(|value| !value.is_null());
        let fitting = |value: &&Value| declared.is_none_or(|kind| is_of(value, kind));
        let mut kinds: BTreeSet<Option<&str>> =
            values.clone().filter(fitting).map(kind_of).collect();
        // What no value fits is for others to refuse.
        if kinds.is_empty() && values.count() > 0 {
            return None;
        }
        if kinds.contains(&Some("number")) {
            kinds.remove(&Some("integer"));
        }
        let kinds: Vec<_> = kinds.into_iter().collect();
        return match kinds.as_slice() {
            [] => schema.get("enum")?.as_array()?.first().map(|_| None),
            [Some(kind)] => Some(Some(kind)),
            _ => None,
        };
    }
    let kind = schema.get("type").and_then(Value::as_str)?;
    let known = ["string", "integer", "number", "boolean"];
    known.into_iter().find(|known| *known == kind).map(Some)
}

fn kind_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some("integer"),
        Value::Number(_) => Some("number"),
        _ => None,
    }
}
