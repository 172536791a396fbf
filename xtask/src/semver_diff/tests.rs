use super::*;
use serde_json::json;

mod origin;

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://a.example"}, {"url": "https://b.example"}],
        "security": [{"bearer": []}],
        "paths": {"/a": {
            "summary": "s",
            "get": {
                "operationId": "list",
                "parameters": [
                    {"name": "page", "in": "query", "schema": {"type": "integer"}},
                    {"name": "sort", "in": "query", "required": true, "schema": {"type": "string", "default": "name"}},
                    {"$ref": "#/components/parameters/Tenant"},
                    {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
                ],
                "responses": {
                    "200": {
                        "description": "d",
                        "headers": {"X-Rate": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}, "text/csv": {}},
                    },
                    "404": {"$ref": "#/components/responses/Gone"},
                },
            },
            "post": {
                "operationId": "make",
                "security": [{"bearer": []}, {"key": [], "oauth": ["read", "write"]}],
                "requestBody": {"required": true, "content": {
                    "application/json": {"schema": {"type": "object", "required": ["size"], "properties": {
                        "size": {"type": "integer"}, "color": {"type": "string", "default": "red"},
                    }}},
                    "application/xml": {},
                }},
                "responses": {"201": {"description": "d"}},
            },
            "put": {
                "operationId": "set",
                "requestBody": {"$ref": "#/components/requestBodies/Set"},
                "responses": {"200": {"description": "d", "content": {"text/csv": {"schema": {"type": "string"}}}}},
            },
        }},
        "components": {
            "parameters": {"Tenant": {"name": "tenant", "in": "header", "schema": {"type": "string"}}},
            "requestBodies": {"Set": {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}}},
            "responses": {"Gone": {"description": "gone"}},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "oauth": {"type": "oauth2", "flows": {}},
                "unused": {"type": "http", "scheme": "basic"},
            },
            "schemas": {
                "Task": {"type": "object", "properties": {
                    "state": {"oneOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]},
                    "name": {"type": ["string", "null"]},
                    "kind": {"const": "task"},
                    "either": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "integer"}]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "size": {"type": "integer", "format": "int64"},
                }},
                "State": {"anyOf": [{"enum": ["ON", "OFF"]}, {"type": "string"}]},
                "Unused": {"type": "object", "properties": {"x": {"type": "string"}}},
            },
        },
    })
}

/// The class of a change, the place in the document, its new value (empty if it is removed), and
/// words of the worst change that is reported. `none` is the class of a change without effect.
const TABLE: &str = r##"
additive | /paths/~1b | {"get": {"operationId": "new", "responses": {}}} | operation `new` is new
breaking | /paths/~1a/get | | operation `list` is gone
breaking | /paths/~1a/get/operationId | "all" | operation `list` is now called `all`
docs | /paths/~1a/get/summary | "s" | `summary` changed
docs | /paths/~1a/get/deprecated | true | `deprecated` changed
docs | /paths/~1a/get/callbacks | {} | `callbacks` changed
docs | /paths/~1a/get/servers | [] | `servers` changed
docs | /paths/~1a/summary | "t" | `summary` changed
breaking | /paths/~1a/post/x-idempotent | true | `x-idempotent` changed
breaking | /paths/~1a/get/x-pagination | "limit" | `x-pagination` changed
none | /paths/~1a/get/security | [{"bearer": []}] |

breaking | /paths/~1a/get/parameters/0/name | "size" | parameter `page` is gone
breaking | /paths/~1a/get/parameters/0/required | true | parameter `page` is now required
none | /paths/~1a/get/parameters/0/required | false |
additive | /paths/~1a/get/parameters/1/required | | parameter `sort` may now be left out
breaking | /paths/~1a/get/parameters/0/schema/type | "string" | the type is now string, and was integer
docs | /paths/~1a/get/parameters/0/schema/minimum | 1 | no limits
docs | /paths/~1a/get/parameters/0/description | "d" | words on parameter `page`
docs | /paths/~1a/get/parameters/0/deprecated | true | words on parameter `page`
breaking | /paths/~1a/get/parameters/0/in | "header" | parameter `page` goes in the header, and went in the query
additive | /paths/~1a/get/parameters/0/style | "pipeDelimited" | `style` is now `pipeDelimited`, and was `form`
none | /paths/~1a/get/parameters/0/style | "form" |
additive | /paths/~1a/get/parameters/0/explode | false | `explode` is now false, and was true
none | /paths/~1a/get/parameters/0/explode | true |
additive | /paths/~1a/get/parameters/0/allowReserved | true | `allowReserved` is now true
breaking | /paths/~1a/get/parameters/1/schema/default | "date" | it is now "date", and was "name"
breaking | /paths/~1a/get/parameters/1/schema/default | | it is no longer "name"
breaking | /paths/~1a/get/parameters/0/schema/default | 1 | it is now 1
additive | /paths/~1a/get/parameters/4 | {"name": "more", "in": "query", "schema": {}} | parameter `more` is new
breaking | /paths/~1a/get/parameters/4 | {"name": "more", "in": "query", "required": true, "schema": {}} | new and required
breaking | /components/parameters/Tenant/required | true | parameter `tenant` is now required
breaking | /components/parameters/Tenant/name | "customer" | parameter `tenant` is gone
breaking | /paths/~1a/get/parameters/3/content | {"text/plain": {}} | now written as `text/plain`, and was as `application/json`
breaking | /paths/~1a/get/parameters/3/content/application~1json/schema/type | "string" | the type is now string

breaking | /paths/~1a/get/requestBody | {"content": {"application/json": {}}} | it now takes a body
breaking | /paths/~1a/post/requestBody | | it no longer takes a body
docs | /paths/~1a/post/requestBody/required | false | the body may now be left out; the client always sends it
docs | /components/requestBodies/Set/required | true | the body is now required; the client always sends it
docs | /paths/~1a/post/requestBody/description | "d" | `description` changed
docs | /paths/~1a/post/requestBody/content/application~1xml | | media type `application/xml` is gone; the client sends `application/json`
breaking | /components/requestBodies/Set/content | {"text/plain": {}} | the body is now `text/plain`, and was `application/json`
breaking | /components/requestBodies/Set/content/application~1json/schema/items/type | "integer" | now integer, and was string

docs | /paths/~1a/get/responses/404 | | status 404 is gone
docs | /paths/~1a/get/responses/500 | {"description": "d"} | status 500 is new
docs | /components/responses/Gone/description | "e" | what is said of status 404 changed
breaking | /paths/~1a/get/responses/200 | | status 200 is gone
additive | /paths/~1a/get/responses/202 | {} | status 202 is new
docs | /paths/~1a/get/responses/200/description | "e" | `description` changed
docs | /paths/~1a/get/responses/200/headers/X-Rate | | header `X-Rate` of the answer is gone
docs | /paths/~1a/get/responses/200/headers/X-New | {} | header `X-New` of the answer is new
docs | /paths/~1a/get/responses/200/headers/X-Rate/schema/type | "string" | header `X-Rate` of the answer changed
docs | /paths/~1a/get/responses/200/content/text~1csv | | media type `text/csv` is gone; the client reads `application/json`
breaking | /paths/~1a/get/responses/200/content | {"text/plain": {}} | the answer is now `text/plain`, and was `application/json`
breaking | /paths/~1a/get/responses/200/content | | the answer no longer has a body
breaking | /paths/~1a/post/responses/201/content | {"application/json": {}} | the answer now has a body
none | /paths/~1a/put/responses/200/content/text~1csv/schema/maxLength | 3 |

breaking | /security | [{"key": []}] | now `key`, and was `bearer`
additive | /security | [{"bearer": []}, {"key": []}] | now `bearer` or `key`, and was `bearer`
additive | /security | | now nothing, and was `bearer`
breaking | /security/0/key | [] | now `bearer` with `key`, and was `bearer`
additive | /paths/~1a/get/security | [] | now nothing, and was `bearer`
breaking | /paths/~1a/post/security | [{"bearer": []}] | what it takes to be let in is now `bearer`
breaking | /paths/~1a/post/security/1/oauth | ["read", "write", "all"] | `oauth` (all, read, write)
additive | /paths/~1a/post/security/1/oauth | ["read"] | `oauth` (read)
breaking | /components/securitySchemes/bearer/scheme | "basic" | `scheme` of security scheme `bearer` is now `basic`, and was `bearer`
breaking | /components/securitySchemes/key/name | "Key" | `name` of security scheme `key` is now `Key`
breaking | /components/securitySchemes/key | | security scheme `key` is gone
docs | /components/securitySchemes/key/description | "d" | `description` of security scheme `key` changed
docs | /components/securitySchemes/bearer/bearerFormat | "JWT" | `bearerFormat` of security scheme `bearer` changed
docs | /components/securitySchemes/unused/scheme | "digest" | `scheme` of security scheme `unused`
docs | /components/securitySchemes/unused | | security scheme `unused` is gone
docs | /components/securitySchemes/more | {"type": "http", "scheme": "basic"} | security scheme `more` is new

additive | /servers/0/url | "https://c.example" | the first server is now `https://c.example`, and was `https://a.example`
docs | /servers/1/url | "https://c.example" | server `https://b.example` is gone
docs | /servers/1/description | "d" | `servers` changed
docs | /info/title | "u" | `info` changed
docs | /tags | [] | `tags` changed
docs | /webhooks | {"x": {}} | `webhooks` changed

additive | /components/schemas/Task/properties/more | {"type": "string"} | field `more` is new
breaking | /components/schemas/Task/properties/name | | field `name` is gone
docs | /components/schemas/Task/properties/name/type | "string" | is no longer null
none | /components/schemas/Task/properties/name/type | ["null", "string"] |
breaking | /components/schemas/Task/properties/name/type | ["integer", "null"] | now integer, and was string
breaking | /components/schemas/Task/properties/name/format | "date-time" | date-time
docs | /components/schemas/Task/properties/name/format | "color" | `format` changed; there is no type for it
none | /components/schemas/Task/properties/size/format | |
breaking | /components/schemas/Task/properties/size/format | "int32" | now integer (int32), and was integer
breaking | /components/schemas/Task/properties/state | {"type": "string"} | now string, and was `State`
breaking | /components/schemas/Task/required | ["name"] | field `name` is now required
breaking | /components/schemas/Task/required | ["otp"] | field `otp` is new and required, and takes anything
docs | /components/schemas/Unused/required | ["otp"] | field `otp` is new and required
breaking | /components/schemas/Task/properties/name/default | "x" | where it is missing, it is now "x"
docs | /paths/~1a/post/requestBody/content/application~1json/schema/properties/size/default | 3 | where it is missing
breaking | /paths/~1a/post/requestBody/content/application~1json/schema/required | | field `size` may now be missing
additive | /components/schemas/State/anyOf/0/enum | ["ON", "OFF", "LATE"] | value "LATE" is new
breaking | /components/schemas/State/anyOf/0/enum | ["ON"] | value "OFF" is gone
none | /components/schemas/State/anyOf/0/enum | ["OFF", "ON"] |
docs | /components/schemas/State | {"enum": ["ON", "OFF"]} | there are no other values; the type takes any
breaking | /components/schemas/State | {"type": "string"} | is no longer an enum
breaking | /components/schemas/Task/properties/kind/const | "job" | value "task" is gone
breaking | /components/schemas/Task/properties/tags/items/type | "integer" | now integer, and was string
breaking | /components/schemas/Task/properties/either/oneOf/1 | {"type": "string"} | now string, and was integer
docs | /components/schemas/Task/properties/either/oneOf/0/description | "d" | `description` changed
breaking | /components/schemas/Task/properties/either/oneOf/2 | {"type": "string"} | `oneOf` changed
breaking | /components/schemas/Task/additionalProperties | false | `additionalProperties` changed
docs | /components/schemas/Task/description | "d" | `description` changed
docs | /components/schemas/Task/properties/name/readOnly | true | `readOnly` changed
docs | /components/schemas/Task/if | {} | no limits
docs | /components/schemas/Task/x-note | 1 | `x-note` changed
breaking | /components/schemas/Task/discriminator | {} | `discriminator` changed
docs | /components/schemas/Unused/properties/x | | field `x` is gone
docs | /components/schemas/Unused | | type `Unused` is gone
docs | /components/schemas/More | {} | type `More` is new
"##;

/// A document with something else at a place.
fn edited(pointer: &str, value: Option<Value>) -> Value {
    let mut document = document();
    let (owner, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match (document.pointer_mut(owner).expect(pointer), value) {
        (Value::Object(map), Some(value)) => drop(map.insert(key, value)),
        (Value::Object(map), None) => drop(map.remove(&key).expect(pointer)),
        (Value::Array(list), Some(value)) => {
            let index: usize = key.parse().unwrap();
            list.truncate(list.len().max(index));
            if index == list.len() {
                list.push(value);
            } else {
                list[index] = value;
            }
        }
        other => panic!("{pointer}: {other:?}"),
    }
    document
}

fn compared(old: &Value, new: &Value) -> Vec<Change> {
    let side = |bundled| Side {
        vendor: &Value::Null,
        bundled,
    };
    changes(&side(old), &side(new)).all
}

#[test]
fn each_change_has_its_class() {
    let mut wrong = Vec::new();
    for row in TABLE.lines().filter(|row| !row.is_empty()) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [class, pointer, value, words] = columns.as_slice() else {
            panic!("four columns: {row}");
        };
        let value = (!value.is_empty()).then(|| serde_json::from_str(value).expect(row));
        let found = compared(&document(), &edited(pointer, value));
        let as_told = match (*class, found.first()) {
            ("none", worst) => worst.is_none(),
            (class, Some(worst)) => {
                format!("{:?}", worst.class).to_lowercase() == class && worst.what.contains(words)
            }
            (_, None) => false,
        };
        if !as_told {
            wrong.push(format!("{row}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name that was required and never described was a field: it may be described by now, stay, or
/// go.
#[test]
fn a_field_that_is_only_required_is_a_field() {
    let mut old = document();
    old["components"]["schemas"]["Task"]["required"] = json!(["otp"]);
    let told = |new: &Value| -> Vec<String> {
        let found = compared(&old, new).into_iter();
        found.map(|change| change.what).collect()
    };
    let mut new = document();
    assert_eq!(told(&new), ["field `otp` took anything, and is gone"]);
    new["components"]["schemas"]["Task"]["required"] = json!(["otp", "name"]);
    assert_eq!(told(&new), ["field `name` is now required"]);
    new["components"]["schemas"]["Task"]["required"] = json!(["otp"]);
    new["components"]["schemas"]["Task"]["properties"]["otp"] = json!({"type": "string"});
    assert_eq!(told(&new), ["field `otp` is new and required"]);
}

/// What several operations share is told once, where it stands.
#[test]
fn a_component_is_told_of_where_it_stands() {
    let mut old = document();
    let shared = json!([{"$ref": "#/components/parameters/Tenant"}]);
    old["paths"]["/a"]["put"]["parameters"] = shared;
    let mut new = old.clone();
    new["components"]["parameters"]["Tenant"]["required"] = json!(true);
    let found = compared(&old, &new);
    assert_eq!(found.len(), 1, "{found:?}");
    let place = "/components/parameters/Tenant/required";
    assert_eq!(found[0].pointer.as_str(), place);
    assert_eq!(found[0].origin, Origin::Unknown);
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
