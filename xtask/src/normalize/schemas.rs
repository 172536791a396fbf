//! Reduces every schema: each object, enum and `oneOf` gets a name of its own, `allOf` is merged,
//! and what no type can express is widened.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::names::{Names, RenameMap};
use super::references::plain_target;
use super::unions::{self, Union};
use super::{STAGE, merge};
use crate::error::Evidence;
use crate::pointer::Pointer;
use crate::profile::Profile;
use crate::report::Report;

/// Keywords that say nothing of the values.
const ABOUT: [&str; 13] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
    "xml",
    "nullable",
    "discriminator",
    "$comment",
];

/// How many schemas that are merged of named ones may lie in each other.
const MIXTURES: usize = 6;

/// The schemas of a document, while they are made plain.
pub(super) struct Schemas<'d> {
    pub(super) document: &'d Value,
    pub(super) profile: &'d Profile,
    pub(super) report: &'d mut Report,
    pub(super) names: Names,
    /// The type name of each component.
    pub(super) types: BTreeMap<String, String>,
    pub(super) plain: BTreeMap<String, Value>,
    unions: Vec<Union>,
    /// How many merged schemas the one at hand lies in.
    merging: usize,
    /// How many lists and maps without a name the one at hand lies in.
    pub(super) unnamed: usize,
    /// The kinds of JSON that an operation sends or asks for, where they are not the plain one.
    pub(super) media: Vec<Media>,
    /// What the document gives as examples of its components, by their type names.
    pub(super) examples: Vec<(String, Value)>,
    /// The names of the operations, by where they stand.
    pub(super) ids: BTreeMap<Pointer, String>,
}

/// A header that an operation needs: `Accept` or `Content-Type`.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    /// The function of the client.
    pub(crate) operation: String,
    pub(crate) header: &'static str,
    pub(crate) value: String,
}

/// A schema made plain, apart from whether it may be null.
pub(super) struct Shape {
    pub(super) value: Value,
    pub(super) nullable: bool,
}

impl Shape {
    pub(super) fn of(value: Value) -> Self {
        Self {
            value,
            nullable: false,
        }
    }

    /// The schema for a place in another.
    fn into_value(self) -> Value {
        match self {
            Self {
                value,
                nullable: false,
            } => value,
            Self { value, .. } if value.get("$ref").is_some() => {
                json!({"allOf": [value], "nullable": true})
            }
            // Anything may be null already.
            Self { value, .. } if value.get("type").is_none() => value,
            Self { mut value, .. } => {
                value["nullable"] = json!(true);
                value
            }
        }
    }
}

/// Where a schema stands, and what it would be called.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) pointer: Pointer,
    pub(super) hint: String,
    /// The component that this is the root of.
    pub(super) root: Option<String>,
}

impl Place {
    pub(super) fn new(pointer: Pointer, hint: impl Into<String>) -> Self {
        Self {
            pointer,
            hint: hint.into(),
            root: None,
        }
    }

    pub(super) fn below(&self, keys: &[&str], hint: &str) -> Self {
        let pointer = keys
            .iter()
            .fold(self.pointer.clone(), |pointer, key| pointer.child(key));
        Self {
            pointer,
            hint: format!("{} {hint}", self.hint),
            root: None,
        }
    }
}

/// Keywords that would make validating newtypes: a value outside them would fail a read.
pub(crate) const VALIDATIONS: [&str; 13] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Value, profile: &'d Profile, report: &'d mut Report) -> Self {
        let mut new = Self {
            document,
            profile,
            report,
            names: Names::default(),
            types: BTreeMap::new(),
            plain: BTreeMap::new(),
            unions: Vec::new(),
            merging: 0,
            unnamed: 0,
            media: Vec::new(),
            examples: Vec::new(),
            ids: BTreeMap::new(),
        };
        let components = document
            .pointer("/components/schemas")
            .and_then(Value::as_object);
        let at = Pointer::root().child("components").child("schemas");
        let own: Vec<_> = components
            .into_iter()
            .flatten()
            .filter(|(_, schema)| schema.get("$ref").is_none())
            .collect();
        for (name, _) in &own {
            let type_name = new.names.type_name(name);
            if super::names::settled(name) != type_name {
                new.report.note(
                    STAGE,
                    &at.child(name),
                    format!("is the type `{type_name}`, for its own name is taken"),
                );
            }
            new.types.insert((*name).clone(), type_name);
        }
        for (name, schema) in own {
            let Some(type_name) = new.types.get(name).cloned() else {
                continue;
            };
            let place = Place {
                pointer: at.child(name),
                hint: type_name.clone(),
                root: Some(type_name.clone()),
            };
            if let Some(example) = schema.get("example") {
                new.examples.push((type_name.clone(), example.clone()));
            }
            let Shape { mut value, .. } = new.shape(schema, &place);
            if value.get("$ref").is_some() {
                value = json!({"allOf": [value]});
            }
            new.plain.insert(type_name, value);
        }
        new
    }

    /// The plain components, the choices among them, and the names that stand in.
    pub(super) fn finish(mut self) -> (Map<String, Value>, Vec<Union>, RenameMap) {
        self.break_circles();
        let unions = unions::complete(self.unions, &self.plain, &self.names.wire);
        (self.plain.into_iter().collect(), unions, self.names.wire)
    }

    /// A schema for a place in another.
    pub(super) fn inline(&mut self, schema: &Value, place: &Place) -> Value {
        self.shape(schema, place).into_value()
    }

    /// Whether a plain schema is a single word, in itself or by what it names.
    pub(super) fn is_plain_word(&self, value: &Value) -> bool {
        let kind = plain_target(value, &self.plain).get("type");
        let kind = kind.and_then(Value::as_str);
        matches!(kind, Some("string" | "integer" | "number" | "boolean"))
    }

    /// What a mixture is made of may hold the mixture itself, and then it never ends.
    pub(super) fn mixed(&mut self, schema: &Value, place: &Place) -> Shape {
        if self.merging == MIXTURES {
            let what = format!(
                "became anything, for more than {MIXTURES} mixtures of named schemas lie in each other"
            );
            self.report.wider(STAGE, &place.pointer, what);
            return Shape::of(json!({}));
        }
        self.merging += 1;
        let shape = self.shape(schema, place);
        self.merging -= 1;
        shape
    }

    pub(super) fn shape(&mut self, schema: &Value, place: &Place) -> Shape {
        let Some(object) = schema.as_object() else {
            return Shape::of(json!({}));
        };
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(reference, &place.pointer);
        }
        let mut shape = if object.contains_key("allOf") {
            self.all_of(object, place)
        } else if object.contains_key("oneOf") || object.contains_key("anyOf") {
            unions::choice(self, object, place)
        } else if let Some(Value::Array(values)) = object.get("enum") {
            self.values(values, object, place)
        } else {
            self.typed(object, place)
        };
        shape.nullable |= object.get("nullable") == Some(&json!(true));
        self.limits(object, &place.pointer);
        if shape.value.get("$ref").is_none() {
            shape.value = self.described(shape.value, object);
        }
        shape
    }

    /// The schema with what the document says of it. The words on a field go with the field, even
    /// where its type has words of its own.
    pub(super) fn described(&self, mut value: Value, object: &Map<String, Value>) -> Value {
        let text = |key: &str| Some((key.to_owned(), json!(object.get(key)?.as_str()?)));
        let mut words: Map<String, Value> = text("description").into_iter().collect();
        if self.profile.evidence == Evidence::Needed {
            words.extend(text("x-evidence"));
        }
        if words.is_empty() {
            return value;
        }
        if value.get("$ref").is_some() {
            value = json!({"allOf": [value]});
        }
        if let Some(value) = value.as_object_mut() {
            value.extend(words);
        }
        value
    }

    /// What the limits of a schema are is for the service to say.
    fn limits(&mut self, object: &Map<String, Value>, pointer: &Pointer) {
        for keyword in VALIDATIONS
            .iter()
            .chain(&["not"])
            .filter(|keyword| object.contains_key(**keyword))
        {
            self.report
                .wider(STAGE, &pointer.child(keyword), "left out");
        }
        if object.contains_key("default") {
            self.report.note(
                STAGE,
                &pointer.child("default"),
                "left out: the service fills it in",
            );
        }
        if object.contains_key("discriminator")
            && !object.contains_key("oneOf")
            && !object.contains_key("anyOf")
        {
            self.report.note(
                STAGE,
                &pointer.child("discriminator"),
                "left out: a value is read as this, and what else it holds is kept",
            );
        }
    }

    /// Gives a schema a name of its own, unless it stands where it has one.
    pub(super) fn named(&mut self, value: Value, place: &Place) -> Value {
        if place.root.is_some() {
            return value;
        }
        let name = self.names.type_name(&place.hint);
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        self.plain.insert(name, value);
        reference
    }

    /// Gives a choice a name, which is that of a type that we write.
    pub(super) fn union(
        &mut self,
        build: impl FnOnce(String) -> (Union, Value),
        place: &Place,
    ) -> Value {
        let (name, is_root) = match &place.root {
            Some(name) => (name.clone(), true),
            None => (self.names.type_name(&place.hint), false),
        };
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let (union, value) = build(name.clone());
        self.unions.push(union);
        if is_root {
            return value;
        }
        self.plain.insert(name, value);
        reference
    }

    fn all_of(&mut self, object: &Map<String, Value>, place: &Place) -> Shape {
        match merge::merge(self.document, object) {
            Ok(merge::Merged::One(only)) => self.shape(
                &only,
                &Place {
                    root: None,
                    ..place.clone()
                },
            ),
            Ok(merge::Merged::Many {
                merged,
                has_references,
            }) => {
                self.report
                    .note(STAGE, &place.pointer.child("allOf"), "merged into one");
                let nullable = merged.get("nullable") == Some(&json!(true));
                let merged = Value::Object(merged);
                let shape = if has_references {
                    self.mixed(&merged, place)
                } else {
                    self.shape(&merged, place)
                };
                Shape { nullable, ..shape }
            }
            Err(why) => {
                self.report.wider(
                    STAGE,
                    &place.pointer.child("allOf"),
                    format!("became anything, for {why}"),
                );
                Shape::of(json!({}))
            }
        }
    }
}

pub(super) fn is_about(key: &str) -> bool {
    ABOUT.contains(&key) || key.starts_with("x-")
}

/// Whether a schema says by itself that a value of it may be null.
pub(super) fn is_nullable(schema: &Map<String, Value>) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| values.contains(&Value::Null))
        || schema.get("nullable") == Some(&json!(true))
}
