//! Merges what must hold at once into one schema.

use serde_json::{Map, Value, json};

use super::nulls::may_be_null;
use super::schemas::is_about;
use crate::pointer::Pointer;

pub(super) enum Merged {
    /// All but one of the parts say nothing.
    One(Value),
    Many {
        merged: Map<String, Value>,
        /// Whether a part is a reference.
        has_references: bool,
    },
}

/// The schema that says all that this and the parts of its `allOf` say; or why there is none.
pub(super) fn merge(document: &Value, object: &Map<String, Value>) -> Result<Merged, String> {
    let mut own = object.clone();
    let parts = match own.remove("allOf") {
        Some(Value::Array(parts)) => parts,
        _ => Vec::new(),
    };
    let says_something = |part: &Value| match part {
        Value::Object(part) => part.keys().any(|key| !is_about(key)),
        _ => false,
    };
    let mut telling = parts.iter().filter(|part| says_something(part));
    if let (Some(only), None) = (telling.next(), telling.next())
        && own.keys().all(|key| is_about(key))
    {
        return Ok(Merged::One(only.clone()));
    }
    let mut merged = Map::new();
    let mut seen = Vec::new();
    for part in &parts {
        add(document, &mut merged, part, &mut seen)?;
    }
    join(&mut merged, &own)?;
    for key in ["title", "description", "default", "example"] {
        merged.remove(key);
        if let Some(value) = own.get(key) {
            merged.insert(key.to_owned(), value.clone());
        }
    }
    merged.remove("nullable");
    if may_be_null(document, object) {
        merged.insert("nullable".to_owned(), json!(true));
    } else if let Some(Value::Array(values)) = merged.get_mut("enum")
        && values.iter().any(|value| !value.is_null())
    {
        values.retain(|value| !value.is_null());
    }
    merged.remove("discriminator");
    Ok(Merged::Many {
        merged,
        has_references: !seen.is_empty(),
    })
}

fn add(
    document: &Value,
    merged: &mut Map<String, Value>,
    part: &Value,
    seen: &mut Vec<String>,
) -> Result<(), String> {
    let Some(part) = part.as_object() else {
        return Ok(());
    };
    if let Some(reference) = part.get("$ref").and_then(Value::as_str) {
        // What includes itself says nothing more by that.
        if seen.iter().any(|each| each == reference) {
            return Ok(());
        }
        seen.push(reference.to_owned());
        let target = Pointer::of_reference(reference);
        if let Some(target) = target.as_ref().and_then(|target| target.find(document)) {
            add(document, merged, target, seen)?;
        }
        return Ok(());
    }
    let mut own = part.clone();
    if let Some(Value::Array(parts)) = own.remove("allOf") {
        for part in &parts {
            add(document, merged, part, seen)?;
        }
    }
    join(merged, &own)
}

fn join(merged: &mut Map<String, Value>, part: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in part {
        let Some(before) = merged.get_mut(key) else {
            merged.insert(key.clone(), value.clone());
            continue;
        };
        if before == value {
            continue;
        }
        match key.as_str() {
            "properties" => properties(before, value),
            "required" => {
                if let (Some(before), Some(more)) = (before.as_array_mut(), value.as_array()) {
                    let new: Vec<_> = more
                        .iter()
                        .filter(|name| !before.contains(name))
                        .cloned()
                        .collect();
                    before.extend(new);
                }
            }
            "enum" => {
                if let (Some(before), Some(other)) = (before.as_array_mut(), value.as_array()) {
                    before.retain(|value| other.contains(value));
                    if before.is_empty() {
                        return Err("its parts have no value in common".to_owned());
                    }
                }
            }
            "type" => match (before.as_str(), value.as_str()) {
                (Some("number"), Some("integer")) => *before = value.clone(),
                (Some("integer"), Some("number")) => {}
                (before, after) => {
                    let word = |kind: Option<&str>| kind.unwrap_or("something else").to_owned();
                    return Err(format!(
                        "one part is {} and another {}",
                        word(before),
                        word(after)
                    ));
                }
            },
            "items" => *before = both(before, value),
            "additionalProperties" => {
                *before = match (&*before, value) {
                    (Value::Object(_), Value::Object(_)) => both(before, value),
                    (Value::Object(_), _) => before.clone(),
                    _ => value.clone(),
                }
            }
            "oneOf" | "anyOf" => return Err("two of its parts are choices".to_owned()),
            // Limits are left out anyway, and of two words on a thing the first stays.
            _ => {}
        }
    }
    Ok(())
}

fn properties(before: &mut Value, more: &Value) {
    let (Some(before), Some(more)) = (before.as_object_mut(), more.as_object()) else {
        return;
    };
    for (name, schema) in more {
        let joined = match before.get(name) {
            Some(first) if first != schema => both(first, schema),
            _ => schema.clone(),
        };
        before.insert(name.clone(), joined);
    }
}

fn both(first: &Value, second: &Value) -> Value {
    json!({"allOf": [first, second]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(document: &Value, schema: Value) -> Result<Value, String> {
        match merge(document, schema.as_object().unwrap())? {
            Merged::One(only) => Ok(only),
            Merged::Many { merged, .. } => Ok(Value::Object(merged)),
        }
    }

    #[test]
    fn fields_and_needs_are_joined_and_a_circle_ends() {
        let document = json!({"components": {"schemas": {"A": {"allOf": [
            {"$ref": "#/components/schemas/A"}, {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]},
        ]}}}});
        let schema = json!({"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"y": {}}, "required": ["y"]});
        assert_eq!(
            merged(&document, schema).unwrap(),
            json!({"type": "object", "properties": {"x": {"type": "string"}, "y": {}}, "required": ["x", "y"]})
        );
    }

    #[test]
    fn a_lone_part_stays_itself_and_a_contradiction_is_an_error() {
        let none = json!({});
        let reference = json!({"$ref": "#/components/schemas/A"});
        assert_eq!(
            merged(&none, json!({"allOf": [reference, {"description": "d"}]})).unwrap(),
            reference
        );
        assert!(
            merged(
                &none,
                json!({"allOf": [{"type": "string"}, {"type": "object"}]})
            )
            .is_err()
        );
        assert!(merged(&none, json!({"allOf": [{"enum": [1]}, {"enum": [2]}]})).is_err());
    }
}
