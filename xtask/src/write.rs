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

/// Writes the outputs that differ from what is on disk, and names them. Each is prepared beside its target first; if a
/// step fails, what was already replaced is put back.
pub(crate) fn write(outputs: &Outputs, owned: &Path) -> Result<Vec<PathBuf>, Error> {
    let stale = leftovers(outputs, owned)?;
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

    let mut replaced: Vec<(&Path, Option<Vec<u8>>)> = Vec::new();
    for (path, before, file) in prepared {
        if let Err(error) = file.persist(path) {
            restore(&replaced);
            return Err(Error::io("write", path, error.error));
        }
        replaced.push((path, before));
    }
    let mut written: Vec<PathBuf> = replaced
        .iter()
        .map(|(path, _)| path.to_path_buf())
        .collect();
    for path in stale {
        fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error))?;
        written.push(path);
    }
    Ok(written)
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

/// Puts back what stood there. The error that led here is the one to report, so a second one is let go.
fn restore(replaced: &[(&Path, Option<Vec<u8>>)]) {
    for (path, before) in replaced {
        let _ = match before {
            Some(content) => fs::write(path, content),
            None => fs::remove_file(path),
        };
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
        let first = folder.path().join("a");
        fs::write(&first, "after").unwrap();
        restore(&[
            (&first, Some(b"before".to_vec())),
            (&folder.path().join("new"), None),
        ]);
        assert_eq!(fs::read_to_string(&first).unwrap(), "before");
    }
}
