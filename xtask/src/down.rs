//! Takes a document from OpenAPI 3.1 to 3.0.3 by the standards alone: no meaning changes, and what
//! 3.0 cannot say is refused.

use serde_json::{Map, Value, json};

use crate::error::Action;
use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{Node, walk};

const STAGE: &str = "down";

/// The same document in OpenAPI 3.0.3.
pub(crate) fn down(mut document: Value, report: &mut Report) -> Result<Value, Error> {
    if document
        .get("openapi")
        .and_then(Value::as_str)
        .is_some_and(|version| version.starts_with("3.0."))
    {
        return Ok(document);
    }
    if let Some(root) = document.as_object_mut() {
        root.insert("openapi".to_owned(), json!("3.0.3"));
        root.entry("paths").or_insert_with(|| json!({}));
        for key in ["webhooks", "jsonSchemaDialect"] {
            if root.remove(key).is_some() {
                report.note(
                    STAGE,
                    &Pointer::root().child(key),
                    "left out: OpenAPI 3.0 has no word for it",
                );
            }
        }
    }
    // First, for a null among choices is fine, and any other is refused below.
    walk(&mut document, &mut |node, pointer, value| {
        if let (Node::Schema, Value::Object(schema)) = (node, value) {
            null_in_choice(schema, pointer, report);
        }
        Ok(())
    })?;
    walk(
        &mut document,
        &mut |node, pointer, value| match (node, value) {
            (Node::Schema, Value::Object(schema)) => {
                lower_schema(schema, pointer, report);
                Ok(())
            }
            _ => Ok(()),
        },
    )?;
    Ok(document)
}

fn lower_schema(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    if schema.get("type") == Some(&json!("null")) {
        schema.remove("type");
        schema.insert("enum".to_owned(), json!([null]));
        report.note(
            STAGE,
            &pointer.child("type"),
            "became an enum that holds null alone",
        );
    }
    if let (Some(only), Some(values)) = (schema.get("const"), schema.get("enum")) {
        let value = json!({"const": only, "enum": values});
        report.refuse(
            STAGE,
            &pointer.child("const"),
            &value,
            "the `const` is none of the `enum`, so no value fits the schema",
            "drop one of them",
            &Action::Remove(&pointer.child("enum")),
        );
        schema.remove("enum");
    }
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
        report.note(
            STAGE,
            &pointer.child("const"),
            "became an enum of one value",
        );
    }
    type_list(schema, pointer, report);
    if let Some(Value::Array(examples)) = schema.remove("examples") {
        if let Some(first) = examples.into_iter().next() {
            schema.insert("example".to_owned(), first);
        }
        report.note(
            STAGE,
            &pointer.child("examples"),
            "only the first example stays",
        );
    }
    for (exclusive, inclusive) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        // Of two bounds the stronger says it all.
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        if let (Some(open), Some(closed)) = (number(exclusive), number(inclusive)) {
            let is_stronger = if inclusive == "minimum" {
                open >= closed
            } else {
                open <= closed
            };
            schema.remove(if is_stronger { inclusive } else { exclusive });
        }
        if schema.get(exclusive).is_some_and(Value::is_number)
            && let Some(bound) = schema.insert(exclusive.to_owned(), json!(true))
        {
            schema.insert(inclusive.to_owned(), bound);
            report.note(
                STAGE,
                &pointer.child(exclusive),
                format!("became `{inclusive}` with a flag"),
            );
        }
    }
    reference_siblings(schema, pointer, report);
}

/// `oneOf: [X, {type: null}]` says "X or null".
fn null_in_choice(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    for keyword in ["oneOf", "anyOf"] {
        let Some(Value::Array(choices)) = schema.get_mut(keyword) else {
            continue;
        };
        let before = choices.len();
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if choices.len() == before {
            continue;
        }
        schema.insert("nullable".to_owned(), json!(true));
        report.note(
            STAGE,
            &pointer.child(keyword),
            "the null among the choices became `nullable`",
        );
        if let Some(Value::Array(choices)) = schema.get_mut(keyword)
            && choices.len() == 1
        {
            let only = std::mem::take(choices);
            schema.remove(keyword);
            all_of(schema, only);
        }
    }
}

/// Adds to what must hold at once.
fn all_of(schema: &mut Map<String, Value>, more: Vec<Value>) {
    match schema.entry("allOf").or_insert_with(|| json!([])) {
        Value::Array(all) => all.extend(more),
        other => *other = Value::Array(more),
    }
}

fn type_list(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    let Some(Value::Array(types)) = schema.get("type") else {
        return;
    };
    let (nulls, others): (Vec<_>, Vec<_>) = types
        .iter()
        .cloned()
        .partition(|each| each == &json!("null"));
    let [only] = others.as_slice() else {
        return several_types(schema, &others, !nulls.is_empty(), pointer, report);
    };
    let only = only.clone();
    let nullable = !nulls.is_empty();
    schema.insert("type".to_owned(), only);
    if nullable {
        schema.insert("nullable".to_owned(), json!(true));
    }
    report.note(
        STAGE,
        &pointer.child("type"),
        "the list of types became one type and `nullable`",
    );
}

/// `type: [string, integer]` says "any of these", each with the keywords that stand beside it.
fn several_types(
    schema: &mut Map<String, Value>,
    types: &[Value],
    nullable: bool,
    pointer: &Pointer,
    report: &mut Report,
) {
    if schema.contains_key("anyOf") || types.is_empty() {
        schema.remove("type");
        if types.is_empty() && nullable {
            schema.insert("enum".to_owned(), json!([null]));
        } else {
            report.wider(STAGE, &pointer.child("type"), "the types left out");
        }
        return;
    }
    schema.remove("type");
    const ABOUT: [&str; 4] = ["title", "description", "default", "example"];
    let mut about = Map::new();
    let mut limits = Map::new();
    for (key, value) in std::mem::take(schema) {
        let is_about = ABOUT.contains(&key.as_str())
            || [
                "examples",
                "deprecated",
                "readOnly",
                "writeOnly",
                "oneOf",
                "allOf",
                "not",
                "$ref",
            ]
            .contains(&key.as_str())
            || key.starts_with("x-");
        if is_about { &mut about } else { &mut limits }.insert(key, value);
    }
    let choices = types.iter().map(|each| {
        let mut choice = limits.clone();
        choice.insert("type".to_owned(), each.clone());
        if let Some(Value::Array(values)) = choice.get_mut("enum") {
            values.retain(|value| is_of(value, each.as_str().unwrap_or_default()));
        }
        Value::Object(choice)
    });
    about.insert("anyOf".to_owned(), choices.collect());
    if nullable {
        about.insert("nullable".to_owned(), json!(true));
    }
    *schema = about;
    report.note(
        STAGE,
        &pointer.child("type"),
        format!("the {} types became an `anyOf`", types.len()),
    );
}

/// Whether a value has a type of JSON Schema, to which 1.0 is an integer.
pub(crate) fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// In 3.0, whatever stands beside a `$ref` is ignored.
fn reference_siblings(schema: &mut Map<String, Value>, pointer: &Pointer, report: &mut Report) {
    if schema.len() > 1
        && let Some(reference) = schema.remove("$ref")
    {
        all_of(schema, vec![json!({"$ref": reference})]);
        report.note(
            STAGE,
            &pointer.child("$ref"),
            "moved into an `allOf`, so that its siblings count",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Evidence;

    fn lowered(schema: Value) -> Result<Value, String> {
        let document = json!({"openapi": "3.1.0", "components": {"schemas": {"A": schema}}});
        down(document, &mut Report::default())
            .map(|done| done.pointer("/components/schemas/A").unwrap().clone())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_construct_has_its_3_0_form() {
        for (from, to) in [
            (
                json!({"type": ["string", "null"]}),
                json!({"type": "string", "nullable": true}),
            ),
            (json!({"type": ["string"]}), json!({"type": "string"})),
            (
                json!({"oneOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "d"}),
                json!({"allOf": [{"$ref": "#/x"}], "nullable": true, "description": "d"}),
            ),
            (json!({"const": 3}), json!({"enum": [3]})),
            (json!({"type": "null"}), json!({"enum": [null]})),
            (json!({"examples": [1, 2]}), json!({"example": 1})),
            (
                json!({"exclusiveMinimum": 0}),
                json!({"minimum": 0, "exclusiveMinimum": true}),
            ),
            (
                json!({"maximum": 3, "exclusiveMaximum": 4}),
                json!({"maximum": 3}),
            ),
            (
                json!({"$ref": "#/x", "description": "d"}),
                json!({"allOf": [{"$ref": "#/x"}], "description": "d"}),
            ),
            (json!({"$ref": "#/x"}), json!({"$ref": "#/x"})),
            (
                json!({"type": ["string", "integer", "null"], "enum": ["a", 1], "description": "d"}),
                json!({"description": "d", "nullable": true, "anyOf": [
                    {"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]},
                ]}),
            ),
            (
                json!({"$ref": "#/x", "allOf": [{"$ref": "#/y"}]}),
                json!({"allOf": [{"$ref": "#/y"}, {"$ref": "#/x"}]}),
            ),
        ] {
            assert_eq!(lowered(from.clone()).unwrap(), to, "from {from}");
        }
    }

    #[test]
    fn what_no_value_fits_is_refused_with_its_pointer() {
        let document = json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"const": 1, "enum": [2]}}}});
        let mut report = Report::default();
        down(document, &mut report).unwrap();
        let error = report
            .settle(&Value::Null, Evidence::Optional)
            .unwrap_err()
            .to_string();
        assert!(error.contains("/components/schemas/A/const"), "{error}");
    }

    #[test]
    fn a_document_of_3_0_is_left_as_it_is() {
        let document =
            json!({"openapi": "3.0.1", "components": {"schemas": {"A": {"examples": [1]}}}});
        assert_eq!(
            down(document.clone(), &mut Report::default()).unwrap(),
            document
        );
    }
}
