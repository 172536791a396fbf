use super::*;
use serde_json::json;

fn document() -> Value {
    json!({
        "paths": {"/a": {"get": {
            "operationId": "list",
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}}, "404": {}},
        }}},
        "components": {"schemas": {
            "Task": {"type": "object", "properties": {
                "state": {"oneOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]},
                "name": {"type": ["string", "null"]},
            }},
            "State": {"anyOf": [{"enum": ["ON", "OFF"]}, {"type": "string"}]},
            "Unused": {"type": "object", "properties": {"x": {"type": "string"}}},
        }},
    })
}

/// What a change at a place is said to be.
fn after(pointer: &str, value: Value) -> Vec<(Class, String)> {
    let old = document();
    let mut new = document();
    match new.pointer_mut(pointer) {
        Some(place) if value.is_null() => {
            *place = Value::Null;
            let (owner, key) = pointer.rsplit_once('/').unwrap();
            new.pointer_mut(owner)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(&key.replace("~1", "/"));
        }
        Some(place) => *place = value,
        None => {
            let (owner, key) = pointer.rsplit_once('/').unwrap();
            new.pointer_mut(owner).unwrap()[key.replace("~1", "/")] = value;
        }
    }
    let side = |bundled| Side {
        vendor: &Value::Null,
        bundled,
    };
    let found = changes(&side(&old), &side(&new));
    found
        .all
        .into_iter()
        .map(|change| (change.class, change.what))
        .collect()
}

#[test]
fn each_change_has_its_class() {
    let operation = json!({"operationId": "new", "responses": {}});
    for (pointer, value, class, words) in [
        (
            "/paths/~1b",
            json!({"get": operation}),
            Class::Additive,
            "`new` is new",
        ),
        (
            "/paths/~1a/get",
            json!(null),
            Class::Breaking,
            "`list` is gone",
        ),
        (
            "/paths/~1a/get/operationId",
            json!("all"),
            Class::Breaking,
            "now called `all`",
        ),
        (
            "/paths/~1a/get/summary",
            json!("s"),
            Class::Docs,
            "`summary`",
        ),
        (
            "/paths/~1a/get/parameters/0/name",
            json!("size"),
            Class::Breaking,
            "`page` is gone",
        ),
        (
            "/paths/~1a/get/parameters/0/required",
            json!(true),
            Class::Breaking,
            "now required",
        ),
        (
            "/paths/~1a/get/parameters/0/schema/type",
            json!("string"),
            Class::Breaking,
            "now string",
        ),
        (
            "/paths/~1a/get/parameters/0/schema/minimum",
            json!(1),
            Class::Docs,
            "no limits",
        ),
        (
            "/paths/~1a/get/responses/404",
            json!(null),
            Class::Docs,
            "404 is gone",
        ),
        (
            "/paths/~1a/get/responses/200",
            json!(null),
            Class::Breaking,
            "200 is gone",
        ),
        (
            "/paths/~1a/get/responses/202",
            json!({}),
            Class::Additive,
            "202 is new",
        ),
        (
            "/paths/~1a/get/requestBody",
            json!({"content": {"application/json": {}}}),
            Class::Breaking,
            "takes a body",
        ),
        (
            "/components/schemas/Task/properties/more",
            json!({"type": "string"}),
            Class::Additive,
            "`more` is new",
        ),
        (
            "/components/schemas/Task/properties/name",
            json!(null),
            Class::Breaking,
            "`name` is gone",
        ),
        (
            "/components/schemas/Task/properties/name/type",
            json!("string"),
            Class::Docs,
            "no longer null",
        ),
        (
            "/components/schemas/Task/properties/name/type",
            json!(["integer", "null"]),
            Class::Breaking,
            "now integer, and was string",
        ),
        (
            "/components/schemas/Task/properties/name/format",
            json!("date-time"),
            Class::Breaking,
            "date-time",
        ),
        (
            "/components/schemas/Task/properties/state",
            json!({"type": "string"}),
            Class::Breaking,
            "now string, and was `State`",
        ),
        (
            "/components/schemas/Task/required",
            json!(["name"]),
            Class::Breaking,
            "now required",
        ),
        (
            "/components/schemas/State/anyOf/0/enum",
            json!(["ON", "OFF", "LATE"]),
            Class::Additive,
            "\"LATE\" is new",
        ),
        (
            "/components/schemas/State/anyOf/0/enum",
            json!(["ON"]),
            Class::Breaking,
            "\"OFF\" is gone",
        ),
        (
            "/components/schemas/Task/description",
            json!("d"),
            Class::Docs,
            "`description`",
        ),
        (
            "/components/schemas/Unused/properties/x",
            json!(null),
            Class::Docs,
            "`x` is gone",
        ),
        (
            "/components/schemas/Unused",
            json!(null),
            Class::Docs,
            "`Unused` is gone",
        ),
    ] {
        let found = after(pointer, value.clone());
        let worst = found.first().expect(pointer);
        assert!(
            worst.0 == class && worst.1.contains(words),
            "{pointer} {value}: {found:?}"
        );
    }
}

#[test]
fn nothing_is_nothing_and_a_renamed_field_is_guessed() {
    let old = document();
    let side = |bundled| Side {
        vendor: &Value::Null,
        bundled,
    };
    assert!(changes(&side(&old), &side(&old)).all.is_empty());
    let mut new = document();
    let fields = new
        .pointer_mut("/components/schemas/Task/properties")
        .unwrap()
        .as_object_mut()
        .unwrap();
    let name = fields.remove("name").unwrap();
    fields.insert("title".to_owned(), name);
    let found = changes(&side(&old), &side(&new));
    assert!(
        found
            .all
            .iter()
            .any(|change| change.what.contains("may be called `title`")),
        "{found:?}"
    );
}

#[test]
fn what_the_vendor_changed_is_told_from_what_the_overlay_did() {
    let (old, mut new) = (document(), document());
    new["components"]["schemas"]["Task"]["properties"]["mine"] = json!({});
    new["components"]["schemas"]["Task"]["properties"]["theirs"] = json!({});
    let mut vendor = document();
    vendor["components"]["schemas"]["Task"]["properties"]["theirs"] = json!({});
    vendor["components"]["schemas"]["State"] =
        json!({"type": "string", "description": "said anew"});
    let found = changes(
        &Side {
            vendor: &old,
            bundled: &old,
        },
        &Side {
            vendor: &vendor,
            bundled: &new,
        },
    );
    let origin = |word: &str| {
        found
            .all
            .iter()
            .find(|change| change.what.contains(word))
            .unwrap()
            .origin
    };
    assert_eq!(origin("mine"), Origin::Overlay);
    assert_eq!(origin("theirs"), Origin::Vendor);
    assert!(
        found.hidden.iter().any(|change| change
            .pointer
            .as_str()
            .starts_with("/components/schemas/State")),
        "{found:?}"
    );
}

#[test]
fn an_operation_that_moves_keeps_the_parameters_beside_its_path() {
    let at = |path: &str, parameter: &str| {
        json!({"paths": {path: {
            "parameters": [{"name": parameter, "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {"operationId": "get", "responses": {"200": {}}},
        }}})
    };
    let told = |old: &Value, new: &Value| {
        let side = |bundled| Side {
            vendor: &Value::Null,
            bundled,
        };
        let found = changes(&side(old), &side(new)).all;
        found
            .into_iter()
            .map(|change| change.what)
            .collect::<Vec<_>>()
    };
    let moved = told(&at("/v1/{id}", "id"), &at("/v2/{id}", "id"));
    assert_eq!(moved, ["operation `get` moved to `GET /v2/{id}`"]);
    let renamed = told(&at("/v1/{id}", "id"), &at("/v1/{job}", "job")).join("\n");
    assert!(
        renamed.contains("`id` is gone") && renamed.contains("`job` is new"),
        "{renamed}"
    );
}
