//! Says what a change of the document means to those who use the crate.

mod baseline;
mod operations;
mod schema;
mod show;
mod version;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pointer::Pointer;

use operations::{operations, parameters, target};

pub(crate) use baseline::{Baseline, baseline, now};
pub(crate) use show::{bump, markdown, summary};
pub(crate) use version::Version;

/// What a change is to code that uses the crate, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Code that compiled may not, or may do something else.
    Breaking,
    /// Code that compiled does what it did; there is more.
    Additive,
    /// Words only.
    Docs,
}

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Vendor,
    Overlay,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) pointer: Pointer,
    pub(crate) what: String,
    pub(crate) class: Class,
    pub(crate) origin: Origin,
}

/// A document before and after the overlay.
pub(crate) struct Side<'v> {
    /// What the vendor gave; null, if that is not known.
    pub(crate) vendor: &'v Value,
    pub(crate) bundled: &'v Value,
}

/// Everything that differs, and what the vendor changed where the overlay has the last word.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) all: Vec<Change>,
    pub(crate) hidden: Vec<Change>,
}

impl Changes {
    /// The worst of them; nothing, if there are none.
    pub(crate) fn class(&self) -> Option<Class> {
        self.all.iter().map(|change| change.class).min()
    }
}

/// Compares two documents.
pub(crate) fn changes(old: &Side<'_>, new: &Side<'_>) -> Changes {
    let mut all = Diff::run(old.bundled, new.bundled);
    for change in &mut all {
        let place = &change.pointer;
        if place.find(old.vendor) != place.find(new.vendor) {
            change.origin = Origin::Vendor;
        }
    }
    let mut hidden = Vec::new();
    if !old.vendor.is_null() {
        hidden = Diff::run(old.vendor, new.vendor);
        hidden.retain(|change| {
            let place = &change.pointer;
            let is_shown = all.iter().any(|shown| {
                shown.pointer.as_str().starts_with(place.as_str())
                    || place.as_str().starts_with(shown.pointer.as_str())
            });
            !is_shown && place.find(old.bundled) == place.find(new.bundled)
        });
    }
    all.sort_by(|a, b| (a.class, &a.pointer, &a.what).cmp(&(b.class, &b.pointer, &b.what)));
    Changes { all, hidden }
}

/// A comparison under way.
struct Diff<'v> {
    old: &'v Value,
    new: &'v Value,
    /// The component schemas that the generated types are made of.
    used: BTreeSet<String>,
    found: Vec<Change>,
}

impl<'v> Diff<'v> {
    fn run(old: &'v Value, new: &'v Value) -> Vec<Change> {
        let mut diff = Diff {
            old,
            new,
            used: used(old),
            found: Vec::new(),
        };
        diff.used.extend(used(new));
        diff.operations();
        diff.components();
        for key in ["info", "servers", "tags"] {
            if old.get(key) != new.get(key) {
                diff.add(
                    &Pointer::root().child(key),
                    Class::Docs,
                    format!("`{key}` changed"),
                );
            }
        }
        diff.found
    }

    fn add(&mut self, pointer: &Pointer, class: Class, what: impl Into<String>) {
        self.found.push(Change {
            pointer: pointer.clone(),
            what: what.into(),
            class,
            origin: Origin::Overlay,
        });
    }

    fn components(&mut self) {
        let at = Pointer::root().child("components").child("schemas");
        let all = |document: &'v Value| {
            document
                .pointer("/components/schemas")
                .and_then(Value::as_object)
        };
        let (old, new) = (all(self.old), all(self.new));
        for (name, before) in old.into_iter().flatten() {
            let is_used = self.used.contains(name);
            match new.and_then(|new| new.get(name)) {
                Some(after) => self.schemas(Some(before), Some(after), &at.child(name), is_used),
                None => {
                    let class = if is_used {
                        Class::Breaking
                    } else {
                        Class::Docs
                    };
                    self.add(&at.child(name), class, format!("type `{name}` is gone"));
                }
            }
        }
        for (name, _) in new
            .into_iter()
            .flatten()
            .filter(|(name, _)| old.is_none_or(|old| !old.contains_key(*name)))
        {
            let class = if self.used.contains(name) {
                Class::Additive
            } else {
                Class::Docs
            };
            self.add(&at.child(name), class, format!("type `{name}` is new"));
        }
    }
}

/// The component schemas that parameters, bodies and successes lead to.
fn used(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut pending: Vec<&Value> = Vec::new();
    for (key, operation) in operations(document) {
        pending.extend(
            parameters(document, &key, operation)
                .into_values()
                .map(|(parameter, _)| parameter),
        );
        pending.extend(
            operation
                .get("requestBody")
                .map(|body| target(document, body)),
        );
        let responses = operation
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        pending.extend(
            responses
                .filter(|(status, _)| status.starts_with('2'))
                .map(|(_, response)| target(document, response)),
        );
    }
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(map) => {
                let name = map
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|reference| Pointer::component("schemas", reference));
                if let Some(name) = name
                    && names.insert(name.to_owned())
                {
                    pending.extend(
                        document
                            .pointer("/components/schemas")
                            .and_then(|all| all.get(name)),
                    );
                }
                pending.extend(map.values());
            }
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests;
