//! Finds what a reference names: the file, and the place in it.

use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::{Resolver, STAGE};
use crate::error::Error;
use crate::pointer::Pointer;
use crate::read;
use crate::refusal::Action;

impl Resolver<'_> {
    /// The file and the place in it that a reference names.
    pub(super) fn find(
        &mut self,
        at: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<(PathBuf, String)>, Error> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if path.is_empty() {
            file.to_owned()
        } else if let Some(place) = self
            .files
            .get(file)
            .and_then(|whole| by_key(whole, "$id", path))
        {
            return Ok(Some((file.to_owned(), place)));
        } else if path.contains("://") {
            self.report.refuse(
                STAGE,
                at,
                &json!(reference),
                "the reference leads to the network, and regen reads local files only",
                "save what it names beside the document and refer to that file",
                &Action::None,
            );
            return Ok(None);
        } else {
            let folder = file.parent().unwrap_or(Path::new(""));
            let target = clean(&folder.join(path));
            if !self.files.contains_key(&target) {
                if !target.is_file() {
                    self.report.refuse(
                        STAGE,
                        at,
                        &json!(reference),
                        "there is no such file beside the document",
                        "put the file there, or correct the reference",
                        &Action::None,
                    );
                    return Ok(None);
                }
                let whole = read::read(&target)?;
                // Any text is a word of YAML. What stands in such a file is none of a report's business.
                if !whole.is_object() && !whole.is_array() {
                    self.report.refuse(
                        STAGE,
                        at,
                        &json!(reference),
                        "the file is no document: it holds neither an object nor a list",
                        "correct the reference",
                        &Action::None,
                    );
                    return Ok(None);
                }
                self.files.insert(target.clone(), whole);
            }
            target
        };
        let whole = self.files.get(&target).unwrap_or(&Value::Null);
        let place = match Pointer::of_reference(&format!("#{fragment}")) {
            Some(place) => place.find(whole).map(|_| place.as_str().to_owned()),
            None => by_key(whole, "$anchor", fragment),
        };
        if place.is_none() {
            self.report.refuse(
                STAGE,
                at,
                &json!(reference),
                "nothing is there",
                "name a component that exists",
                &Action::None,
            );
        }
        Ok(place.map(|place| (target, place)))
    }
}

/// The place of the object that has this member, such as an `$anchor`.
fn by_key(whole: &Value, key: &str, wanted: &str) -> Option<String> {
    all_by_key(whole, key, wanted).into_iter().next()
}

/// The places of all objects that have this member.
pub(super) fn all_by_key(whole: &Value, key: &str, wanted: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![(Pointer::root(), whole)];
    while let Some((pointer, value)) = pending.pop() {
        match value {
            Value::Object(map) => {
                if map.get(key).and_then(Value::as_str) == Some(wanted) {
                    found.push(pointer.as_str().to_owned());
                }
                pending.extend(map.iter().map(|(key, value)| (pointer.child(key), value)));
            }
            Value::Array(items) => pending.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| (pointer.index(index), value)),
            ),
            _ => {}
        }
    }
    found
}

/// The path without `.` and `..`, so that a file has one name.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
