use super::*;
use crate::error::Evidence;
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

/// A reference without a file is about the schema around it that has an `$id`, also in another file
/// and after a move.
#[test]
fn a_schema_with_an_id_of_its_own_is_what_its_references_start_from() {
    let inner = |kind: &str| json!({"In": {"type": kind, "$anchor": "in"}});
    let identified = json!({
        "$id": "https://example.com/a", "$defs": inner("string"),
        "properties": {
            "by_place": {"$ref": "#/$defs/In"}, "by_anchor": {"$ref": "#in"},
            "out": {"$ref": "#/components/schemas/B"}, "self": {"$ref": "#"},
        },
    });
    let root = json!({
        "$defs": inner("boolean"),
        "components": {"schemas": {
            "A": identified,
            "B": {"$ref": "#/$defs/In"},
            "C": {"$ref": "https://example.com/a#/$defs/In"},
            "D": {"$ref": "other#/deep/A/properties/by_place"},
        }},
    });
    let mut other = identified.clone();
    other["$defs"]["In"]["type"] = json!("integer");
    other["properties"]["out"] = json!({});
    let done = resolved(&[("a", root), ("other", json!({"deep": {"A": other}}))]).unwrap();
    let schemas = &done["components"]["schemas"];
    let kind = |schema: &Value| {
        let mut schema = schema;
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            schema = done.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        }
        schema["type"].clone()
    };
    let own = &schemas["A"]["properties"];
    assert_eq!(kind(&own["by_place"]), "string");
    assert_eq!(kind(&own["by_anchor"]), "string");
    assert_eq!(kind(&own["out"]), "boolean");
    assert_eq!(own["self"]["$ref"], "#/components/schemas/A");
    assert_eq!(kind(&schemas["B"]), "boolean");
    assert_eq!(kind(&schemas["C"]), "string");
    assert_eq!(kind(&schemas["D"]), "integer");
}

#[test]
fn what_is_not_in_the_schema_with_an_id_is_refused_with_why() {
    let error = resolved(&[(
        "a",
        json!({"components": {"schemas": {
            "A": {"$id": "https://example.com/a", "items": {"$ref": "#/$defs/None"}},
        }}}),
    )])
    .unwrap_err();
    for words in ["/components/schemas/A/items/$ref", "`$id`", "1 reason"] {
        assert!(error.contains(words), "{error}");
    }
}

/// A document that somebody sent has no business with the files of those who read it.
#[test]
fn a_file_outside_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("sent");
    fs::create_dir_all(inner.join("parts")).unwrap();
    fs::write(folder.path().join("secret"), "{X: {title: canary}}").unwrap();
    let back = json!({"A": {"$ref": "../root#/components/schemas/B"}});
    fs::write(inner.join("parts/back"), back.to_string()).unwrap();
    let absolute = folder.path().join("secret");
    let root = json!({"components": {"schemas": {
        "A": {"$ref": "../secret#/X"}, "B": {"type": "string"},
        "C": {"$ref": format!("{}#/X", absolute.display())},
        "D": {"$ref": "parts/../../secret#/X"},
        "E": {"$ref": "parts/back#/A"},
        "F": {"$ref": "../sent/parts/back#/A"},
    }}});
    let mut report = Report::default();
    resolve(root.clone(), &inner.join("root"), &mut report).unwrap();
    let settled = report.settle(&root, Evidence::Optional);
    let error = settled.unwrap_err().to_string();
    assert!(
        error.contains("3 places") && error.contains("outside of"),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_outside_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("sent");
    fs::create_dir(&inner).unwrap();
    fs::write(folder.path().join("secret"), "{X: {}}").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), inner.join("link")).unwrap();
    let root = json!({"components": {"schemas": {"A": {"$ref": "link#/X"}}}});
    let mut report = Report::default();
    resolve(root.clone(), &inner.join("root"), &mut report).unwrap();
    let settled = report.settle(&root, Evidence::Optional);
    assert!(settled.unwrap_err().to_string().contains("outside of"));
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
    for word in ["4 places", "network", "gone.yaml", "#/nowhere", "#none"] {
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
        "c: /C/items/$ref, here /",
        "item: /x/get/parameters/0/$ref\n   here:  /paths/~1x/get/parameters/0/$ref",
        "also:  /components/schemas/C/$ref, with `#/none`",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}
