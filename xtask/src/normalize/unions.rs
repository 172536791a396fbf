//! Choices among shapes. A choice that one type can say becomes that type; for any other, code of
//! our own picks the shape that a value has, and keeps a value that has none of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::STAGE;
use super::discriminator::tags;
use super::names::{RenameMap, pascal};
use super::references::plain_target;
use super::scalar::one_word;
use super::schemas::{Place, Schemas, Shape, is_about};
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
    Text {
        known: Vec<String>,
    },
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
        _ => match one_word(schemas.document, choices.iter().map(|(_, choice)| choice)) {
            Some(simple) => {
                if simple.get("enum").is_some() {
                    let what = "became one enum, which has the values of all of them";
                    schemas.report.note(STAGE, &at, what);
                } else {
                    let what = "became one type, which says all of them";
                    schemas.report.wider(STAGE, &at, what);
                }
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

fn union(
    schemas: &mut Schemas<'_>,
    object: &Map<String, Value>,
    choices: &[(usize, Value)],
    at: &Pointer,
    place: &Place,
) -> Shape {
    let (tag, said) = tags(schemas.document, object, choices);
    unlisted(schemas, object, &said, place);
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
        if schema.get("$ref").is_none() && variants.iter().any(|variant| variant.schema == schema) {
            schemas.report.note(
                STAGE,
                &below.pointer,
                "is read as the one before it, which says the same",
            );
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

/// What a discriminator tells of schemas that are not among the choices leads nowhere.
fn unlisted(
    schemas: &mut Schemas<'_>,
    object: &Map<String, Value>,
    said: &[Vec<String>],
    place: &Place,
) {
    let mapping = object
        .get("discriminator")
        .and_then(|each| each.get("mapping")?.as_object());
    for (tag, _) in mapping.into_iter().flatten() {
        if !said.iter().flatten().any(|each| each == tag) {
            let at = place
                .pointer
                .child("discriminator")
                .child("mapping")
                .child(tag);
            let what = "names none of the choices: a value with this tag is kept as `Other`";
            schemas.report.note(STAGE, &at, what);
        }
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
    wire: &RenameMap,
) -> Vec<Union> {
    for variant in unions.iter_mut().flat_map(|union| &mut union.variants) {
        variant.kind = kind(&variant.schema, plain, wire);
    }
    unions
}

fn kind(schema: &Value, plain: &BTreeMap<String, Value>, wire: &RenameMap) -> Kind {
    let schema = plain_target(schema, plain);
    let on_wire = |name: &str| wire.get(name).map_or(name, String::as_str).to_owned();
    let listed = |key: &str| {
        let texts = schema.get(key).and_then(Value::as_array);
        let texts = texts.into_iter().flatten().filter_map(Value::as_str);
        texts.map(on_wire).collect()
    };
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => Kind::Object {
            required: listed("required"),
            known: schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, _)| on_wire(name))
                .collect(),
        },
        Some("array") => Kind::Array,
        Some("string") => Kind::Text {
            known: listed("enum"),
        },
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Truth,
        _ => Kind::Any,
    }
}
