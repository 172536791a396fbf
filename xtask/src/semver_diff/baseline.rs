//! What the document was before: in git, in a file, or as it lies there still.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::version::{self, Version};
use crate::error::Error;
use crate::report::Report;
use crate::{read, refs};

/// How git finds the last release: other tags name no version.
const RELEASE: [&str; 7] = [
    "describe",
    "--tags",
    "--abbrev=0",
    "--match",
    "v[0-9]*",
    "--match",
    "[0-9]*.[0-9]*",
];

/// What there was.
pub(crate) struct Baseline {
    /// What it is called in a report.
    pub(crate) name: String,
    /// The text of `bundled.json`, which takes a tenth of the memory of its value.
    bundled: String,
    /// What the vendor had given; null, if that is not known.
    pub(crate) vendor: Value,
    pub(crate) version: Option<Version>,
}

impl Baseline {
    /// What the vendor had given, or what was made of it.
    pub(crate) fn before(&self) -> Result<Value, Error> {
        match self.vendor.is_null() {
            true => self.bundled(),
            false => Ok(self.vendor.clone()),
        }
    }

    /// What was made of the vendor's document. It is JSON, which is read faster than YAML.
    pub(crate) fn bundled(&self) -> Result<Value, Error> {
        let text = &self.bundled;
        serde_json::from_str(text).or_else(|_| read::parse(Path::new("spec/bundled.json"), text))
    }
}

/// Finds what was before. Without a word on where, it is the last commit, or where there is none,
/// what lies there; nothing if there is neither. Where the version is to be judged it is the last
/// release, if one is tagged: after a commit, the commit is no news.
pub(crate) fn baseline(
    root: &Path,
    against: Option<&str>,
    for_version: bool,
) -> Result<Option<Baseline>, Error> {
    if let Some(against) = against {
        let file = Path::new(against);
        let found = if file.is_file() {
            from_file(file)?
        } else {
            from_git(root, against)?
        };
        return match found {
            Some(found) => Ok(Some(found)),
            None => Err(Error::usage(format!(
                "`{against}` is neither a file nor a revision in git that has spec/bundled.json"
            ))),
        };
    }
    if for_version
        && let Some(tag) = git(root, &RELEASE)
        && let Some(found) = from_git(root, tag.trim())?
    {
        return Ok(Some(found));
    }
    if let Some(mut found) = from_git(root, "HEAD")? {
        if for_version {
            found.name.push_str(" (no release is tagged here)");
        }
        return Ok(Some(found));
    }
    let lies_there = root.join("spec").join("bundled.json");
    if lies_there.is_file() {
        from_file(&lies_there)
    } else {
        Ok(None)
    }
}

fn from_file(path: &Path) -> Result<Option<Baseline>, Error> {
    let mut beside = read::DOCUMENTS
        .map(|name| path.with_file_name(name))
        .into_iter();
    let vendor = match beside.find(|vendor| vendor.is_file() && vendor != path) {
        Some(vendor) => vendor_file(&vendor)?,
        None => Value::Null,
    };
    Ok(Some(Baseline {
        name: path.display().to_string(),
        bundled: fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?,
        vendor,
        version: None,
    }))
}

fn from_git(root: &Path, revision: &str) -> Result<Option<Baseline>, Error> {
    // A revision is no option of git's, and the folder must be the top of its repository.
    if revision.starts_with('-') || !root.join(".git").exists() {
        return Ok(None);
    }
    let Some(bundled) = show(root, revision, "spec/bundled.json") else {
        return Ok(None);
    };
    let mut documents = read::DOCUMENTS
        .map(|name| format!("spec/{name}"))
        .into_iter();
    let document = documents.find_map(|name| Some((show(root, revision, &name)?, name)));
    let vendor = match document {
        Some((text, name)) => vendor(root, revision, &name, &text)?,
        None => Value::Null,
    };
    Ok(Some(Baseline {
        name: revision.to_owned(),
        bundled,
        vendor,
        version: show(root, revision, "Cargo.toml")
            .as_deref()
            .and_then(version::current),
    }))
}

/// The vendor's document at a revision, with the files that it refers to.
fn vendor(root: &Path, revision: &str, name: &str, text: &str) -> Result<Value, Error> {
    let name = Path::new(name);
    let document = read::parse(name, text)?;
    if !refers_to_files(&document) {
        return Ok(whole(name, document));
    }
    let folder = tempfile::tempdir().map_err(|error| Error::io("create", "a folder", error))?;
    let list = ["ls-tree", "-r", "--name-only", revision, "spec"];
    for file in git(root, &list).unwrap_or_default().lines() {
        let path = folder.path().join(file);
        let parent = path.parent().unwrap_or(folder.path());
        fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        let text = show(root, revision, file).unwrap_or_default();
        fs::write(&path, text).map_err(|error| Error::io("write", &path, error))?;
    }
    Ok(whole(&folder.path().join(name), document))
}

fn refers_to_files(document: &Value) -> bool {
    let mut pending = vec![document];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(map) => {
                let reference = map.get("$ref").and_then(Value::as_str);
                if reference.is_some_and(|reference| !reference.starts_with('#')) {
                    return true;
                }
                pending.extend(map.values());
            }
            Value::Array(items) => pending.extend(items),
            _ => {}
        }
    }
    false
}

/// The vendor's document that lies in a file, as a run compares it.
pub(crate) fn vendor_file(path: &Path) -> Result<Value, Error> {
    read::read(path).map(|document| whole(path, document))
}

/// The document as a run compares it. What is wrong with an old one is no reason to stop.
fn whole(path: &Path, document: Value) -> Value {
    refs::resolve(document.clone(), path, &mut Report::default()).unwrap_or(document)
}

fn show(root: &Path, revision: &str, file: &str) -> Option<String> {
    git(root, &["show", &format!("{revision}:{file}")])
}

/// What a command of git's prints, if it succeeds.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut trusted = std::ffi::OsString::from("safe.directory=");
    trusted.push(root);
    // Where a build runs as another user than the one that checked out, git wants to be told that
    // this is meant.
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .arg("-c")
        .arg(trusted)
        .args(arguments)
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

/// The version that the workspace has now.
pub(crate) fn now(root: &Path) -> Option<Version> {
    fs::read_to_string(root.join("Cargo.toml"))
        .ok()
        .as_deref()
        .and_then(version::current)
}
