//! Says what a change of the document means to those who use the crate.

mod baseline;
mod lookup;
mod operations;
mod origin;
mod parameters;
mod schema;
mod security;
mod show;
mod types;
mod version;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pointer::Pointer;

use lookup::{operations, parameters, target};

pub(crate) use baseline::{Baseline, baseline, now, vendor_file};
pub(crate) use show::{bump, list, markdown, summary};
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
    /// What the vendor had given before is not known.
    Unknown,
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
    let mut hidden = Vec::new();
    if !old.vendor.is_null() {
        hidden = Diff::run(old.vendor, new.vendor);
        origin::tell(&mut all, &hidden, old.vendor, new.vendor);
        hidden.retain(|change| {
            let place = &change.pointer;
            let is_shown = all
                .iter()
                .any(|shown| shown.pointer.is_within(place) || place.is_within(&shown.pointer));
            !is_shown && place.find(old.bundled) == place.find(new.bundled)
        });
    }
    sort(&mut all);
    Changes { all, hidden }
}

/// Compares two documents of the vendor's, without our overlay; nothing, if what was before is not
/// known.
pub(crate) fn vendor(old: &Value, new: &Value) -> Changes {
    if old.is_null() {
        return Changes::default();
    }
    let mut all = Diff::run(old, new);
    for change in &mut all {
        change.origin = Origin::Vendor;
    }
    sort(&mut all);
    Changes {
        all,
        hidden: Vec::new(),
    }
}

/// The worst first.
fn sort(all: &mut [Change]) {
    all.sort_by(|a, b| (a.class, &a.pointer, &a.what).cmp(&(b.class, &b.pointer, &b.what)));
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
        diff.schemes();
        diff.servers();
        // A component is told of where it is used.
        let told = ["openapi", "paths", "components", "security", "servers"];
        diff.words(&Pointer::root(), Some(old), Some(new), &told);
        // What several operations share is found with each of them.
        let mut seen = BTreeSet::new();
        diff.found
            .retain(|change| seen.insert((change.pointer.clone(), change.what.clone())));
        diff.found
    }

    /// The first server is the one that the default base URL is taken from.
    fn servers(&mut self) {
        let urls = |document: &'v Value| -> Vec<&'v str> {
            let all = document.get("servers").and_then(Value::as_array);
            all.into_iter()
                .flatten()
                .filter_map(|server| server.get("url")?.as_str())
                .collect()
        };
        let (old, new) = (urls(self.old), urls(self.new));
        let at = Pointer::root().child("servers");
        if let (Some(was), Some(is)) = (old.first(), new.first())
            && was != is
        {
            // The default base URL is written by hand, so users meet this only once that is
            // changed.
            let what = format!(
                "the first server is now `{is}`, and was `{was}`: see to the default base URL"
            );
            self.add(&at.index(0).child("url"), Class::Additive, what);
        }
        for (list, others, how) in [(&old, &new, "gone"), (&new, &old, "new")] {
            for url in list.iter().filter(|url| !others.contains(url)) {
                self.add(&at, Class::Docs, format!("server `{url}` is {how}"));
            }
        }
        if old == new && self.old.get("servers") != self.new.get("servers") {
            self.add(&at, Class::Docs, "`servers` changed");
        }
    }

    fn add(&mut self, pointer: &Pointer, class: Class, what: impl Into<String>) {
        self.found.push(Change {
            pointer: pointer.clone(),
            what: what.into(),
            class,
            origin: Origin::Unknown,
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
        let of = |node| target(document, node, Pointer::root()).0;
        pending.extend(operation.get("requestBody").map(of));
        let responses = operation
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        pending.extend(
            responses
                .filter(|(status, _)| status.starts_with('2'))
                .map(|(_, response)| of(response)),
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
