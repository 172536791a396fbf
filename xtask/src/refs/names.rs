//! Names for what becomes a component.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Resolver;

impl Resolver<'_> {
    pub(super) fn free_name(&mut self, section: &str, file: &Path, place: &str) -> String {
        let last = place.rsplit('/').next().unwrap_or_default();
        let wanted = if last.is_empty() || last.parse::<u32>().is_ok() {
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            let mut parts = place
                .rsplit('/')
                .filter(|part| part.parse::<u32>().is_err());
            parts
                .next()
                .filter(|part| !part.is_empty())
                .or(stem)
                .unwrap_or("part")
                .to_owned()
        } else {
            last.to_owned()
        };
        // A name in a reference must need no escapes.
        let wanted: String = wanted
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() || letter == '-' {
                    letter
                } else {
                    '_'
                }
            })
            .collect();
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert((section.to_owned(), name.clone())) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        name
    }
}

/// The names that the document has given already, each with its section.
pub(super) fn taken(document: &Value) -> BTreeSet<(String, String)> {
    let sections = document.get("components").and_then(Value::as_object);
    let mut names = BTreeSet::new();
    for (section, entries) in sections.into_iter().flatten() {
        for name in entries.as_object().into_iter().flat_map(|all| all.keys()) {
            names.insert((section.clone(), name.clone()));
        }
    }
    names
}
