//! The types that a schema becomes when it is no choice and no mixture.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::STAGE;
use super::schemas::{Place, Schemas, Shape, is_about};
use crate::down::is_of;
use crate::error::Action;
use crate::pointer::Pointer;

/// How many lists and maps may lie in each other.
const UNNAMED: usize = 48;

impl Schemas<'_> {
    pub(super) fn values(
        &mut self,
        values: &[Value],
        object: &Map<String, Value>,
        place: &Place,
    ) -> Shape {
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
        if let Some(value) = self.unfitting(&mut others, object, &at) {
            return Shape { value, nullable };
        }
        let all =
            |is: fn(&Value) -> bool| !others.is_empty() && others.iter().all(|value| is(value));
        let value = if all(Value::is_string) {
            let mut taken = BTreeSet::new();
            let texts = others.iter().filter_map(|value| value.as_str());
            let values: Vec<String> = texts
                .map(|text| self.names.value(&mut taken, text))
                .collect();
            let value = self.described(json!({"type": "string", "enum": values}), object);
            self.named(value, place)
        } else {
            let wide = if all(|value| value.is_i64() || value.is_u64()) {
                integer(object)
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

    pub(super) fn typed(&mut self, object: &Map<String, Value>, place: &Place) -> Shape {
        let kind = match object.get("type") {
            None if object.contains_key("properties")
                || object.contains_key("additionalProperties")
                || object.contains_key("required") =>
            {
                "object"
            }
            None if object.contains_key("items") => "array",
            None => {
                if self.is_half_said(object, place) {
                    return Shape::of(json!({}));
                }
                if object.keys().any(|key| !is_about(key)) {
                    self.report
                        .wider(STAGE, &place.pointer, "has no type: became anything");
                }
                return Shape::of(json!({}));
            }
            Some(kind) => kind.as_str().unwrap_or_default(),
        };
        let format = object.get("format").and_then(Value::as_str);
        let own = format.filter(|format| self.profile.type_of(kind, format).is_some());
        let value = match kind {
            _ if own.is_some() => json!({"type": kind, "format": own}),
            "string" => {
                if let Some(format) = format {
                    self.report.wider(
                        STAGE,
                        &place.pointer.child("format"),
                        format!("`{format}` stays text"),
                    );
                }
                json!({"type": "string"})
            }
            "integer" => {
                let plain = integer(object);
                if plain.get("type") == Some(&json!("number")) {
                    self.report.note(STAGE, &place.pointer, "became a number, for 64 bits do not hold it: digits beyond those of a double are lost");
                }
                plain
            }
            "number" => {
                // These are doubles by their own word.
                if !self.profile.is_exact && !matches!(format, Some("float" | "double")) {
                    let what = "digits beyond those of a 64-bit float are lost";
                    self.report.note(STAGE, &place.pointer, what);
                }
                json!({"type": "number"})
            }
            "boolean" => json!({"type": "boolean"}),
            "array" => {
                let items = object.get("items").unwrap_or(&Value::Null);
                let items = self.within(items, &place.below(&["items"], "item"));
                json!({"type": "array", "items": items})
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

    /// Refuses a format that has a type of its own, where the schema does not say of what type it
    /// is: a secret would be read as anything, and printed.
    fn is_half_said(&mut self, object: &Map<String, Value>, place: &Place) -> bool {
        let format = object.get("format").and_then(Value::as_str);
        let mut known = self.profile.formats.iter();
        let Some((kind, ..)) = known.find(|(_, known, _)| Some(*known) == format) else {
            return false;
        };
        self.report.refuse(
            STAGE,
            &place.pointer,
            &json!(object),
            "the schema has a format and no type, so no Rust type can be made of it",
            "give it a type; if an overlay action meant to amend a schema, that schema is gone",
            &Action::Update(&place.pointer, &format!("{{type: {kind}}}")),
        );
        true
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
        // What has fields gets a name, from which the depth is counted anew.
        let outer = std::mem::take(&mut self.unnamed);
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
            if let Some(schema) = schema.as_object() {
                value = self.described(value, schema);
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
        if plain.is_empty() {
            self.unnamed = outer;
        }
        let others = match object.get("additionalProperties") {
            Some(others @ Value::Object(schema)) if !schema.is_empty() => {
                Some(self.within(others, &place.below(&["additionalProperties"], "value")))
            }
            Some(Value::Bool(false)) => {
                self.report.wider(
                    STAGE,
                    &place.pointer.child("additionalProperties"),
                    "other fields are kept",
                );
                None
            }
            Some(_) => Some(json!({})),
            None => None,
        };
        self.unnamed = outer;
        if plain.is_empty() {
            return json!({"type": "object", "additionalProperties": others.unwrap_or_else(|| json!({}))});
        }
        let mut value = json!({"type": "object", "properties": plain});
        if !needed.is_empty() {
            value["required"] = needed.into_iter().collect();
        }
        if let Some(others) = others {
            value["additionalProperties"] = others;
        }
        let value = self.described(value, object);
        self.named(value, place)
    }

    /// What a list or a map holds. Those that lie in each other are one type, into which the
    /// compiler looks only so deep.
    fn within(&mut self, schema: &Value, place: &Place) -> Value {
        if self.unnamed == UNNAMED {
            let what = format!(
                "became anything, for more than {UNNAMED} lists and maps lie in each other"
            );
            self.report.wider(STAGE, &place.pointer, what);
            return json!({});
        }
        self.unnamed += 1;
        let value = self.inline(schema, place);
        self.unnamed -= 1;
        value
    }

    /// Leaves those of the values that the type has, or returns what is read in place of an enum
    /// that has none of them.
    fn unfitting(
        &mut self,
        values: &mut Vec<&Value>,
        object: &Map<String, Value>,
        at: &Pointer,
    ) -> Option<Value> {
        let kind = object.get("type").and_then(Value::as_str)?;
        let (fit, others): (Vec<&Value>, Vec<&Value>) =
            values.iter().partition(|value| is_of(value, kind));
        let is_written = at.find(self.document).and_then(Value::as_array).is_some();
        if fit.is_empty() && !others.is_empty() && !is_written {
            let what = format!("became anything, for none of its values is of the type `{kind}`");
            self.report.wider(STAGE, at, what);
            return Some(json!({}));
        }
        // YAML takes text without quotes for what it looks like. How it was written is lost.
        let is_unquoted = |value: &&Value| value.is_boolean() || value.is_number();
        if fit.is_empty()
            && !others.is_empty()
            && kind == "string"
            && others.iter().all(is_unquoted)
        {
            let what = "became text of any kind, for its values have no quotes";
            self.report.wider(STAGE, at, what);
            return Some(json!({"type": kind}));
        }
        if fit.is_empty() && !others.is_empty() {
            self.report.refuse(
                STAGE,
                at,
                &json!(others),
                format!("none of the values is of the type `{kind}`, so no value fits the schema"),
                "if the type is right, take the values out, as here; if they are, correct the type",
                &Action::Remove(at),
            );
            return Some(json!({}));
        }
        for value in others {
            let what = format!("{value} left out, for it is not of the type `{kind}`");
            self.report.note(STAGE, at, what);
        }
        *values = fit;
        None
    }
}

/// An integer as wide as the document says, or 64 bits.
pub(super) fn integer(object: &Map<String, Value>) -> Value {
    let format = object
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let values = object.get("enum").and_then(Value::as_array);
    let known: Vec<&Value> = ["minimum", "maximum", "default", "example"]
        .into_iter()
        .filter_map(|key| object.get(key))
        .chain(values.into_iter().flatten())
        .filter(|value| value.is_number())
        .collect();
    let float = |value: &Value| value.as_f64().unwrap_or_default();
    // A number that no 64 bits hold is read as a double.
    let is_huge = known.iter().any(|value| {
        !value.is_i64()
            && !value.is_u64()
            && (float(value) >= 18_446_744_073_709_551_616.0
                || float(value) < -9_223_372_036_854_775_808.0)
    });
    let is_unsigned =
        format == "uint64" || known.iter().any(|value| value.is_u64() && !value.is_i64());
    let is_negative = known.iter().any(|value| float(value) < 0.0);
    let is_small = known
        .iter()
        .all(|value| (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&float(value)));
    if is_huge || (is_unsigned && is_negative) {
        json!({"type": "number"})
    } else if is_unsigned {
        json!({"type": "integer", "format": "uint64"})
    } else if format == "int32" && is_small {
        json!({"type": "integer", "format": "int32"})
    } else {
        json!({"type": "integer", "format": "int64"})
    }
}
