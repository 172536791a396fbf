//! What differs between two schemas, and what that is to the types made of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Class, Diff};
use crate::formats;
use crate::lower::VALIDATIONS;
use crate::pointer::Pointer;

/// Keywords of which the types know nothing.
const WORDS: [&str; 7] = [
    "description",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
    "x-evidence",
];

impl<'v> Diff<'v> {
    /// Compares two schemas. One that no type is made of changes words only.
    pub(super) fn schemas(
        &mut self,
        old: Option<&'v Value>,
        new: Option<&'v Value>,
        at: &Pointer,
        is_used: bool,
    ) {
        let before = self.found.len();
        match (old, new) {
            (Some(old), Some(new)) => self.schema(old, new, at),
            (None, None) => {}
            _ => self.add(at, Class::Breaking, "the type changed"),
        }
        if !is_used {
            for change in self.found.iter_mut().skip(before) {
                change.class = Class::Docs;
            }
        }
    }

    fn schema(&mut self, old: &'v Value, new: &'v Value, at: &Pointer) {
        if old == new {
            return;
        }
        let none: &'v Map<String, Value> = empty();
        let (old, new) = (
            old.as_object().unwrap_or(none),
            new.as_object().unwrap_or(none),
        );
        for key in WORDS {
            if old.get(key) != new.get(key) {
                self.add(&at.child(key), Class::Docs, format!("`{key}` changed"));
            }
        }
        let (was, is) = (kind(old), kind(new));
        if was != is {
            self.add(
                at,
                Class::Breaking,
                format!("the type is now {is}, and was {was}"),
            );
            return;
        }
        if is_nullable(old) != is_nullable(new) {
            let what = if is_nullable(new) {
                "may now be null"
            } else {
                "is no longer null"
            };
            // The `Option` of an optional field stands for a null as well.
            let class = if self.is_required_field(at) {
                Class::Breaking
            } else {
                Class::Docs
            };
            self.add(&at.child("type"), class, what);
        }
        self.values(old, new, at);
        self.fields(old, new, at);
        for key in ["items", "additionalProperties"] {
            match (old.get(key), new.get(key)) {
                (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) => {
                    self.schema(old, new, &at.child(key));
                }
                (old, new) if old != new => {
                    self.add(&at.child(key), Class::Breaking, format!("`{key}` changed"))
                }
                _ => {}
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            if choices(old, key) != choices(new, key) && values(old).is_empty() {
                self.add(&at.child(key), Class::Breaking, format!("`{key}` changed"));
            }
        }
        let is_limit = |key: &str| VALIDATIONS.contains(&key);
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys
            .into_iter()
            .filter(|key| is_limit(key) && old.get(*key) != new.get(*key))
        {
            self.add(
                &at.child(key),
                Class::Docs,
                format!("`{key}` changed; the types know no limits"),
            );
        }
    }

    /// Enums are open: a new value is one more name, a value that is gone is a name less.
    fn values(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &Pointer) {
        let (was, is) = (values(old), values(new));
        let at = at.child(if new.contains_key("anyOf") {
            "anyOf"
        } else {
            "enum"
        });
        if was.is_empty() != is.is_empty() {
            let what = if is.is_empty() {
                "is no longer an enum"
            } else {
                "is now an enum"
            };
            self.add(&at, Class::Breaking, what);
            return;
        }
        for value in was.iter().filter(|value| !is.contains(*value)) {
            self.add(&at, Class::Breaking, format!("value {value} is gone"));
        }
        for value in is.iter().filter(|value| !was.contains(*value)) {
            self.add(&at, Class::Additive, format!("value {value} is new"));
        }
    }

    fn fields(&mut self, old: &'v Map<String, Value>, new: &'v Map<String, Value>, at: &Pointer) {
        let none: &'v Map<String, Value> = empty();
        let of = |schema: &'v Map<String, Value>| {
            schema
                .get("properties")
                .and_then(Value::as_object)
                .unwrap_or(none)
        };
        let (was, is) = (of(old), of(new));
        let (needed, now_needed) = (required(old), required(new));
        let fields = at.child("properties");
        let gone: Vec<&String> = was.keys().filter(|name| !is.contains_key(*name)).collect();
        let came: Vec<&String> = is.keys().filter(|name| !was.contains_key(*name)).collect();
        for name in &gone {
            // What was taken away and what was added look the same: most likely it is the same.
            let twin = came
                .iter()
                .find(|other| plain(was.get(*name)) == plain(is.get(**other)));
            let what = match twin {
                Some(twin) => format!("field `{name}` is gone; it may be called `{twin}` now"),
                None => format!("field `{name}` is gone"),
            };
            self.add(&fields.child(name), Class::Breaking, what);
        }
        for name in came {
            let is_needed = now_needed.contains(name.as_str());
            // A type with a required field is written out by those who make one.
            let class = if is_needed || !needed.is_empty() {
                Class::Breaking
            } else {
                Class::Additive
            };
            let how = if is_needed { "new and required" } else { "new" };
            self.add(
                &fields.child(name),
                class,
                format!("field `{name}` is {how}"),
            );
        }
        for (name, before) in was {
            let Some(after) = is.get(name) else { continue };
            match (
                needed.contains(name.as_str()),
                now_needed.contains(name.as_str()),
            ) {
                (true, false) => self.add(
                    &fields.child(name),
                    Class::Breaking,
                    format!("field `{name}` may now be missing"),
                ),
                (false, true) => self.add(
                    &fields.child(name),
                    Class::Breaking,
                    format!("field `{name}` is now required"),
                ),
                _ => {}
            }
            self.schema(before, after, &fields.child(name));
        }
    }

    fn is_required_field(&self, at: &Pointer) -> bool {
        let name = at.keys().last().unwrap_or_default();
        let owner = at.parent().parent();
        let is_field = at.parent().as_str().ends_with("/properties");
        let list = owner.child("required");
        !is_field
            || list
                .find(self.new)
                .and_then(Value::as_array)
                .is_some_and(|list| list.contains(&json!(name)))
    }
}

fn empty<'v>() -> &'v Map<String, Value> {
    static EMPTY: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();
    EMPTY.get_or_init(Map::new)
}

fn required(schema: &Map<String, Value>) -> BTreeSet<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What Rust type a schema becomes, in a word.
fn kind(schema: &Map<String, Value>) -> String {
    if let Some(reference) = reference(schema) {
        return format!("`{}`", reference.rsplit('/').next().unwrap_or_default());
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null")
                .collect();
            kinds.join(" or ")
        }
        _ if !values(schema).is_empty() => "string".to_owned(),
        _ if schema.contains_key("properties") => "object".to_owned(),
        _ => "anything".to_owned(),
    };
    match schema.get("format").and_then(Value::as_str) {
        Some(format) if formats::is_known(format) && format != "int64" => {
            format!("{kind} ({format})")
        }
        _ => kind,
    }
}

/// The one type that a schema names, with or without a null.
fn reference(schema: &Map<String, Value>) -> Option<&str> {
    if let Some(reference) = schema.get("$ref") {
        return reference.as_str();
    }
    let list = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array())?;
    let mut named = list
        .iter()
        .filter_map(|choice| choice.get("$ref")?.as_str());
    let is_rest_null = list
        .iter()
        .filter(|choice| choice.get("$ref").is_none())
        .all(|choice| choice.get("type") == Some(&json!("null")));
    match (named.next(), named.next()) {
        (Some(only), None) if is_rest_null => Some(only),
        _ => None,
    }
}

fn is_nullable(schema: &Map<String, Value>) -> bool {
    let null = json!("null");
    let in_type = schema
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.contains(&null));
    let in_choice = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array())
        .any(|choices| {
            choices
                .iter()
                .any(|choice| choice.get("type") == Some(&null))
        });
    in_type || in_choice || schema.get("nullable") == Some(&json!(true))
}

/// The values of an enum, also of one that says that it is open.
fn values(schema: &Map<String, Value>) -> Vec<&Value> {
    let own = schema.get("enum").and_then(Value::as_array);
    let open = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|choices| {
            choices
                .iter()
                .find_map(|choice| choice.get("enum")?.as_array())
        });
    own.or(open)
        .into_iter()
        .flatten()
        .filter(|value| !value.is_null())
        .collect()
}

fn choices<'v>(schema: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    if reference(schema).is_some() {
        None
    } else {
        schema.get(key)
    }
}

/// A schema without its words.
fn plain(schema: Option<&Value>) -> Option<Map<String, Value>> {
    let mut schema = schema?.as_object()?.clone();
    schema.retain(|key, _| !WORDS.contains(&key.as_str()));
    Some(schema)
}
