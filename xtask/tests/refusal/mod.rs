//! What regen prints to be done, as its reader takes it.

#![allow(dead_code)]

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The edits and actions that are printed, in their order.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    edits: Vec<String>,
    first: String,
    last: String,
}

impl Printed {
    pub(crate) fn read(told: &str) -> Self {
        let mut printed = Self::default();
        let mut title = "";
        for line in told.lines() {
            match line.trim() {
                heading @ ("overlay edit:"
                | "overlay action, before all others:"
                | "overlay action:") => {
                    title = heading;
                    continue;
                }
                _ if !line.starts_with("     ") => title = "",
                _ => {}
            }
            // Two spaces are how far the actions of an overlay stand in.
            let text = line.strip_prefix("   ").unwrap_or(line);
            match title {
                "overlay edit:" => {
                    let edit = text.trim();
                    let numbered = edit
                        .strip_prefix("line ")
                        .and_then(|edit| edit.split_once(": "));
                    let edit = numbered.map_or(edit, |(_, edit)| edit);
                    printed.edits.push(edit.to_owned());
                }
                "overlay action, before all others:" => printed.first += &format!("{text}\n"),
                "overlay action:" => printed.last += &format!("{text}\n"),
                _ => {}
            }
        }
        printed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.first.is_empty() && self.last.is_empty()
    }

    /// Does all of it to the overlay.
    pub(crate) fn apply(&self, path: &Path) {
        let text = fs::read_to_string(path).unwrap();
        let mut overlay: Value = serde_saphyr::from_str(&text).unwrap();
        for edit in &self.edits {
            let (verb, rest) = edit.split_once(' ').unwrap();
            let (place, value) = rest.split_once(" to ").unwrap_or((rest, "null"));
            let value: Value = serde_json::from_str(value).unwrap();
            let (above, key) = place.rsplit_once('/').unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            let above = overlay
                .pointer_mut(above)
                .unwrap_or_else(|| panic!("nothing at {place}"));
            match (verb, above) {
                // The numbers stay as they are until all is done.
                ("drop", Value::Array(items)) => items[key.parse::<usize>().unwrap()] = Value::Null,
                ("drop", above) => drop(above.as_object_mut().unwrap().remove(&key).unwrap()),
                ("set", Value::Array(items)) => items[key.parse::<usize>().unwrap()] = value,
                ("set", above) => above[&key] = value,
                ("rename", above) => {
                    let was = above.as_object_mut().unwrap().remove(&key).unwrap();
                    above[value.as_str().unwrap()] = was;
                }
                (other, _) => panic!("no edit: {other}"),
            }
        }
        let list = |text: &str| -> Vec<Value> {
            if text.is_empty() {
                return Vec::new();
            }
            serde_saphyr::from_str(text).unwrap()
        };
        let actions = overlay["actions"].as_array_mut().unwrap();
        actions.retain(|action| !action.is_null());
        actions.splice(0..0, list(&self.first));
        actions.extend(list(&self.last));
        fs::write(path, overlay.to_string()).unwrap();
    }
}

/// The overlay actions, as they are pasted.
pub(crate) fn actions(told: &str) -> String {
    Printed::read(told).last
}
