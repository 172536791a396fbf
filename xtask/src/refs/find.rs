//! Finds what a reference names: the file, and the place in it.

use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::{Resolver, STAGE};
use crate::error::Action;
use crate::error::Error;
use crate::pointer::Pointer;
use crate::read;

impl Resolver<'_> {
    /// The file and the place in it that a reference names.
    pub(super) fn find(
        &mut self,
        at: &Pointer,
        reference: &str,
        file: &Path,
    ) -> Result<Option<(PathBuf, String)>, Error> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (target, bases) = if path.is_empty() {
            let own = self.identified(at, file);
            (
                file.to_owned(),
                own.into_iter().chain([Pointer::root()]).collect(),
            )
        } else if let Some(place) = self
            .files
            .get(file)
            .and_then(|whole| by_key(whole, "$id", path))
        {
            (file.to_owned(), vec![place])
        } else {
            let Some(target) = self.file(at, reference, path, file)? else {
                return Ok(None);
            };
            (target, vec![Pointer::root()])
        };
        let whole = self.files.get(&target).unwrap_or(&Value::Null);
        let place = bases.iter().find_map(|base| {
            let below = base.find(whole)?;
            let place = match Pointer::of_reference(&format!("#{fragment}")) {
                Some(place) => place.find(below).map(|_| place),
                None => by_key(below, "$anchor", fragment),
            };
            Some(base.join(&place?))
        });
        let Some(place) = place else {
            let (means, advice) = if bases.len() > 1 {
                (
                    "nothing is there, neither in the schema around it that has an `$id` nor in the document",
                    "name what exists in that schema, or take its `$id` out",
                )
            } else {
                ("nothing is there", "name a component that exists")
            };
            self.refuse(at, reference, means, advice);
            return Ok(None);
        };
        Ok(Some((target, place.as_str().to_owned())))
    }

    /// The schema around a place that has an `$id`: what refers to no file refers to a place in
    /// that.
    fn identified(&self, at: &Pointer, file: &Path) -> Option<Pointer> {
        let whole = self.files.get(file)?;
        let mut place = match self.report.origin(at) {
            Some((_, place)) => place,
            None => at.clone(),
        };
        // A file as a whole is what a reference without one is for anyway.
        while place != Pointer::root() {
            let here = place.find(whole);
            if here.is_some_and(|here| here.get("$id").is_some_and(Value::is_string)) {
                return Some(place);
            }
            place = place.parent();
        }
        None
    }

    /// The file that a reference names, read. A document that somebody sent has no business with
    /// files elsewhere.
    fn file(
        &mut self,
        at: &Pointer,
        reference: &str,
        path: &str,
        file: &Path,
    ) -> Result<Option<PathBuf>, Error> {
        if path.contains("://") {
            let means = "the reference leads to the network, and regen reads local files only";
            let advice = "save what it names beside the document and refer to that file";
            self.refuse(at, reference, means, advice);
            return Ok(None);
        }
        let target = clean(&folder(file).join(path));
        if self.files.contains_key(&target) {
            return Ok(Some(target));
        }
        // A link may lead anywhere.
        let real = |path: &Path| path.canonicalize().ok();
        let home = real(&Path::new(".").join(folder(&self.root)));
        let is_outside = home
            .zip(real(&target))
            .is_some_and(|(home, target)| !target.starts_with(home));
        if is_outside {
            let means =
                "the file lies outside of the document's folder, where a document may not reach";
            let advice = "put a copy beside the document and refer to that; or keep your own document in the folder above";
            self.refuse(at, reference, means, advice);
            return Ok(None);
        }
        if !target.is_file() {
            let means = "there is no such file beside the document";
            self.refuse(
                at,
                reference,
                means,
                "put the file there, or correct the reference",
            );
            return Ok(None);
        }
        let whole = read::read(&target)?;
        // Any text is a word of YAML. What stands in such a file is none of a report's business.
        if !whole.is_object() && !whole.is_array() {
            let means = "the file is no document: it holds neither an object nor a list";
            self.refuse(at, reference, means, "correct the reference");
            return Ok(None);
        }
        self.files.insert(target.clone(), whole);
        Ok(Some(target))
    }

    fn refuse(&mut self, at: &Pointer, reference: &str, means: &str, advice: &str) {
        let reference = json!(reference);
        self.report
            .refuse(STAGE, at, &reference, means, advice, &Action::None);
    }
}

/// The folder that a file lies in.
fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// The place of the object that has this member, such as an `$anchor`.
fn by_key(whole: &Value, key: &str, wanted: &str) -> Option<Pointer> {
    all_by_key(whole, key, wanted).into_iter().next()
}

/// The places of all objects that have this member.
pub(super) fn all_by_key(whole: &Value, key: &str, wanted: &str) -> Vec<Pointer> {
    let mut found = Vec::new();
    let mut pending = vec![(Pointer::root(), whole)];
    while let Some((pointer, value)) = pending.pop() {
        match value {
            Value::Object(map) => {
                if map.get(key).and_then(Value::as_str) == Some(wanted) {
                    found.push(pointer.clone());
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
