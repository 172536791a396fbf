use super::*;
use crate::error::Evidence;

/// What is said of a document with this operation, without the actions.
fn told(operation: Value) -> String {
    let document = json!({
        "paths": {"/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "post": operation,
        }},
        "components": {"schemas": {
            "State": {"type": "string", "enum": ["on", "off", "a", "a-"]},
            "Secret": {"type": "string", "format": "password"},
        }},
    });
    let mut report = Report::default();
    check(document, &mut report).unwrap();
    let settled = report.settle(&Value::Null, Evidence::Optional);
    settled
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

fn done() -> Value {
    json!({"200": {"description": "d"}})
}

#[test]
fn what_is_sent_as_it_is_described_is_let_through() {
    let state = json!({"$ref": "#/components/schemas/State"});
    for parameter in [
        json!({"name": "a", "in": "query", "schema": state}),
        json!({"name": "a", "in": "query", "style": "form", "explode": true, "schema": {"type": "array", "items": state}}),
        json!({"name": "a", "in": "query", "schema": {"type": "string", "nullable": true}}),
        json!({"name": "a", "in": "query", "explode": false, "schema": {"type": "string"}}),
        json!({"name": "a", "in": "header", "schema": {"$ref": "#/components/schemas/Secret"}}),
        json!({"name": "body", "in": "query", "schema": {"type": "string"}}),
    ] {
        let operation = json!({"parameters": [parameter], "responses": done()});
        assert_eq!(told(operation), "", "{parameter}");
    }
    for (media, schema) in [
        (
            "application/json; charset=utf-8",
            json!({"type": "array", "items": {}}),
        ),
        (
            "application/x-www-form-urlencoded",
            json!({"type": "object", "properties": {"s": state}}),
        ),
        (
            "application/octet-stream",
            json!({"type": "string", "format": "binary"}),
        ),
        ("text/plain", json!({"type": "string", "format": "email"})),
    ] {
        let body = json!({"required": true, "content": {media: {"schema": schema}}});
        let operation = json!({"requestBody": body, "responses": done()});
        assert_eq!(told(operation), "", "{media}");
    }
    let answer = json!({"description": "d", "content": {"text/csv": {}, "application/json": {"schema": state}}});
    let operation = json!({"responses": {"200": answer, "201": answer}, "operationId": "a"});
    assert_eq!(told(operation), "");
}

#[test]
fn what_is_not_is_refused_with_its_place() {
    let secrets = json!({"type": "array", "items": {"$ref": "#/components/schemas/Secret"}});
    for (parameter, words) in [
        (
            json!({"name": "a", "in": "query", "schema": secrets}),
            "addresses are logged",
        ),
        (
            json!({"name": "a", "in": "header", "schema": {"type": "string", "nullable": true}}),
            "null cannot be sent",
        ),
        (
            json!({"name": "a b", "in": "header", "schema": {"type": "string"}}),
            "no header",
        ),
        (
            json!({"name": "a", "in": "query", "schema": {"type": "array", "items": {"type": "object"}}}),
            "a list in the query",
        ),
        (
            json!({"name": "a", "in": "query", "schema": {"type": "object"}}),
            "and no object",
        ),
        (
            json!({"name": "value", "in": "query", "schema": {"type": "string"}}),
            "for itself",
        ),
        (
            json!({"name": "id", "in": "query", "schema": {"type": "string"}}),
            "called `id` in Rust",
        ),
    ] {
        let error = told(json!({"parameters": [parameter], "responses": done()}));
        assert!(
            error.contains("1 reason")
                && error.contains("/post/parameters/0")
                && error.contains(words),
            "{parameter}: {error}"
        );
    }
    for (media, schema, words) in [
        (
            "application/json",
            Value::Null,
            "nothing says what the body is",
        ),
        (
            "application/octet-stream",
            json!({"type": "string"}),
            "sent as it comes",
        ),
        (
            "text/plain",
            json!({"type": "string", "nullable": true}),
            "sent as it comes",
        ),
        ("text/csv", json!({"type": "string"}), "`text/csv`"),
    ] {
        let mut entry = json!({"schema": schema});
        if schema.is_null() {
            entry = json!({});
        }
        let body = json!({"required": true, "content": {media: entry}});
        let error = told(json!({"requestBody": body, "responses": done()}));
        assert!(
            error.contains("1 reason") && error.contains(words),
            "{media}: {error}"
        );
    }
    for (responses, place) in [
        (
            json!({"200": {"description": "d", "content": {"application/json": {}}}}),
            "/content/application~1json\n",
        ),
        (
            json!({"200": {"description": "d"}, "2XX": {"description": "d", "content": {"text/csv": {}}}}),
            "/responses/2XX/content\n",
        ),
    ] {
        let error = told(json!({"responses": responses}));
        assert!(
            error.contains("1 reason") && error.contains(place),
            "{error}"
        );
    }
}

#[test]
fn a_call_to_another_server_is_refused() {
    let servers = json!([{"url": "https://files.example.com"}]);
    let error = told(json!({"servers": servers, "responses": done()}));
    assert!(
        error.contains("1 reason") && error.contains("/post/servers"),
        "{error}"
    );
}
