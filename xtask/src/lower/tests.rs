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
fn what_no_operation_needs_is_left_out() {
    let done = run(
        json!({"A": {"type": "object"}, "Unused": {"type": "object"}}),
        answer(json!({"$ref": "#/components/schemas/A"})),
    )
    .unwrap();
    assert!(done.pointer("/components/schemas/Unused").is_none());
    assert!(done.pointer("/components/schemas/A").is_some());
}
