//! The JSON schema of each Rust type agrees with the component of the document.

use std::collections::{BTreeMap, BTreeSet};

use cloudally_contract::spec;
use cloudally_contract::types;
use serde_json::Value;

/// What a schema says of a value, in one form for both sides.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    /// The component that the value is one of.
    reference: Option<String>,
    types: BTreeSet<String>,
    format: Option<String>,
    items: Option<Box<Shape>>,
    /// What a map holds.
    values: Option<Box<Shape>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Document,
    Rust,
}

fn shape(schema: &Value, side: Side) -> Shape {
    let mut types: BTreeSet<String> = match &schema["type"] {
        Value::String(one) => BTreeSet::from([one.clone()]),
        Value::Array(several) => several
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect(),
        _ => BTreeSet::new(),
    };
    let reference = spec::reference(schema).map(str::to_owned);
    if reference.is_some() {
        types.clear();
        let branches = ["oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| schema[key].as_array());
        if branches.flatten().any(|branch| branch["type"] == "null") {
            types.insert("null".to_owned());
        }
    }
    let mut format = schema["format"].as_str().map(str::to_owned);
    let is_date = matches!(
        format.as_deref(),
        Some("date-time" | "loose-date-time" | "yyyymmdd" | "yyyymmddhhmmss")
    );
    if side == Side::Document && is_date {
        // Rust reads a date in any of the forms that dates come in, whichever one the document
        // names.
        types.extend(["string".to_owned(), "integer".to_owned()]);
        format = None;
    }
    if side == Side::Document && (format.as_deref() == Some("decimal") || types.contains("number"))
    {
        // And a decimal as text or as a number.
        types.extend(["string".to_owned(), "number".to_owned()]);
        format = Some("decimal".to_owned());
    }
    let inner = |key: &str| {
        let inner = &schema[key];
        inner.is_object().then(|| Box::new(shape(inner, side)))
    };
    Shape {
        reference,
        types,
        format,
        items: inner("items"),
        values: inner("additionalProperties"),
    }
}

fn properties(schema: &Value, side: Side) -> BTreeMap<String, Shape> {
    schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, property)| (name.clone(), shape(property, side)))
        .collect()
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_component_of_the_document_is_compared_or_has_a_reason_why_not() {
    let compared: BTreeSet<_> = types::all().iter().map(|one| one.component).collect();
    let without: BTreeSet<_> = spec::WITHOUT_TYPE.iter().map(|(name, _)| *name).collect();
    for name in spec::components().keys() {
        let (is_compared, is_without) = (
            compared.contains(name.as_str()),
            without.contains(name.as_str()),
        );
        assert!(is_compared != is_without, "{name}");
    }
    assert_eq!(compared.len() + without.len(), spec::components().len());
    assert_eq!(spec::WITHOUT_TYPE.map(|(name, _)| name), ["ErrorBody"]);
}

#[test]
fn objects_have_the_document_s_fields_in_the_document_s_shape() {
    let mut compared = 0;
    for one in types::all() {
        let component = spec::component(one.component);
        if spec::enum_values(component).is_some() {
            continue;
        }
        let schema = (one.schema)();
        assert_eq!(
            (&schema["type"], &component["type"]),
            (&"object".into(), &"object".into())
        );
        let (rust, document) = (
            properties(&schema, Side::Rust),
            properties(component, Side::Document),
        );
        let names = |shapes: &BTreeMap<String, Shape>| shapes.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&rust), names(&document), "{}", one.component);
        for (name, shape) in &document {
            assert!(
                shape.reference.is_some() || !shape.types.is_empty(),
                "{} {name}",
                one.component
            );
            assert_eq!(rust[name], *shape, "{}.{name}", one.component);
            compared += 1;
        }
        assert_eq!(required(&schema), required(component), "{}", one.component);
    }
    assert!(compared > 150, "{compared} properties");
}

#[test]
fn objects_stay_open_on_both_sides() {
    for one in types::all() {
        let component = spec::component(one.component);
        if spec::enum_values(component).is_some() {
            continue;
        }
        let open = [Value::Bool(true), Value::Object(serde_json::Map::new())];
        assert!(
            open.contains(&component["additionalProperties"]),
            "{}",
            one.component
        );
        assert!(
            open.contains(&(one.schema)()["additionalProperties"]),
            "{}",
            one.component
        );
    }
}

#[test]
fn enums_know_the_document_s_values_and_stay_open_on_both_sides() {
    let mut compared = 0;
    for one in types::all() {
        let component = spec::component(one.component);
        let Some(known) = spec::enum_values(component) else {
            continue;
        };
        let is_open = |schema: &Value| {
            let branches = schema["anyOf"].as_array().unwrap();
            branches.iter().any(|branch| {
                branch["type"] == "string"
                    && branch.get("const").is_none()
                    && branch.get("enum").is_none()
            })
        };
        let schema = (one.schema)();
        assert!(is_open(component) && is_open(&schema), "{}", one.component);
        let named: Vec<_> = schema["anyOf"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|branch| {
                let several = branch["enum"].as_array().into_iter().flatten();
                several.chain(branch.get("const"))
            })
            .map(|value| value.as_str().unwrap())
            .collect();
        assert_eq!(named, known, "{}", one.component);
        compared += 1;
    }
    assert_eq!(compared, 13);
}

#[test]
fn a_reference_of_a_schema_leads_to_the_schema_of_that_name() {
    let by_name: BTreeMap<_, _> = types::all()
        .into_iter()
        .map(|one| (one.component, (one.schema)()))
        .collect();
    for (component, schema) in &by_name {
        let definitions = schema["$defs"].as_object().into_iter().flatten();
        for (name, definition) in definitions {
            let own = &by_name[name.as_str()];
            for key in ["type", "properties", "anyOf", "additionalProperties"] {
                assert_eq!(definition[key], own[key], "{component}: {name}.{key}");
            }
        }
    }
}

#[test]
fn the_bodies_of_the_sign_ins_have_the_document_s_fields() {
    use cloudally_gen::types::{LoginBody, PartnerLoginBody, RefreshTokenBody};
    use schemars::schema_for;
    for (path, schema) in [
        ("/auth", schema_for!(LoginBody).to_value()),
        ("/auth/partner", schema_for!(PartnerLoginBody).to_value()),
        ("/auth/refresh", schema_for!(RefreshTokenBody).to_value()),
    ] {
        let document = spec::inline_body(path);
        let rust = properties(&schema, Side::Rust);
        let expected = properties(document, Side::Document);
        assert_eq!(
            rust.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>(),
            "{path}"
        );
        assert_eq!(required(&schema), required(document), "{path}");
        for (name, shape) in expected {
            let is_secret = shape.format.as_deref() == Some("password");
            assert_eq!(
                rust[&name].format.as_deref() == Some("password"),
                is_secret,
                "{path} {name}"
            );
            assert!(rust[&name].types.is_superset(&shape.types), "{path} {name}");
        }
    }
}
