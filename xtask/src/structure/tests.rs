use super::*;
use crate::error::Evidence;
use serde_json::json;

fn refused(document: &Value) -> Vec<String> {
    let mut report = Report::default();
    check(document, &mut report);
    let text = report
        .settle(&Value::Null, Evidence::Optional)
        .err()
        .map_or(String::new(), |e| e.to_string());
    let place = |line: &str| {
        let also = line.split_once("   also:  ").map(|(_, also)| also);
        let place = also.or_else(|| Some(line.split_once("structure: ")?.1))?;
        Some(place.split(", with ").next()?.to_owned())
    };
    let mut places: Vec<String> = text.lines().filter_map(place).collect();
    places.sort();
    places
}

#[test]
fn every_part_of_the_wrong_shape_is_named() {
    let schemas = json!({
        "A": {"properties": 7}, "B": {"required": "x"}, "C": {"type": [1]}, "D": {"enum": {}}, "E": {"allOf": {}},
        "F": [], "G": {"items": [{}]}, "H": {"properties": {"a": null}}, "I": {"additionalProperties": "no"},
        "J": {"discriminator": {"mapping": {"a": 1}}}, "K": {"$ref": 3}, "L": {"nullable": "yes"},
    });
    let document = json!({"openapi": "3.1.0", "components": {"schemas": schemas}});
    let below = |at: &str| format!("/components/schemas/{at}");
    assert_eq!(
        refused(&document),
        [
            "A/properties",
            "B/required",
            "C/type",
            "D/enum",
            "E/allOf",
            "F",
            "G/items",
            "H/properties/a",
            "I/additionalProperties",
            "J/discriminator/mapping/a",
            "J/discriminator/propertyName",
            "K/$ref",
            "L/nullable",
        ]
        .map(below)
    );
}

#[test]
fn operations_and_servers_are_looked_at_too() {
    let document = json!({"openapi": "3.0.3", "servers": [{"url": "https://{host}:{port}/", "variables": {
        "host": {"default": "a"}, "port": {"default": 80},
    }}], "paths": {"/a": {
        "get": {"requestBody": 3, "parameters": {}, "responses": {"200": null, "20O": {}}},
        "put": {"requestBody": {}, "parameters": [{"in": "query"}], "responses": {"2xx": {}, "default": {}}},
        "post": [],
    }}});
    assert_eq!(
        refused(&document),
        [
            "/paths/~1a/get/parameters",
            "/paths/~1a/get/requestBody",
            "/paths/~1a/get/responses/200",
            "/paths/~1a/get/responses/20O",
            "/paths/~1a/post",
            "/paths/~1a/put/parameters/0/name",
            "/paths/~1a/put/requestBody/content",
            "/servers/0/variables/port/default",
        ]
    );
}

#[test]
fn a_word_that_the_version_does_not_have_is_told_of() {
    let schema = json!({"type": "string", "const": "a", "maxLenght": 3, "x-own": 1});
    for (version, unknown) in [
        ("3.0.3", vec!["const", "maxLenght"]),
        ("3.1.0", vec!["maxLenght"]),
    ] {
        let mut report = Report::default();
        check(
            &json!({"openapi": version, "components": {"schemas": {"A": schema}}}),
            &mut report,
        );
        let text = report.render();
        let told: Vec<_> = text
            .lines()
            .filter_map(|line| {
                line.strip_prefix("structure\t/components/schemas/A/")?
                    .split('\t')
                    .next()
            })
            .collect();
        assert_eq!(told, unknown);
    }
}
