//! Writes the outputs: all of them, or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

/// The files of a run by path, each with its whole content.
pub(crate) type Outputs = BTreeMap<PathBuf, Vec<u8>>;

/// Folders that hold generated files only: whatever else lies there is stale.
pub(crate) fn leftovers(outputs: &Outputs, owned: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(owned) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", owned, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Error::io("list", owned, error))?
            .path();
        if !outputs.contains_key(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes the outputs that differ from what is on disk, removes the leftovers, and names both. Each
/// output is prepared beside its target first; if a step fails, what was already done is undone.
pub(crate) fn write(outputs: &Outputs, owned: &Path) -> Result<Vec<PathBuf>, Error> {
    let stale = leftovers(outputs, owned)?;
    let mut removals = Vec::new();
    for path in stale {
        let content = fs::read(&path).map_err(|error| Error::io("remove", &path, error))?;
        removals.push((path, content));
    }
    let mut prepared = Vec::new();
    for (path, content) in outputs {
        let before = match fs::read(path) {
            Ok(before) if before == *content => continue,
            Ok(before) => Some(before),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", path, error)),
        };
        prepared.push((path, before, prepare(path, content)?));
    }

    let mut done: Vec<Before> = Vec::new();
    for (path, before, file) in prepared {
        if let Err(error) = file.persist(path) {
            return Err(undo(done, Error::io("write", path, error.error)));
        }
        done.push(Before {
            path: path.clone(),
            content: before,
        });
    }
    for (path, content) in removals {
        if let Err(error) = fs::remove_file(&path) {
            return Err(undo(done, Error::io("remove", &path, error)));
        }
        done.push(Before {
            path,
            content: Some(content),
        });
    }
    Ok(done.into_iter().map(|before| before.path).collect())
}

/// What stood at a path.
struct Before {
    path: PathBuf,
    content: Option<Vec<u8>>,
}

fn prepare(path: &Path, content: &[u8]) -> Result<NamedTempFile, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    let refuse = |error| Error::io("write", path, error);
    let mut file = tempfile::Builder::new()
        .prefix(".regen-")
        .tempfile_in(folder)
        .map_err(refuse)?;
    file.write_all(content)
        .and_then(|()| file.as_file().sync_all())
        .map_err(refuse)?;
    readable_by_all(file.as_file()).map_err(refuse)?;
    Ok(file)
}

/// Temporary files are private; what is checked in is not.
#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Puts back what stood there, and gives the error that led here; where that fails too, it says
/// what is left half-done.
fn undo(done: Vec<Before>, error: Error) -> Error {
    let mut broken = Vec::new();
    for Before { path, content } in done {
        let restored = match content {
            Some(content) => prepare(&path, &content)
                .and_then(|file| {
                    file.persist(&path)
                        .map_err(|error| Error::io("restore", &path, error.error))
                })
                .map(drop),
            None => fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error)),
        };
        if restored.is_err() {
            broken.push(path.display().to_string());
        }
    }
    if broken.is_empty() {
        return error;
    }
    Error::HalfDone {
        error: Box::new(error),
        paths: broken.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written_and_leftovers_go() {
        let folder = tempfile::tempdir().unwrap();
        let owned = folder.path().join("generated");
        fs::create_dir(&owned).unwrap();
        fs::write(owned.join("same.rs"), "same").unwrap();
        fs::write(owned.join("old.rs"), "old").unwrap();
        let outputs = Outputs::from([
            (owned.join("same.rs"), b"same".to_vec()),
            (owned.join("new.rs"), b"new".to_vec()),
        ]);
        let written = write(&outputs, &owned).unwrap();
        assert_eq!(written, [owned.join("new.rs"), owned.join("old.rs")]);
        assert!(!owned.join("old.rs").exists());
        assert_eq!(write(&outputs, &owned).unwrap(), [] as [PathBuf; 0]);
    }

    #[test]
    fn a_target_that_cannot_be_replaced_leaves_all_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("a");
        let second = folder.path().join("b");
        fs::write(&first, "before").unwrap();
        // A folder that is not empty cannot be replaced by a file.
        fs::create_dir_all(second.join("child")).unwrap();
        let outputs = Outputs::from([
            (first.clone(), b"after".to_vec()),
            (second.clone(), b"x".to_vec()),
        ]);
        let error = write(&outputs, &folder.path().join("none"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(&second.display().to_string()), "{error}");
        assert_eq!(fs::read_to_string(&first).unwrap(), "before");
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "no temporary file is left: {names:?}");
    }

    #[test]
    fn a_failure_half_way_puts_the_first_files_back() {
        let folder = tempfile::tempdir().unwrap();
        let (first, new) = (folder.path().join("a"), folder.path().join("new"));
        fs::write(&first, "after").unwrap();
        fs::write(&new, "after").unwrap();
        let cause = Error::io("write", "b", io::ErrorKind::Other.into());
        let error = undo(
            vec![
                Before {
                    path: first.clone(),
                    content: Some(b"before".to_vec()),
                },
                Before {
                    path: new.clone(),
                    content: None,
                },
            ],
            cause,
        );
        assert!(!error.to_string().contains("half"), "{error}");
        assert_eq!(fs::read_to_string(&first).unwrap(), "before");
        assert!(!new.exists());

        let gone = Before {
            path: folder.path().join("gone"),
            content: None,
        };
        let error = undo(
            vec![gone],
            Error::io("write", "b", io::ErrorKind::Other.into()),
        );
        assert!(
            error.to_string().contains("half") && error.to_string().contains("gone"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_among_the_leftovers_stops_the_run_before_it_begins() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("owned/stray")).unwrap();
        let outputs = Outputs::from([(folder.path().join("owned/a"), b"a".to_vec())]);
        assert!(write(&outputs, &folder.path().join("owned")).is_err());
        assert!(!folder.path().join("owned/a").exists());
    }
}
