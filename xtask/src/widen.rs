//! Takes out of a 3.1 schema what OpenAPI 3.0 has no word for, where that only lets more values be
//! read.

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{Node, walk};

const STAGE: &str = "widen";

/// Keywords that only say which values are allowed, and name no field that a type would have.
pub(crate) const LIMITS: [&str; 15] = [
    "if",
    "then",
    "else",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "contentEncoding",
    "contentMediaType",
    "$dynamicRef",
];

/// Keywords that carry no meaning once every reference has been followed.
pub(crate) const MARKS: [&str; 8] = [
    "$defs",
    "definitions",
    "$anchor",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "$comment",
    "$vocabulary",
];

/// The document without those keywords. A document of OpenAPI 3.0 is left as it is.
pub(crate) fn widen(mut document: Value, report: &mut Report) -> Result<Value, Error> {
    let is_newer = document
        .get("openapi")
        .and_then(Value::as_str)
        .is_some_and(|version| version.starts_with("3.1."));
    if is_newer {
        walk(&mut document, &mut |node, pointer, value| {
            if let (Node::Schema, Value::Object(schema)) = (node, value) {
                widen_schema(schema, pointer, report);
            }
            Ok(())
        })?;
    }
    Ok(document)
}

fn widen_schema(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    for keyword in LIMITS {
        if schema.remove(keyword).is_some() {
            report.wider(STAGE, &pointer.child(keyword), "left out");
        }
    }
    for keyword in MARKS {
        if schema.remove(keyword).is_some() {
            report.note(
                STAGE,
                &pointer.child(keyword),
                "left out: it has done its work",
            );
        }
    }
    if schema.remove("prefixItems").is_some() {
        schema.insert("items".to_owned(), json!({}));
        schema.entry("type").or_insert_with(|| json!("array"));
        report.wider(
            STAGE,
            &pointer.child("prefixItems"),
            "became items of any kind",
        );
    }
    patterns(schema, pointer, report);
    booleans(schema, pointer, report);
    constant(schema, pointer, report);
}

/// Names of fields that follow a pattern: the fields stay, under any name.
fn patterns(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    let Some(patterns) = schema.remove("patternProperties") else {
        return;
    };
    let mut all: Vec<Value> = match patterns {
        Value::Object(patterns) => patterns.into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    let others = schema.get("additionalProperties");
    let is_closed = others == Some(&json!(false));
    if others.is_some() && !is_closed || all.len() > 1 {
        schema.insert("additionalProperties".to_owned(), json!({}));
    } else if let Some(only) = all.pop() {
        // Without a word on the others, those may be anything.
        let value = if is_closed { only } else { json!({}) };
        schema.insert("additionalProperties".to_owned(), value);
    }
    report.wider(
        STAGE,
        &pointer.child("patternProperties"),
        "became fields of any name",
    );
}

/// A schema that is a truth value: `true` takes anything, `false` nothing.
fn booleans(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let pointer = pointer.child("properties");
        properties.retain(|name, property| {
            if *property == json!(false) {
                report.wider(
                    STAGE,
                    &pointer.child(name),
                    "left out, though it must not be there",
                );
            }
            *property != json!(false)
        });
        for property in properties.values_mut().filter(|each| each.is_boolean()) {
            *property = json!({});
        }
    }
    for keyword in ["items", "not"] {
        match schema.get(keyword) {
            Some(Value::Bool(true)) if keyword == "items" => {
                schema.insert(keyword.to_owned(), json!({}));
            }
            Some(Value::Bool(false)) if keyword == "items" => {
                schema.insert(keyword.to_owned(), json!({}));
                report.wider(STAGE, &pointer.child(keyword), "became items of any kind");
            }
            Some(Value::Bool(_)) => {
                schema.remove(keyword);
                report.wider(STAGE, &pointer.child(keyword), "left out");
            }
            _ => {}
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(parts)) = schema.get_mut(keyword) {
            for part in parts.iter_mut().filter(|part| part.is_boolean()) {
                *part = json!({});
            }
        }
    }
}

/// A `const` beside an `enum` that has it says all there is to say.
fn constant(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    if let (Some(only), Some(Value::Array(values))) = (schema.get("const"), schema.get("enum"))
        && values.contains(only)
    {
        schema.remove("enum");
        report.note(
            STAGE,
            &pointer.child("enum"),
            "left out: the `const` beside it is one of them",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(schema: Value) -> Value {
        let document = json!({"openapi": "3.1.0", "components": {"schemas": {"A": schema}}});
        let done = widen(document, &mut Report::default()).unwrap();
        done["components"]["schemas"]["A"].clone()
    }

    #[test]
    fn each_keyword_leaves_a_wider_schema() {
        for (from, to) in [
            (
                json!({"if": {}, "then": {}, "type": "object"}),
                json!({"type": "object"}),
            ),
            (
                json!({"prefixItems": [{}, {}], "items": false}),
                json!({"type": "array", "items": {}}),
            ),
            (
                json!({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": false}),
                json!({"additionalProperties": {"type": "string"}}),
            ),
            (
                json!({"patternProperties": {"^x": {"type": "string"}}}),
                json!({"additionalProperties": {}}),
            ),
            (
                json!({"properties": {"a": true, "b": false}}),
                json!({"properties": {"a": {}}}),
            ),
            (json!({"const": 1, "enum": [1, 2]}), json!({"const": 1})),
            (
                json!({"type": "string", "contentEncoding": "base64"}),
                json!({"type": "string"}),
            ),
        ] {
            assert_eq!(widened(from.clone()), to, "from {from}");
        }
    }

    #[test]
    fn a_document_of_3_0_is_left_as_it_is() {
        let document = json!({"openapi": "3.0.3", "components": {"schemas": {"A": {"if": {}}}}});
        assert_eq!(
            widen(document.clone(), &mut Report::default()).unwrap(),
            document
        );
    }
}
