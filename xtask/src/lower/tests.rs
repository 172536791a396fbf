use super::*;

fn run(schemas: Value, responses: Value) -> Result<Value, String> {
    let document = json!({
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"operationId": "a", "responses": responses}}},
        "components": {"schemas": schemas},
    });
    lower(document, &mut Report::default()).map_err(|error| error.to_string())
}

fn answer(schema: Value) -> Value {
    json!({"200": {"content": {"application/json": {"schema": schema}}}})
}

fn schema_a(schema: Value) -> Value {
    let done = run(
        json!({"A": schema}),
        answer(json!({"$ref": "#/components/schemas/A"})),
    )
    .unwrap();
    done.pointer("/components/schemas/A").unwrap().clone()
}

#[test]
fn reads_get_wider_and_never_narrower() {
    for (from, to) in [
        (
            json!({"type": "string", "pattern": "a", "format": "email"}),
            json!({"type": "string"}),
        ),
        (
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "format": "int64"}),
        ),
        (
            json!({"anyOf": [{"enum": ["A"]}, {"type": "string"}]}),
            json!({"type": "string", "enum": ["A"]}),
        ),
        (
            json!({"description": "d", "x-evidence": "observed"}),
            json!({"description": "d\n\nEvidence: observed."}),
        ),
        (
            json!({"type": "object", "required": ["r"], "properties": {
                "r": {"type": "string", "nullable": true},
                "s": {"type": "string", "nullable": true},
                "l": {"type": "array", "items": {"type": "string"}},
            }}),
            json!({"type": "object", "required": ["r"], "additionalProperties": {}, "properties": {
                "r": {"type": "string", "nullable": true},
                "s": {"type": "string"},
                "l": {"type": "array", "nullable": true, "items": {"type": "string"}},
            }}),
        ),
    ] {
        assert_eq!(schema_a(from.clone()), to, "from {from}");
    }
}

#[test]
fn failures_and_what_only_they_need_are_left_out() {
    let done = run(
        json!({"A": {"type": "object"}, "ErrorBody": {"type": "object"}}),
        json!({
            "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
            "404": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}},
        }),
    )
    .unwrap();
    assert!(done.pointer("/paths/~1a/get/responses/404").is_none());
    assert!(done.pointer("/components/schemas/ErrorBody").is_none());
    assert!(done.pointer("/components/schemas/A").is_some());
}
