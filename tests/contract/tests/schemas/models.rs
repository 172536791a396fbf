//! Each type of the document: what it keeps, and what it says of a value that is not as it should
//! be.

use std::collections::BTreeSet;

use cloudally::ErrorKind;
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::service::Service;
use cloudally_contract::setup::status_of;
use cloudally_contract::spec;
use cloudally_contract::types::{self, Type};
use serde_json::{Value, json};

fn objects() -> impl Iterator<Item = Type> {
    types::all()
        .into_iter()
        .filter(|one| spec::enum_values(spec::component(one.component)).is_none())
}

fn enums() -> impl Iterator<Item = Type> {
    types::all()
        .into_iter()
        .filter(|one| spec::enum_values(spec::component(one.component)).is_some())
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn every_component_of_the_document_has_a_type_in_the_table_or_a_reason_why_not() {
    let mut tested: Vec<_> = types::all().iter().map(|one| one.component).collect();
    tested.extend(spec::WITHOUT_TYPE.map(|(name, _)| name));
    tested.sort_unstable();
    let mut all: Vec<_> = spec::components().keys().map(String::as_str).collect();
    all.sort_unstable();
    assert_eq!(tested, all);
}

#[test]
fn the_fixtures_have_every_documented_field_and_others_and_nulls() {
    for one in objects() {
        let documented = keys(&spec::component(one.component)["properties"]);
        let [full, odd] = one.values.as_slice() else {
            panic!("{}: {:?}", one.component, one.values)
        };
        let given = keys(full);
        assert!(documented.is_subset(&given), "{}: {given:?}", one.component);
        assert!(
            !given.is_subset(&documented),
            "{}: an unknown field",
            one.component
        );
        for name in documented {
            assert!(!full[name].is_null(), "{}.{name}", one.component);
        }
        assert!(
            odd.to_string().contains("null") || one.component == "CustomStorage",
            "{odd}"
        );
    }
}

#[test]
fn decoding_and_encoding_gives_the_same_json_but_for_documented_nulls() {
    for one in objects() {
        for value in &one.values {
            let decoded = (one.decode)(value).unwrap();
            let expected = spec::without_known_nulls(one.component, value);
            assert_eq!(decoded.encoded, expected, "{}", one.component);
            let again = (one.decode)(&decoded.encoded).unwrap();
            assert_eq!(again.encoded, decoded.encoded, "{}", one.component);
        }
    }
}

#[test]
fn what_a_type_does_not_name_is_in_its_extra_and_nothing_else_is() {
    for one in objects() {
        let documented = keys(&spec::component(one.component)["properties"]);
        for value in &one.values {
            let extra = (one.decode)(value).unwrap().extra.unwrap();
            let unknown: serde_json::Map<_, _> = value
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| !documented.contains(name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            assert_eq!(extra, unknown, "{}", one.component);
        }
    }
}

#[test]
fn every_known_value_of_an_enum_is_known_and_any_other_is_kept() {
    for one in enums() {
        for value in &one.values {
            let decoded = (one.decode)(value).unwrap();
            assert_eq!(decoded.encoded, *value, "{}", one.component);
            assert!(
                !decoded.debug.starts_with("Unknown"),
                "{} {value}",
                one.component
            );
        }
        let known = one.values[0].as_str().unwrap();
        for other in [
            "NOBODY_KNOWS",
            "",
            "🚀",
            "Unknown",
            &known.to_lowercase(),
            &known.to_uppercase(),
        ] {
            let value = json!(other);
            if one.values.contains(&value) {
                continue;
            }
            let decoded = (one.decode)(&value).unwrap();
            assert_eq!(decoded.encoded, value, "{}", one.component);
            assert_eq!(
                decoded.debug,
                format!("Unknown({other:?})"),
                "{}",
                one.component
            );
        }
        let number = (one.decode)(&json!(7)).unwrap();
        assert_eq!(number.encoded, json!("7"), "{}", one.component);
        for wrong in [json!(true), json!([]), json!({}), json!(null)] {
            assert!((one.decode)(&wrong).is_err(), "{} {wrong}", one.component);
        }
    }
}

/// The places of all fields and elements in a value, as JSON pointers and as errors name them.
fn places(value: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, path: &str, places: &mut Vec<(String, String)>) {
        let mut visit = |value: &Value, pointer: String, path: String| {
            walk(value, &pointer, &path, places);
            places.push((pointer, path));
        };
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    visit(
                        value,
                        format!("{pointer}/{name}"),
                        format!("{path}{dot}{name}"),
                    );
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    visit(value, format!("{pointer}/{at}"), format!("{path}[{at}]"));
                }
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    walk(value, "", "", &mut places);
    places
}

fn replaced(value: &Value, pointer: &str, by: &Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = by.clone();
    value
}

fn removed(value: &Value, pointer: &str) -> Option<Value> {
    let mut value = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()?
        .remove(name)?;
    Some(value)
}

/// Every kind of JSON that the value is not.
fn strangers(value: &Value) -> Vec<Value> {
    let all = [
        json!(true),
        json!(7),
        json!("seven"),
        json!([1]),
        json!({"a": 1}),
    ];
    all.into_iter()
        .filter(|other| std::mem::discriminant(other) != std::mem::discriminant(value))
        .collect()
}

#[test]
fn a_field_that_is_null_or_missing_is_no_error_wherever_it_is() {
    for one in objects() {
        for value in &one.values {
            for (pointer, path) in places(value) {
                // A page is told of an item that is nothing; any other list leaves it out.
                if !(path.starts_with("data[") && path.ends_with(']')) {
                    let null = replaced(value, &pointer, &Value::Null);
                    let decoded = (one.decode)(&null);
                    assert!(
                        decoded.is_ok(),
                        "{}: {path} is null: {decoded:?}",
                        one.component
                    );
                }
                if let Some(gap) = removed(value, &pointer) {
                    let decoded = (one.decode)(&gap);
                    assert!(decoded.is_ok(), "{}: no {path}: {decoded:?}", one.component);
                }
            }
        }
    }
}

/// The value with its numbers as text, for a number may be read as one.
fn in_words(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => items.iter().map(in_words).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(name, value)| (name.clone(), in_words(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// What is wrong at a place makes the error name that place.
#[test]
fn a_value_of_another_kind_is_kept_as_it_came_or_an_error_that_names_its_place() {
    let mut named = 0;
    for one in objects() {
        let full = &one.values[0];
        for (pointer, path) in places(full) {
            let value = full.pointer(&pointer).unwrap();
            for other in strangers(value).into_iter().chain([Value::Null]) {
                let strange = replaced(full, &pointer, &other);
                match (one.decode)(&strange) {
                    Ok(decoded) => {
                        let kept = spec::without_known_nulls(one.component, &strange);
                        let is_left_out = other.is_null() && path.ends_with(']');
                        assert!(
                            is_left_out || in_words(&decoded.encoded) == in_words(&kept),
                            "{}: {path} is {other}: {}",
                            one.component,
                            decoded.encoded
                        );
                    }
                    Err(error) => {
                        // The element that a list of another kind begins with is where decoding
                        // stops.
                        let within = error.path.strip_prefix(&path);
                        let is_there = within
                            .is_some_and(|rest| rest.is_empty() || rest == "[0]" || rest == ".a");
                        assert!(is_there, "{}: {path} is {other}: {error:?}", one.component);
                        named += 1;
                    }
                }
            }
        }
    }
    assert!(named > 500, "{named} errors name their place");
}

#[test]
fn documented_numbers_are_read_from_text_and_text_from_numbers_where_they_can_be() {
    let tolerant = [
        "date-time",
        "loose-date-time",
        "yyyymmdd",
        "yyyymmddhhmmss",
        "seconds",
        "decimal",
    ];
    for one in objects() {
        let properties = spec::component(one.component)["properties"]
            .as_object()
            .unwrap();
        for (name, property) in properties {
            let Some(kind) = property["type"][0].as_str() else {
                continue;
            };
            let format = property["format"].as_str();
            if kind == "number" || format.is_some_and(|format| tolerant.contains(&format)) {
                continue;
            }
            let is_secret = format == Some("password");
            for (other, read_by) in [
                (json!("seven"), &["string"][..]),
                (json!("7"), &["string", "integer"]),
                (json!("true"), &["string", "boolean"]),
                (
                    json!(7),
                    if is_secret {
                        &["integer"]
                    } else {
                        &["integer", "string"]
                    },
                ),
                (
                    json!(7.0),
                    if is_secret {
                        &["integer"]
                    } else {
                        &["integer", "string"]
                    },
                ),
                (json!(true), &["boolean"]),
                (json!([]), &["array"]),
                (json!({}), &["object"]),
            ] {
                let strange = json!({name: other});
                let is_readable = read_by.contains(&kind);
                match (one.decode)(&strange) {
                    Ok(_) => assert!(is_readable, "{}: {strange} is read", one.component),
                    Err(error) => {
                        assert!(!is_readable, "{}: {strange}: {error:?}", one.component);
                        assert_eq!(error.path, *name, "{}", one.component);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_error_of_a_call_names_the_place_in_the_answer() {
    let mut named = 0;
    for call in calls::all() {
        let service = Service::answering(call.before());
        let client = service.client();
        if !call.is_sign_in() {
            client.sign_in().await.unwrap();
        }
        for (pointer, path) in places(&call.answer.1) {
            let value = call.answer.1.pointer(&pointer).unwrap();
            let other = if value.is_string() {
                json!(true)
            } else {
                json!("seven")
            };
            let strange = replaced(&call.answer.1, &pointer, &other);
            service.answers_next([Answer::json(call.answer.0, &strange)]);
            let Err(error) = (call.run)(client.clone()).await else {
                continue;
            };
            let case = format!("{}: {path} is {other}: {error:?}", call.id);
            if call.id == "createRestoreRequest" {
                assert_eq!(error.kind(), ErrorKind::MissingJobId, "{case}");
                continue;
            }
            // A page token that is none before is one now: it is followed.
            if status_of(&error) == Some(418) {
                assert_eq!(path, "nextPageToken", "{case}");
                continue;
            }
            assert_eq!(error.kind(), ErrorKind::Decode, "{case}");
            assert_eq!(error.json_path(), Some(path.as_str()), "{case}");
            assert_eq!(
                (status_of(&error), error.attempts()),
                (Some(200), 1),
                "{case}"
            );
            assert!(error.to_string().contains(&format!("`{path}`")), "{case}");
            named += 1;
        }
    }
    assert!(named > 200, "{named} errors name their place");
}
