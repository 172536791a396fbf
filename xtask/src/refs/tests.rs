use super::*;
use crate::refusal::Evidence;
use std::fs;

fn resolved(files: &[(&str, Value)]) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in files {
        fs::write(folder.path().join(name), value.to_string()).unwrap();
    }
    let path = folder.path().join(files[0].0);
    let mut report = Report::default();
    let done = resolve(files[0].1.clone(), &path, &mut report).map_err(|e| e.to_string())?;
    report
        .settle(&Value::Null, Evidence::Optional)
        .map_err(|error| error.to_string())?;
    Ok(done)
}

#[test]
fn other_files_become_components_even_in_a_circle() {
    let root = json!({"components": {"schemas": {"A": {"$ref": "b.yaml#/B"}, "B": {}}}});
    let other = json!({"B": {"properties": {"self": {"$ref": "#/B"}, "a": {"$ref": "a.json#/components/schemas/A"}}}});
    let done = resolved(&[("a.json", root), ("b.yaml", other)]).unwrap();
    assert_eq!(
        done["components"]["schemas"],
        json!({
            "A": {"$ref": "#/components/schemas/B2"},
            "B": {},
            "B2": {"properties": {"self": {"$ref": "#/components/schemas/B2"}, "a": {"$ref": "#/components/schemas/A"}}},
        })
    );
}

#[test]
fn deep_places_anchors_and_ids_become_components() {
    let done = resolved(&[("a", json!({"components": {"schemas": {
        "A": {"$defs": {"In": {"$anchor": "here", "type": "string"}, "Id": {"$id": "urn:x", "type": "integer"}}},
        "B": {"$ref": "#/components/schemas/A/$defs/In"},
        "C": {"$ref": "#here"},
        "D": {"$ref": "urn:x"},
    }}}))])
    .unwrap();
    let schemas = &done["components"]["schemas"];
    assert_eq!(schemas["B"], json!({"$ref": "#/components/schemas/In"}));
    assert_eq!(schemas["C"], schemas["B"]);
    assert_eq!(schemas["D"], json!({"$ref": "#/components/schemas/Id"}));
    assert_eq!(schemas["Id"]["type"], "integer");
}

#[test]
fn a_path_item_is_written_out() {
    let item = json!({"get": {"parameters": [{"$ref": "#/p"}]}, "p": {"name": "p"}});
    let mut file = item.clone();
    file["p"] = json!({"name": "p"});
    let done = resolved(&[
        ("a", json!({"paths": {"/x": {"$ref": "b", "summary": "s"}}})),
        ("b", file),
    ])
    .unwrap();
    assert_eq!(done["paths"]["/x"]["summary"], "s");
    assert_eq!(
        done["paths"]["/x"]["get"]["parameters"][0],
        json!({"$ref": "#/components/parameters/p"})
    );
    assert_eq!(done["components"]["parameters"]["p"], json!({"name": "p"}));
}

#[test]
fn what_cannot_be_followed_is_refused_all_at_once() {
    let error = resolved(&[("a", json!({"components": {"schemas": {
        "A": {"$ref": "https://example.com/x"}, "B": {"$ref": "gone.yaml"}, "C": {"$ref": "#/nowhere"}, "D": {"$ref": "#none"},
    }}}))])
    .unwrap_err();
    for word in ["4 reasons", "network", "gone.yaml", "#/nowhere", "#none"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_refusal_names_the_file_and_the_place_in_it() {
    let error = resolved(&[
        ("a", json!({
            "paths": {"/x": {"$ref": "item#/x"}},
            "components": {"schemas": {"A": {"$ref": "b#/deep/B"}, "C": {"$ref": "#/none"}}},
        })),
        ("b", json!({"deep": {"B": {"properties": {"n": {"$ref": "gone.yaml"}, "o": {"$ref": "c#/C"}}}}})),
        ("c", json!({"C": {"items": {"$ref": "#/nowhere"}}})),
        ("item", json!({"x": {"get": {"parameters": [{"$ref": "#/lost"}]}}})),
    ])
    .unwrap_err();
    for words in [
        "b: /deep/B/properties/n/$ref\n   here:  /components/schemas/B/properties/n/$ref",
        "c: /C/items/$ref\n",
        "item: /x/get/parameters/0/$ref\n   here:  /paths/~1x/get/parameters/0/$ref",
        "refs: /components/schemas/C/$ref\n   found",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}
