//! What differs between two schemas, and what that is to the types made of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::types::{
    WORDS, empty, is_nullable, is_open, kind, plain, reference, required, unknown_format, values,
};
use super::{Class, Diff};
use crate::normalize::VALIDATIONS;
use crate::pointer::Pointer;
use crate::widen::{LIMITS, MARKS};

/// Keywords that are compared for what they mean.
const MEANING: [&str; 13] = [
    "$ref",
    "type",
    "format",
    "nullable",
    "const",
    "enum",
    "default",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "allOf",
    "oneOf",
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
        let never = Value::Bool(false);
        if *old == never || *new == never {
            return self.add(at, Class::Breaking, "the type changed");
        }
        let none: &'v Map<String, Value> = empty();
        let (old, new) = (
            old.as_object().unwrap_or(none),
            new.as_object().unwrap_or(none),
        );
        self.keywords(old, new, at);
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
            let class = match self.field(at) {
                Some(Field::Optional) => Class::Docs,
                _ => Class::Breaking,
            };
            self.add(&at.child("type"), class, what);
        }
        self.fallback(old, new, at);
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
        self.choices(old, new, at);
    }

    /// Keywords of which no type is made, and those that nobody has looked at.
    fn keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &Pointer) {
        let keys: BTreeSet<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
        for key in keys
            .into_iter()
            .filter(|key| old.get(*key) != new.get(*key))
        {
            let is_limit = VALIDATIONS.contains(&key) || LIMITS.contains(&key);
            let (class, what) =
                if WORDS.contains(&key) || MARKS.contains(&key) || key.starts_with("x-") {
                    (Class::Docs, format!("`{key}` changed"))
                } else if is_limit {
                    (
                        Class::Docs,
                        format!("`{key}` changed; the types know no limits"),
                    )
                } else if key == "format" && unknown_format(old) != unknown_format(new) {
                    (
                        Class::Docs,
                        "`format` changed; there is no type for it".to_owned(),
                    )
                } else if MEANING.contains(&key) || key == "anyOf" {
                    continue;
                } else {
                    (Class::Breaking, format!("`{key}` changed"))
                };
            self.add(&at.child(key), class, what);
        }
    }

    /// What stands for a value that is missing. A field that has it is no `Option`.
    fn fallback(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &Pointer) {
        let (was, is) = (old.get("default"), new.get("default"));
        let what = match (was, is) {
            (was, is) if was == is => return,
            (None, Some(is)) => format!("where it is missing, it is now {is}"),
            (Some(was), None) => format!("where it is missing, it is no longer {was}"),
            (Some(was), Some(is)) => format!("where it is missing, it is now {is}, and was {was}"),
            (None, None) => return,
        };
        let class = match self.field(at) {
            Some(Field::Required) => Class::Docs,
            _ => Class::Breaking,
        };
        self.add(&at.child("default"), class, what);
    }

    /// Choices and mixtures: one by one, where there are as many as before.
    fn choices(&mut self, old: &'v Map<String, Value>, new: &'v Map<String, Value>, at: &Pointer) {
        let is_enum = !values(old).is_empty() && !values(new).is_empty();
        if is_enum {
            self.values(old, new, at);
        } else if values(old).len() != values(new).len() {
            let key = if new.contains_key("anyOf") {
                "anyOf"
            } else {
                "enum"
            };
            let what = if values(new).is_empty() {
                "is no longer an enum"
            } else {
                "is now an enum"
            };
            self.add(&at.child(key), Class::Breaking, what);
            return;
        }
        if reference(old).is_some() && reference(new).is_some() {
            return;
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let list = |schema: &'v Map<String, Value>| schema.get(key).and_then(Value::as_array);
            match (list(old), list(new)) {
                (Some(was), Some(is)) if was.len() == is.len() => {
                    for (index, (was, is)) in was.iter().zip(is).enumerate() {
                        // The values of an open enum have been compared above.
                        if !(is_enum && was.get("enum").is_some() && is.get("enum").is_some()) {
                            self.schema(was, is, &at.child(key).index(index));
                        }
                    }
                }
                (was, is) if was != is && !is_enum => {
                    self.add(&at.child(key), Class::Breaking, format!("`{key}` changed"));
                }
                _ => {}
            }
        }
    }

    /// Enums are open: a new value is one more name, a value that is gone is a name less.
    fn values(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &Pointer) {
        let (was, is) = (values(old), values(new));
        let key = ["anyOf", "enum", "const"]
            .into_iter()
            .find(|key| new.contains_key(*key))
            .unwrap_or("enum");
        let at = at.child(key);
        for value in was.iter().filter(|value| !is.contains(*value)) {
            self.add(&at, Class::Breaking, format!("value {value} is gone"));
        }
        for value in is.iter().filter(|value| !was.contains(*value)) {
            self.add(&at, Class::Additive, format!("value {value} is new"));
        }
        let what = match (is_open(old), is_open(new)) {
            (true, false) => "the document now says that there are no other values",
            (false, true) => "the document now says that there may be other values",
            _ => return,
        };
        let what = format!("{what}; the type takes any");
        self.add(&at, Class::Docs, what);
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
                    &at.child("required"),
                    Class::Breaking,
                    format!("field `{name}` may now be missing"),
                ),
                (false, true) => self.add(
                    &at.child("required"),
                    Class::Breaking,
                    format!("field `{name}` is now required"),
                ),
                _ => {}
            }
            self.schema(before, after, &fields.child(name));
        }
        // A name that is required and described nowhere becomes a field, too, which takes anything.
        for (names, others, described, how) in [
            (
                &now_needed,
                &needed,
                is,
                "is new and required, and takes anything",
            ),
            (&needed, &now_needed, was, "took anything, and is gone"),
        ] {
            let bare = |name: &&&str| !others.contains(**name) && !described.contains_key(**name);
            for name in names.iter().filter(bare) {
                self.add(
                    &at.child("required"),
                    Class::Breaking,
                    format!("field `{name}` {how}"),
                );
            }
        }
    }

    /// Whether the schema at this place of the new document is that of a field, and of what kind.
    fn field(&self, at: &Pointer) -> Option<Field> {
        let name = at.keys().last().unwrap_or_default();
        let owner = at.parent().parent();
        if !at.parent().as_str().ends_with("/properties") {
            return None;
        }
        let list = owner.child("required");
        let is_needed = list
            .find(self.new)
            .and_then(Value::as_array)
            .is_some_and(|list| list.contains(&json!(name)));
        Some(if is_needed {
            Field::Required
        } else {
            Field::Optional
        })
    }
}

enum Field {
    Required,
    Optional,
}
