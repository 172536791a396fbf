//! What differs in what it takes to be let in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Class, Diff};
use crate::pointer::Pointer;

/// Schemes that are asked for together, each with its scopes.
type Alternative<'v> = BTreeMap<&'v str, BTreeSet<&'v str>>;

impl<'v> Diff<'v> {
    /// Compares what an operation asks for, be it said beside it or for the whole document.
    pub(super) fn requirements(&mut self, at: &Pointer, before: &'v Value, after: &'v Value) {
        let old = alternatives(effective(self.old, before));
        let new = alternatives(effective(self.new, after));
        if old == new {
            return;
        }
        // Whoever was let in one way is still let in, if some way asks for nothing more.
        let is_open = old
            .iter()
            .all(|was| new.iter().any(|is| asks_no_more(is, was)));
        let class = if is_open {
            Class::Additive
        } else {
            Class::Breaking
        };
        let at = if after.get("security").is_some() {
            at.child("security")
        } else {
            Pointer::root().child("security")
        };
        let what = format!(
            "what it takes to be let in is now {}, and was {}",
            words(&new),
            words(&old)
        );
        self.add(&at, class, what);
    }

    /// Compares the schemes themselves. One that no operation asks for changes words only.
    pub(super) fn schemes(&mut self) {
        let used: BTreeSet<&str> = named(self.old).chain(named(self.new)).collect();
        let at = Pointer::root().child("components").child("securitySchemes");
        let (old, new) = (schemes(self.old), schemes(self.new));
        for (name, before) in old.into_iter().flatten() {
            let class = if used.contains(name.as_str()) {
                Class::Breaking
            } else {
                Class::Docs
            };
            let at = at.child(name);
            let Some(after) = new.and_then(|new| new.get(name)) else {
                self.add(&at, class, format!("security scheme `{name}` is gone"));
                continue;
            };
            for key in keys(before, after) {
                let (was, is) = (before.get(key), after.get(key));
                if was == is {
                    continue;
                }
                let class = match key {
                    "type" | "scheme" | "in" | "name" | "flows" | "openIdConnectUrl" => class,
                    _ => Class::Docs,
                };
                let what = match (was.and_then(Value::as_str), is.and_then(Value::as_str)) {
                    (Some(was), Some(is)) if class == Class::Breaking => {
                        format!(
                            "`{key}` of security scheme `{name}` is now `{is}`, and was `{was}`"
                        )
                    }
                    _ => format!("`{key}` of security scheme `{name}` changed"),
                };
                self.add(&at.child(key), class, what);
            }
        }
        for (name, _) in new.into_iter().flatten() {
            if old.is_none_or(|old| !old.contains_key(name)) {
                let what = format!("security scheme `{name}` is new");
                self.add(&at.child(name), Class::Docs, what);
            }
        }
    }
}

fn schemes(document: &Value) -> Option<&serde_json::Map<String, Value>> {
    document
        .pointer("/components/securitySchemes")
        .and_then(Value::as_object)
}

fn keys<'v>(one: &'v Value, other: &'v Value) -> BTreeSet<&'v str> {
    [one, other]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|map| map.keys().map(String::as_str))
        .collect()
}

fn effective<'v>(document: &'v Value, operation: &'v Value) -> Option<&'v Value> {
    operation
        .get("security")
        .or_else(|| document.get("security"))
}

/// The schemes that any operation names.
fn named(document: &Value) -> impl Iterator<Item = &str> {
    super::lookup::operations(document)
        .into_values()
        .flat_map(move |operation| alternatives(effective(document, operation)))
        .flat_map(|alternative| alternative.into_keys())
}

/// Any of these is enough. No requirement at all is one that asks for nothing.
fn alternatives(security: Option<&Value>) -> Vec<Alternative<'_>> {
    let list = security.and_then(Value::as_array);
    let mut all: Vec<Alternative<'_>> = list
        .into_iter()
        .flatten()
        .map(|alternative| {
            let schemes = alternative.as_object().into_iter().flatten();
            schemes
                .map(|(name, scopes)| {
                    let scopes = scopes.as_array().into_iter().flatten();
                    (name.as_str(), scopes.filter_map(Value::as_str).collect())
                })
                .collect()
        })
        .collect();
    if all.is_empty() {
        all.push(Alternative::new());
    }
    all
}

fn asks_no_more(is: &Alternative<'_>, was: &Alternative<'_>) -> bool {
    is.iter().all(|(name, scopes)| {
        was.get(name)
            .is_some_and(|granted| scopes.is_subset(granted))
    })
}

fn words(alternatives: &[Alternative<'_>]) -> String {
    let all: Vec<String> = alternatives
        .iter()
        .map(|alternative| {
            let schemes: Vec<String> = alternative
                .iter()
                .map(|(name, scopes)| {
                    let scopes: Vec<&str> = scopes.iter().copied().collect();
                    if scopes.is_empty() {
                        format!("`{name}`")
                    } else {
                        format!("`{name}` ({})", scopes.join(", "))
                    }
                })
                .collect();
            if schemes.is_empty() {
                "nothing".to_owned()
            } else {
                schemes.join(" with ")
            }
        })
        .collect();
    all.join(" or ")
}
