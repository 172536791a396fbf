//! Any value that the document allows, and many that it does not, in every type: decoded, encoded,
//! and decoded again.

use cloudally_contract::{spec, types};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn text() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        "[0-9]{1,20}".prop_map(Value::from),
        Just(json!("true")),
        Just(json!("")),
    ]
    .boxed()
}

fn number() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-1_000_000..1_000_000_i64)
            .prop_map(|cents| json!(f64::from(i32::try_from(cents).unwrap()) / 100.0)),
        any::<u64>().prop_map(Value::from),
    ]
    .boxed()
}

fn date() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(json!("2026-03-01T04:10:00Z")),
        Just(json!("2026-03-01 04:10:00")),
        Just(json!("2026-03-01")),
        (20_000_101..20_401_231_i64).prop_map(Value::from),
        (1_000_000_000..2_000_000_000_i64).prop_map(Value::from),
        text(),
    ]
    .boxed()
}

/// What a field may hold: mostly what is documented.
fn documented(schema: &'static Value) -> BoxedStrategy<Value> {
    let schema = spec::reference(schema).map_or(schema, spec::component);
    if let Some(known) = spec::enum_values(schema) {
        let known: Vec<_> = known.into_iter().map(Value::from).collect();
        return prop_oneof![prop::sample::select(known), text()].boxed();
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str());
    let format = schema["format"].as_str().unwrap_or_default();
    match kind.unwrap() {
        _ if matches!(
            format,
            "date-time" | "loose-date-time" | "yyyymmdd" | "yyyymmddhhmmss"
        ) =>
        {
            date()
        }
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => any::<i64>().prop_map(Value::from).boxed(),
        "number" => number(),
        "string" => text(),
        "array" => prop::collection::vec(documented(&schema["items"]), 0..3)
            .prop_map(Value::from)
            .boxed(),
        "object" if schema["properties"].is_object() => object(schema),
        "object" => {
            let values = documented(&schema["additionalProperties"]);
            prop::collection::btree_map("[A-Z]{1,6}", values, 0..3)
                .prop_map(|map| map.into_iter().collect())
                .boxed()
        }
        other => panic!("a schema of type {other}"),
    }
}

fn object(schema: &'static Value) -> BoxedStrategy<Value> {
    let properties = schema["properties"].as_object().unwrap();
    let mut fields = Just(Map::new()).boxed();
    for (name, property) in properties {
        let value = prop::option::weighted(
            0.7,
            prop_oneof![9 => documented(property), 1 => Just(Value::Null)],
        );
        fields = (fields, value)
            .prop_map(move |(mut fields, value)| {
                fields.extend(value.map(|value| (name.clone(), value)));
                fields
            })
            .boxed();
    }
    let unknown = prop::collection::btree_map(
        "x[a-z]{3}",
        prop_oneof![text(), number(), Just(json!({"a": [null]}))],
        0..3,
    );
    (fields, unknown)
        .prop_map(|(mut fields, unknown)| {
            fields.extend(unknown);
            Value::Object(fields)
        })
        .boxed()
}

/// One type, and a value for it.
fn any_documented() -> impl Strategy<Value = (usize, Value)> {
    let objects = types::all().into_iter().enumerate();
    let strategies: Vec<_> = objects
        .map(|(at, one)| {
            documented(spec::component(one.component))
                .prop_map(move |value| (at, value))
                .boxed()
        })
        .collect();
    proptest::strategy::Union::new(strategies)
}

/// Any JSON.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        text(),
        number()
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,4}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_documented_is_read_and_written_back_as_it_came((at, value) in any_documented()) {
        let one = &types::all()[at];
        let decoded = (one.decode)(&value);
        let decoded = decoded.map_err(|error| TestCaseError::fail(format!("{}: {error:?}: {value}", one.component)))?;
        prop_assert_eq!(&decoded.encoded, &spec::without_known_nulls(one.component, &value), "{}", one.component);
        let again = (one.decode)(&decoded.encoded).unwrap();
        prop_assert_eq!(again.encoded, decoded.encoded);
    }

    /// A field at a time, so that most of the object can be read.
    #[test]
    fn a_field_that_may_be_anything_is_read_or_named((at, mut value) in any_documented(), which in any::<prop::sample::Index>(), strange in anything()) {
        let one = &types::all()[at];
        let Some(fields) = value.as_object_mut().filter(|fields| !fields.is_empty()) else {
            return Ok(());
        };
        let name = fields.keys().nth(which.index(fields.len())).unwrap().clone();
        fields.insert(name.clone(), strange);
        match (one.decode)(&value) {
            Ok(decoded) => {
                let again = (one.decode)(&decoded.encoded).unwrap();
                prop_assert_eq!(again.encoded, decoded.encoded);
            }
            Err(error) => prop_assert!(error.path.starts_with(&name), "{}: {error:?}: {value}", one.component),
        }
    }
}
