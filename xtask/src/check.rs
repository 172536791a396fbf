//! Says which outputs on disk are not what a run would write. Changes nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::write::{Outputs, leftovers};

/// The stale files, each with what is the matter with it.
pub(crate) fn check(
    outputs: &Outputs,
    owned: &Path,
) -> Result<Vec<(PathBuf, &'static str)>, Error> {
    let mut stale = Vec::new();
    for (path, content) in outputs {
        match fs::read(path) {
            Ok(found) if found == *content => {}
            Ok(_) => stale.push((path.clone(), "differs")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                stale.push((path.clone(), "missing"))
            }
            Err(error) => return Err(Error::io("read", path, error)),
        }
    }
    stale.extend(
        leftovers(outputs, owned)?
            .into_iter()
            .map(|path| (path, "no longer generated")),
    );
    Ok(stale)
}
