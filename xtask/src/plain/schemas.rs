//! Makes every schema plain: each object, enum and choice gets a name of its own, mixtures are merged, and what no type
//! can say is widened.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names::{Names, Wire};
use super::unions::{self, Union};
use super::{STAGE, merge};
use crate::pointer::Pointer;
use crate::refusal::Action;
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

/// Keywords of which a type knows nothing.
const LIMITS: [&str; 14] = [
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
    "not",
];

/// How many merged schemas may lie in each other.
const MIXTURES: usize = 6;

/// The schemas of a document, while they are made plain.
pub(super) struct Schemas<'d> {
    pub(super) document: &'d Value,
    pub(super) report: &'d mut Report,
    pub(super) names: Names,
    /// The type name of each component.
    types: BTreeMap<String, String>,
    plain: BTreeMap<String, Value>,
    unions: Vec<Union>,
    /// How many merged schemas the one at hand lies in.
    merging: usize,
    /// What the document gives as examples of its components, by their type names.
    pub(super) examples: Vec<(String, Value)>,
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

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Value, report: &'d mut Report) -> Self {
        let mut new = Self {
            document,
            report,
            names: Names::default(),
            types: BTreeMap::new(),
            plain: BTreeMap::new(),
            unions: Vec::new(),
            merging: 0,
            examples: Vec::new(),
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
    pub(super) fn finish(mut self) -> (Map<String, Value>, Vec<Union>, Wire) {
        self.break_circles();
        let unions = unions::complete(self.unions, &self.plain, &self.names.wire);
        (self.plain.into_iter().collect(), unions, self.names.wire)
    }

    /// A type that is but another, which is but the first, has no value at all.
    fn break_circles(&mut self) {
        let next = |plain: &BTreeMap<String, Value>, name: &str| -> Option<String> {
            let reference = plain.get(name)?.pointer("/allOf/0/$ref")?.as_str()?;
            Pointer::component("schemas", reference).map(str::to_owned)
        };
        let names: Vec<String> = self.plain.keys().cloned().collect();
        for name in names {
            let mut seen = BTreeSet::from([name.clone()]);
            let mut at = name.clone();
            while let Some(after) = next(&self.plain, &at) {
                if !seen.insert(after.clone()) {
                    let pointer = Pointer::root().child("components").child("schemas");
                    let what = "became anything, for it is but a circle of names";
                    self.report.wider(STAGE, &pointer.child(&after), what);
                    self.plain.insert(after, json!({}));
                    break;
                }
                at = after;
            }
        }
    }

    /// A schema for a place in another.
    pub(super) fn inline(&mut self, schema: &Value, place: &Place) -> Value {
        self.shape(schema, place).into_value()
    }

    /// What a mixture is made of may hold the mixture itself, and then it never ends.
    pub(super) fn mixed(&mut self, schema: &Value, place: &Place) -> Shape {
        if self.merging == MIXTURES {
            let what = "became anything, for its parts hold each other";
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
        if shape.value.get("$ref").is_none()
            && let Some(description) = object.get("description").and_then(Value::as_str)
            && let Some(value) = shape.value.as_object_mut()
        {
            value.insert("description".to_owned(), json!(description));
        }
        shape
    }

    /// What the limits of a schema are is for the service to say.
    fn limits(&mut self, object: &Map<String, Value>, pointer: &Pointer) {
        for keyword in LIMITS
            .iter()
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

    fn reference(&mut self, reference: &str, pointer: &Pointer) -> Shape {
        let mut seen = BTreeSet::new();
        let mut reference = reference.to_owned();
        // A component that is but another name for one is that one.
        loop {
            let target = Pointer::of_reference(&reference);
            let found = target
                .as_ref()
                .and_then(|target| target.find(self.document));
            let next = found
                .and_then(|found| found.get("$ref"))
                .and_then(Value::as_str);
            match (target, found, next) {
                (_, _, Some(next)) if seen.insert(next.to_owned()) => reference = next.to_owned(),
                (_, _, Some(_)) => {
                    self.report.wider(
                        STAGE,
                        pointer,
                        "a circle of names for nothing: became anything",
                    );
                    return Shape::of(json!({}));
                }
                (Some(target), Some(found), None) => {
                    let name = target.keys().last().unwrap_or_default();
                    let Some(type_name) = self.types.get(&name) else {
                        return Shape::of(json!({}));
                    };
                    return Shape {
                        value: json!({"$ref": format!("#/components/schemas/{type_name}")}),
                        nullable: is_nullable(found),
                    };
                }
                // Refused before.
                _ => return Shape::of(json!({})),
            }
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
            Ok(merge::Merged::Many(merged)) => {
                self.report
                    .note(STAGE, &place.pointer.child("allOf"), "merged into one");
                let shape = self.mixed(&Value::Object(merged), place);
                Shape {
                    nullable: false,
                    ..shape
                }
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

    fn values(&mut self, values: &[Value], object: &Map<String, Value>, place: &Place) -> Shape {
        let at = place.pointer.child("enum");
        let nullable = values.contains(&Value::Null);
        let mut others: Vec<&Value> = Vec::new();
        for value in values.iter().filter(|value| !value.is_null()) {
            if others.contains(&value) {
                self.report
                    .note(STAGE, &at, format!("the second {value} left out"));
            } else {
                others.push(value);
            }
        }
        let all =
            |is: fn(&Value) -> bool| !others.is_empty() && others.iter().all(|value| is(value));
        let value = if all(Value::is_string) {
            let mut taken = BTreeSet::new();
            let texts = others.iter().filter_map(|value| value.as_str());
            let values: Vec<String> = texts
                .map(|text| self.names.value(&mut taken, text))
                .collect();
            self.named(json!({"type": "string", "enum": values}), place)
        } else {
            let wide = if all(|value| value.is_i64() || value.is_u64()) {
                let mut plain = object.clone();
                plain.remove("enum");
                plain.insert(
                    "maximum".to_owned(),
                    others
                        .iter()
                        .max_by_key(|value| value.as_u64())
                        .map_or(json!(0), |max| (*max).clone()),
                );
                integer(&plain)
            } else if all(Value::is_number) {
                json!({"type": "number"})
            } else if all(Value::is_boolean) {
                json!({"type": "boolean"})
            } else {
                json!({})
            };
            let kind = wide
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("anything");
            self.report.wider(STAGE, &at, format!("became {kind}"));
            wide
        };
        Shape { value, nullable }
    }

    fn typed(&mut self, object: &Map<String, Value>, place: &Place) -> Shape {
        let kind = match object.get("type") {
            None if object.contains_key("properties")
                || object.contains_key("additionalProperties")
                || object.contains_key("required") =>
            {
                "object"
            }
            None if object.contains_key("items") => "array",
            None => {
                if object.keys().any(|key| !is_about(key)) {
                    self.report
                        .wider(STAGE, &place.pointer, "has no type: became anything");
                }
                return Shape::of(json!({}));
            }
            Some(kind) => kind.as_str().unwrap_or_default(),
        };
        let format = object.get("format").and_then(Value::as_str);
        let value = match kind {
            "string" => {
                if format == Some("password") {
                    json!({"type": "string", "format": "password"})
                } else {
                    if let Some(format) = format {
                        self.report.wider(
                            STAGE,
                            &place.pointer.child("format"),
                            format!("`{format}` stays text"),
                        );
                    }
                    json!({"type": "string"})
                }
            }
            "integer" => {
                let plain = integer(object);
                if plain.get("type") == Some(&json!("number")) {
                    self.report.note(STAGE, &place.pointer, "became a number, for 64 bits do not hold it: digits beyond those of a double are lost");
                }
                plain
            }
            "number" => json!({"type": "number"}),
            "boolean" => json!({"type": "boolean"}),
            "array" => {
                let items = object.get("items").unwrap_or(&Value::Null);
                json!({"type": "array", "items": self.inline(items, &place.below(&["items"], "item"))})
            }
            "object" => return Shape::of(self.object(object, place)),
            _ => {
                self.report.refuse(
                    STAGE,
                    &place.pointer.child("type"),
                    object.get("type").unwrap_or(&Value::Null),
                    "no such type: a type is string, integer, number, boolean, array or object",
                    "correct it",
                    &Action::Update(&place.pointer, "{type: string}"),
                );
                json!({})
            }
        };
        Shape::of(value)
    }

    fn object(&mut self, object: &Map<String, Value>, place: &Place) -> Value {
        let required: BTreeSet<&str> = object
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let none = Map::new();
        let fields = object
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let mut plain = Map::new();
        let mut needed = BTreeSet::new();
        let mut taken = BTreeSet::new();
        let unlisted = required
            .iter()
            .filter(|name| !fields.contains_key(**name))
            .map(|name| (*name, &Value::Null));
        let listed = fields.iter().map(|(name, schema)| (name.as_str(), schema));
        for (name, schema) in listed.chain(unlisted) {
            let below = place.below(&["properties", name], name);
            let stand_in = self.names.field(&mut taken, name);
            if stand_in != name {
                self.report.note(
                    STAGE,
                    &below.pointer,
                    format!(
                        "is the field `{}`, for its own name is taken",
                        super::names::snake(&stand_in)
                    ),
                );
            }
            let mut value = self.inline(schema, &below);
            if let Some(description) = schema.get("description").and_then(Value::as_str) {
                value = described(value, description);
            }
            if required.contains(name) {
                if ["readOnly", "writeOnly"]
                    .iter()
                    .any(|key| schema.get(*key) == Some(&json!(true)))
                {
                    self.report.wider(
                        STAGE,
                        &below.pointer,
                        "no longer required, for it travels one way only",
                    );
                } else {
                    needed.insert(stand_in.clone());
                }
            }
            plain.insert(stand_in, value);
        }
        let others = match object.get("additionalProperties") {
            Some(others @ Value::Object(schema)) if !schema.is_empty() => {
                Some(self.inline(others, &place.below(&["additionalProperties"], "value")))
            }
            Some(Value::Bool(false)) => {
                self.report.wider(
                    STAGE,
                    &place.pointer.child("additionalProperties"),
                    "other fields are kept",
                );
                None
            }
            _ => None,
        };
        if plain.is_empty() {
            return json!({"type": "object", "additionalProperties": others.unwrap_or_else(|| json!({}))});
        }
        // To keep what else there is needs no word here.
        let others = others.filter(|others| *others != json!({}));
        let mut value = json!({"type": "object", "properties": plain});
        if !needed.is_empty() {
            value["required"] = needed.into_iter().collect();
        }
        if let Some(others) = others {
            value["additionalProperties"] = others;
        }
        self.named(value, place)
    }
}

/// The words on a field go with the field, even where its type has words of its own.
fn described(value: Value, description: &str) -> Value {
    match value {
        Value::Object(mut map) if map.contains_key("$ref") => {
            json!({"allOf": [Value::Object(std::mem::take(&mut map))], "description": description})
        }
        mut other => {
            other["description"] = json!(description);
            other
        }
    }
}

pub(super) fn is_about(key: &str) -> bool {
    ABOUT.contains(&key) || key.starts_with("x-")
}

fn is_nullable(schema: &Value) -> bool {
    let has_null = schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|values| values.contains(&Value::Null));
    has_null || schema.get("nullable") == Some(&json!(true))
}

/// An integer as wide as the document says, or 64 bits.
fn integer(object: &Map<String, Value>) -> Value {
    let format = object
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let known = ["minimum", "maximum", "default", "example"]
        .into_iter()
        .filter_map(|key| object.get(key));
    let (mut is_unsigned, mut is_huge) = (format == "uint64", false);
    for number in known.filter(|value| value.is_number()) {
        if number.is_u64() && !number.is_i64() {
            is_unsigned = true;
        }
        // A number that no 64 bits hold is read as a double.
        is_huge |= number
            .as_f64()
            .is_some_and(|number| number.abs() >= 18_446_744_073_709_551_616.0);
    }
    let is_negative = object
        .get("minimum")
        .and_then(Value::as_f64)
        .is_some_and(|minimum| minimum < 0.0);
    if is_huge || (is_unsigned && is_negative) {
        json!({"type": "number"})
    } else if is_unsigned {
        json!({"type": "integer", "format": "uint64"})
    } else if format == "int32" {
        json!({"type": "integer", "format": "int32"})
    } else {
        json!({"type": "integer", "format": "int64"})
    }
}
