//! Choices among shapes. A choice that one type can say becomes that type; for any other, code of our own picks the shape
//! that a value has, and keeps a value that has none of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::STAGE;
use super::names::{Wire, pascal};
use super::schemas::{Place, Schemas, Shape, is_about};
use super::tags::tags;
use super::words::target;
use crate::pointer::Pointer;

/// A choice: the type `name` has a variant for each shape.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    pub(crate) name: String,
    /// The field that tells the shape.
    pub(crate) tag: Option<String>,
    pub(crate) variants: Vec<Variant>,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// A plain schema: a reference or a single word.
    pub(crate) schema: Value,
    /// What the tag says for this shape.
    pub(crate) tags: Vec<String>,
    pub(crate) kind: Kind,
}

/// What JSON says of a value before it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Object {
        required: Vec<String>,
        known: Vec<String>,
    },
    Array,
    Text,
    Integer,
    Number,
    Truth,
    #[default]
    Any,
}

/// A `oneOf` or `anyOf`, which say the same to a reader.
pub(super) fn choice(
    schemas: &mut Schemas<'_>,
    object: &Map<String, Value>,
    place: &Place,
) -> Shape {
    let (keyword, mut rest) = (
        if object.contains_key("oneOf") {
            "oneOf"
        } else {
            "anyOf"
        },
        object.clone(),
    );
    let at = place.pointer.child(keyword);
    let choices = match rest.remove(keyword) {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    let is_limit = |choice: &Value| {
        choice.as_object().is_some_and(|choice| {
            choice
                .keys()
                .all(|key| key == "required" || key == "not" || is_about(key))
        })
    };
    rest.retain(|key, _| !is_about(key));
    if !rest.is_empty() && choices.iter().all(is_limit) {
        schemas.report.wider(
            STAGE,
            &at,
            "left out, for it only limits what may stand together",
        );
        return schemas.shape(&Value::Object(rest), place);
    }
    if rest.contains_key("anyOf") {
        schemas
            .report
            .wider(STAGE, &at, "became anything, for two choices at once");
        return Shape::of(json!({}));
    }
    let is_null = |choice: &Value| {
        choice.get("enum") == Some(&json!([null])) || choice.get("type") == Some(&json!("null"))
    };
    let nullable = choices.iter().any(is_null);
    let choices: Vec<(usize, Value)> = choices
        .into_iter()
        .enumerate()
        .filter(|(_, choice)| !is_null(choice))
        .map(|(index, choice)| {
            (
                index,
                if rest.is_empty() {
                    choice
                } else {
                    json!({"allOf": [Value::Object(rest.clone()), choice]})
                },
            )
        })
        .collect();
    let mut shape = match choices.as_slice() {
        [] => Shape::of(json!({})),
        [(index, only)] => {
            let inner = Place {
                pointer: at.index(*index),
                ..place.clone()
            };
            schemas.shape(only, &inner)
        }
        _ => match one_type(schemas.document, &choices) {
            Some(simple) => {
                schemas
                    .report
                    .wider(STAGE, &at, "became one type, which says all of them");
                schemas.shape(
                    &simple,
                    &Place {
                        pointer: at,
                        ..place.clone()
                    },
                )
            }
            None => union(schemas, object, &choices, &at, place),
        },
    };
    shape.nullable |= nullable;
    shape
}

/// The one type that covers all choices, if they are all of a kind.
fn one_type(document: &Value, choices: &[(usize, Value)]) -> Option<Value> {
    let targets: Vec<&Value> = choices
        .iter()
        .map(|(_, choice)| target(document, choice))
        .collect();
    let kind = |schema: &Value| -> Option<String> {
        if let Some(kind) = schema.get("type").and_then(Value::as_str) {
            return Some(kind.to_owned());
        }
        let values = schema.get("enum")?.as_array()?;
        values
            .iter()
            .all(Value::is_string)
            .then(|| "string".to_owned())
    };
    let has_parts = |schema: &&Value| {
        ["allOf", "oneOf", "anyOf", "$ref"]
            .iter()
            .any(|key| schema.get(*key).is_some())
    };
    if targets.iter().any(has_parts) {
        return None;
    }
    let kinds: BTreeSet<String> = targets
        .iter()
        .map(|schema| kind(schema))
        .collect::<Option<_>>()?;
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    match kinds.as_slice() {
        ["string"] => {
            let values: Vec<&Value> = targets
                .iter()
                .filter_map(|schema| schema.get("enum")?.as_array())
                .flatten()
                .collect();
            // An enum stays open, so it takes the texts of the other choices too.
            Some(if values.is_empty() {
                json!({"type": "string"})
            } else {
                json!({"type": "string", "enum": values})
            })
        }
        ["integer"] => Some(json!({"type": "integer"})),
        ["number"] | ["integer", "number"] => Some(json!({"type": "number"})),
        ["boolean"] => Some(json!({"type": "boolean"})),
        _ => None,
    }
}

fn union(
    schemas: &mut Schemas<'_>,
    object: &Map<String, Value>,
    choices: &[(usize, Value)],
    at: &Pointer,
    place: &Place,
) -> Shape {
    let (tag, said) = tags(schemas.document, object, choices);
    let mut variants: Vec<Variant> = Vec::new();
    let mut taken = BTreeSet::from(["Other".to_owned()]);
    let mut nullable = false;
    for (position, (index, choice)) in choices.iter().enumerate() {
        let below = Place::new(
            at.index(*index),
            format!("{} {}", place.hint, title(choice, position)),
        );
        let Shape {
            value,
            nullable: may_be_null,
        } = schemas.shape(choice, &below);
        nullable |= may_be_null;
        let is_word = value.get("items").is_none() && value.get("type") != Some(&json!("object"));
        let schema = if value.get("$ref").is_some() || is_word {
            value
        } else {
            schemas.named(value, &below)
        };
        if schema.get("$ref").is_none() && schema.get("type").is_none() {
            schemas
                .report
                .note(STAGE, &below.pointer, "anything: read as `Other`");
            continue;
        }
        let mut name = variant_name(&schema);
        let stem = name.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}{number}");
            number += 1;
        }
        let tags = said.get(position).cloned().unwrap_or_default();
        variants.push(Variant {
            name,
            schema,
            tags,
            kind: Kind::Any,
        });
    }
    if variants.is_empty() {
        schemas.report.wider(STAGE, at, "became anything");
        return Shape {
            value: json!({}),
            nullable,
        };
    }
    let how = match &tag {
        Some(tag) => format!(
            "a type with {} variants, told by `{tag}`; anything else is kept",
            variants.len()
        ),
        None => format!(
            "a type with {} variants, told by their fields; anything else is kept",
            variants.len()
        ),
    };
    schemas.report.wider(STAGE, at, how);
    let parts: Vec<Value> = variants
        .iter()
        .map(|variant| variant.schema.clone())
        .collect();
    let build = |name: String| {
        (
            Union {
                name,
                tag,
                variants,
            },
            json!({"oneOf": parts}),
        )
    };
    Shape {
        value: schemas.union(build, place),
        nullable,
    }
}

fn title(choice: &Value, position: usize) -> String {
    let title = choice.get("title").and_then(Value::as_str);
    title.map_or_else(|| format!("choice {}", position + 1), str::to_owned)
}

fn variant_name(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return pascal(reference.rsplit('/').next().unwrap_or_default());
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => "Integer",
        Some("number") => "Number",
        Some("boolean") => "Boolean",
        _ => "Text",
    }
    .to_owned()
}

/// Adds what each variant looks like, now that all schemas are plain.
pub(super) fn complete(
    mut unions: Vec<Union>,
    plain: &BTreeMap<String, Value>,
    wire: &Wire,
) -> Vec<Union> {
    for variant in unions.iter_mut().flat_map(|union| &mut union.variants) {
        variant.kind = kind(&variant.schema, plain, wire);
    }
    unions
}

fn kind(schema: &Value, plain: &BTreeMap<String, Value>, wire: &Wire) -> Kind {
    let mut schema = schema;
    for _ in 0..64 {
        let reference = schema
            .get("$ref")
            .or_else(|| schema.pointer("/allOf/0/$ref"))
            .and_then(Value::as_str);
        match reference.and_then(|each| plain.get(Pointer::component("schemas", each)?)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    let on_wire = |name: &str| wire.get(name).map_or(name, String::as_str).to_owned();
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => Kind::Object {
            required: schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(on_wire)
                .collect(),
            known: schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, _)| on_wire(name))
                .collect(),
        },
        Some("array") => Kind::Array,
        Some("string") => Kind::Text,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Truth,
        _ => Kind::Any,
    }
}
