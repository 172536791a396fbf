//! Takes a document from OpenAPI 3.1 to 3.0.3 by the standards alone: no meaning changes, and what 3.0 cannot say is
//! refused.

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{Node, walk};

const STAGE: &str = "down";

/// Keywords of JSON Schema 2020-12 that OpenAPI 3.0 has no word for.
const INEXPRESSIBLE: [&str; 17] = [
    "if",
    "then",
    "else",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "contentEncoding",
];

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
            (Node::Schema, Value::Object(schema)) => lower_schema(schema, pointer, report),
            _ => Ok(()),
        },
    )?;
    Ok(document)
}

fn lower_schema(
    schema: &mut Map<String, Value>,
    pointer: &Pointer,
    report: &mut Report,
) -> Result<(), Error> {
    if let Some(keyword) = INEXPRESSIBLE
        .iter()
        .find(|keyword| schema.contains_key(**keyword))
    {
        return Err(Error::document(
            STAGE,
            &pointer.child(keyword),
            format!("OpenAPI 3.0 cannot express `{keyword}`"),
            "replace the schema by an overlay action",
        ));
    }
    type_list(schema, pointer, report)?;
    if schema.contains_key("const") && schema.contains_key("enum") {
        return Err(Error::document(
            STAGE,
            &pointer.child("const"),
            "`const` stands beside an `enum`",
            "drop one of them by an overlay action",
        ));
    }
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
        report.note(
            STAGE,
            &pointer.child("const"),
            "became an enum of one value",
        );
    }
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
        if schema.get(exclusive).is_some_and(Value::is_number) && schema.contains_key(inclusive) {
            return Err(Error::document(
                STAGE,
                &pointer.child(exclusive),
                format!("`{exclusive}` stands beside a `{inclusive}`"),
                "drop the weaker bound by an overlay action",
            ));
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
    Ok(())
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

fn type_list(
    schema: &mut Map<String, Value>,
    pointer: &Pointer,
    report: &mut Report,
) -> Result<(), Error> {
    let Some(Value::Array(types)) = schema.get("type") else {
        return if schema.get("type") == Some(&json!("null")) {
            Err(Error::document(
                STAGE,
                &pointer.child("type"),
                "OpenAPI 3.0 cannot express a value that is always null",
                "drop the schema by an overlay action",
            ))
        } else {
            Ok(())
        };
    };
    let (nulls, others): (Vec<_>, Vec<_>) = types
        .iter()
        .cloned()
        .partition(|each| each == &json!("null"));
    let [only] = others.as_slice() else {
        return Err(Error::document(
            STAGE,
            &pointer.child("type"),
            format!("OpenAPI 3.0 cannot express {} types at once", others.len()),
            "choose one by an overlay action, or write `anyOf`",
        ));
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
    Ok(())
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
            (json!({"examples": [1, 2]}), json!({"example": 1})),
            (
                json!({"exclusiveMinimum": 0}),
                json!({"minimum": 0, "exclusiveMinimum": true}),
            ),
            (
                json!({"$ref": "#/x", "description": "d"}),
                json!({"allOf": [{"$ref": "#/x"}], "description": "d"}),
            ),
            (json!({"$ref": "#/x"}), json!({"$ref": "#/x"})),
            (
                json!({"$ref": "#/x", "allOf": [{"$ref": "#/y"}]}),
                json!({"allOf": [{"$ref": "#/y"}, {"$ref": "#/x"}]}),
            ),
        ] {
            assert_eq!(lowered(from.clone()).unwrap(), to, "from {from}");
        }
    }

    #[test]
    fn what_3_0_cannot_say_is_refused_with_its_pointer() {
        for (schema, pointer) in [
            (json!({"type": "null"}), "/components/schemas/A/type"),
            (
                json!({"const": 1, "enum": [1, 2]}),
                "/components/schemas/A/const",
            ),
            (
                json!({"type": ["string", "integer"]}),
                "/components/schemas/A/type",
            ),
            (
                json!({"properties": {"b": {"prefixItems": []}}}),
                "/components/schemas/A/properties/b/prefixItems",
            ),
        ] {
            let error = lowered(schema).unwrap_err();
            assert!(error.contains(pointer), "{error}");
        }
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
