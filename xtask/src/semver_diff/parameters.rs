//! What differs between the parameters of an operation.

use serde_json::Value;

use super::lookup::{self, Key, Parameters};
use super::{Class, Diff};
use crate::pointer::Pointer;

impl<'v> Diff<'v> {
    /// The parameters of an operation that may have moved: some stand beside the path.
    pub(super) fn parameters(&mut self, from: &Key, before: &'v Value, to: &Key, after: &'v Value) {
        let old = lookup::parameters(self.old, from, before);
        let new = lookup::parameters(self.new, to, after);
        for (key, (parameter, at)) in &old {
            if let Some((now, now_at)) = new.get(key) {
                self.parameter(&key.1, parameter, now, now_at);
                continue;
            }
            // The function that sets it is named after it, wherever it goes; but a query ends up in
            // logs, and a header does not.
            match moved(key, &old, &new) {
                Some((to, (now, now_at))) => {
                    let what = format!(
                        "parameter `{}` goes in the {to}, and went in the {}",
                        key.1, key.0
                    );
                    self.add(&now_at.child("in"), Class::Breaking, what);
                    self.parameter(&key.1, parameter, now, now_at);
                }
                None => self.add(
                    at,
                    Class::Breaking,
                    format!("parameter `{}` is gone", key.1),
                ),
            }
        }
        for (key, (parameter, at)) in &new {
            if old.contains_key(key) || moved(key, &new, &old).is_some() {
                continue;
            }
            let (class, how) = if is_needed(parameter) {
                (Class::Breaking, "new and required")
            } else {
                (Class::Additive, "new")
            };
            self.add(at, class, format!("parameter `{}` is {how}", key.1));
        }
    }

    fn parameter(&mut self, name: &str, before: &'v Value, after: &'v Value, at: &Pointer) {
        match (is_needed(before), is_needed(after)) {
            (false, true) => self.add(
                &at.child("required"),
                Class::Breaking,
                format!("parameter `{name}` is now required"),
            ),
            (true, false) => self.add(
                &at.child("required"),
                Class::Additive,
                format!("parameter `{name}` may now be left out"),
            ),
            _ => {}
        }
        // How it is written is for the client to see to: the code that sets it stays. What is not
        // said follows from the place and the style.
        let is_moved = before.get("in") != after.get("in");
        let is_restyled = style(before) != style(after);
        for (key, was, is, follows) in [
            ("style", style(before), style(after), is_moved),
            ("explode", explode(before), explode(after), is_restyled),
            ("allowReserved", reserved(before), reserved(after), false),
        ] {
            if was != is && !follows {
                let what = format!(
                    "parameter `{name}` is written otherwise: `{key}` is now {is}, and was {was}"
                );
                self.add(&at.child(key), Class::Additive, what);
            }
        }
        for key in [
            "description",
            "example",
            "examples",
            "deprecated",
            "allowEmptyValue",
        ] {
            if before.get(key) != after.get(key) {
                let what = format!("words on parameter `{name}` changed");
                self.add(&at.child(key), Class::Docs, what);
            }
        }
        match (lookup::content(before), lookup::content(after)) {
            (None, None) => {
                let at = at.child("schema");
                self.schemas(before.get("schema"), after.get("schema"), &at, true);
            }
            (Some((was, old)), Some((is, new))) if was == is => {
                let at = at.child("content").child(is).child("schema");
                self.schemas(old.get("schema"), new.get("schema"), &at, true);
            }
            (was, is) => {
                let word = |content: Option<(&String, _)>| {
                    content.map_or_else(
                        || "by its style".to_owned(),
                        |(media, _)| format!("as `{media}`"),
                    )
                };
                let what = format!(
                    "parameter `{name}` is now written {}, and was {}",
                    word(is),
                    word(was)
                );
                self.add(&at.child("content"), Class::Breaking, what);
            }
        }
    }
}

/// The parameter of the same name that only the other side has, and where that goes.
fn moved<'p, 'v>(
    (place, name): &(String, String),
    own: &Parameters<'v>,
    others: &'p Parameters<'v>,
) -> Option<(&'p str, &'p (&'v Value, Pointer))> {
    let named = |(at, other): &(String, String)| at != place && other == name;
    let is_sole = !own.keys().any(named);
    let mut found = others.iter().filter(|(key, _)| named(key));
    match (is_sole, found.next(), found.next()) {
        (true, Some(((to, _), parameter)), None) => Some((to, parameter)),
        _ => None,
    }
}

/// What stands in a path is always needed.
fn is_needed(parameter: &Value) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
        || parameter.get("in").and_then(Value::as_str) == Some("path")
}

fn style(parameter: &Value) -> String {
    let said = parameter.get("style").and_then(Value::as_str);
    let usual = match parameter.get("in").and_then(Value::as_str) {
        Some("query" | "cookie") => "form",
        _ => "simple",
    };
    format!("`{}`", said.unwrap_or(usual))
}

fn explode(parameter: &Value) -> String {
    let said = parameter.get("explode").and_then(Value::as_bool);
    said.unwrap_or(style(parameter) == "`form`").to_string()
}

fn reserved(parameter: &Value) -> String {
    let said = parameter.get("allowReserved").and_then(Value::as_bool);
    said.unwrap_or_default().to_string()
}
