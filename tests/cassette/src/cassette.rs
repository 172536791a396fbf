//! What was said, in a form that may be kept.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::scan;
use crate::words;

/// What a client and the service said to each other, in order, with everything private replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cassette {
    /// Question and answer.
    pub interactions: Vec<Interaction>,
}

/// A request, and the answer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interaction {
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub response: Response,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, decoded, in the order in which it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// The headers that matter. Of those with secrets it is only kept that they were there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as it is, anything else as a text.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers that matter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as it is, anything else as a text.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

impl Request {
    /// Whether this is asked by these, however the query is encoded.
    pub(crate) fn is(&self, method: &str, path: &str, query: &[(String, String)]) -> bool {
        self.method == method && self.path == path && self.query == query
    }
}

/// `GET /v1/partners/tasks?pageSize=2`
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// A file in the folder of the one to write, as readable as that one would be.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    #[allow(unused_mut)]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// The pairs of a query, decoded.
pub(crate) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let url =
        query.and_then(|query| reqwest::Url::parse(&format!("http://localhost/?{query}")).ok());
    url.iter()
        .flat_map(|url| url.query_pairs().into_owned())
        .collect()
}

impl Cassette {
    /// Whether a cassette can be written there. What is there stays as it is.
    ///
    /// # Errors
    /// If no file can be made there: the folder is missing or may not be changed, or the path is a folder's.
    pub fn try_place(path: &Path) -> Result<(), Error> {
        let file = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        if path.is_dir() {
            return Err(file(std::io::ErrorKind::IsADirectory.into()));
        }
        beside(path).map_err(file).map(drop)
    }

    /// Writes it, whole or not at all, after a last look for what must not be in it.
    ///
    /// # Errors
    /// [`Error::Leak`] if there is something left, [`Error::Empty`] if there is nothing on it, or if the file cannot be
    /// written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        if self.interactions.is_empty() {
            return Err(Error::Empty);
        }
        scan::scan(self)?;
        let file = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let mut out = beside(path).map_err(file)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| file(std::io::Error::from(error)))?;
        writeln!(out, "{text}").map_err(file)?;
        out.as_file().sync_all().map_err(file)?;
        out.persist(path).map_err(|error| file(error.error))?;
        Ok(())
    }

    /// The requests of which the name of a query parameter was replaced, for the document does not know it. A client asks
    /// with the real name, and gets no answer.
    pub fn unplayable(&self) -> impl Iterator<Item = &Request> {
        let requests = self.interactions.iter().map(|one| &one.request);
        requests.filter(|request| {
            let mut names = request.query.iter().map(|(name, _)| name);
            names.any(|name| words::is_made_up(name))
        })
    }

    /// Reads one that was written.
    ///
    /// # Errors
    /// If there is no such file, or it is no cassette.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_str(&text).map_err(|source| Error::Format {
            path: path.to_owned(),
            source,
        })
    }
}
