//! The recorded traffic, in a form that may be stored.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::scan;
use crate::words;

/// The version of the file format.
const VERSION: u32 = 1;

/// The requests of a client and the responses of the service, in order, with all private data
/// replaced.
///
/// The file has a `version`. Reading one of another version is an error that says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cassette {
    #[serde(deserialize_with = "known_version")]
    version: u32,
    /// The requests with their responses, in the order in which the responses were complete.
    pub interactions: Vec<Interaction>,
}

impl From<Vec<Interaction>> for Cassette {
    fn from(interactions: Vec<Interaction>) -> Self {
        Self {
            version: VERSION,
            interactions,
        }
    }
}

fn known_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match Value::deserialize(deserializer)? {
        version if version == VERSION => Ok(VERSION),
        version => Err(D::Error::custom(format_args!(
            "a cassette of version {version}, and this program reads version {VERSION}"
        ))),
    }
}

/// A request with its response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interaction {
    /// The request.
    pub request: Request,
    /// The response.
    pub response: Response,
}

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query parameters in their order, percent-decoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// The headers that are kept: `accept` and `content-type`, and `[redacted]` for each credential
    /// header that was present.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as a value, anything else as a string, and null for no body.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

/// A recorded response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers that are kept: `content-type`, `retry-after` and `location`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as a value, anything else as a string, and null for no body.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

impl Request {
    /// Returns true if method, path and decoded query are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (&self.method, &self.path, &self.query) == (&other.method, &other.path, &other.query)
    }
}

/// Formats the request line: `GET /v1/partners/tasks?pageSize=2`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// Creates a temporary file in the folder of the file to write, with the permissions that a new
/// file gets.
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

/// Returns the decoded parameters of a query.
pub(crate) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let url =
        query.and_then(|query| reqwest::Url::parse(&format!("http://localhost/?{query}")).ok());
    url.iter()
        .flat_map(|url| url.query_pairs().into_owned())
        .collect()
}

impl Cassette {
    /// Checks that a cassette can be written to a path, without changing a file that exists there.
    /// Call it before a recording, so that a long one is not lost.
    ///
    /// # Errors
    ///
    /// Returns [`Error::File`] if no file can be created there: the folder is missing or read-only,
    /// or the path is a folder.
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

    /// Writes the cassette to a file, completely or not at all, after a last scan for private data.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Leak`] if private data is left, [`Error::Empty`] if there are no
    /// interactions, and [`Error::File`] if the file cannot be written.
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

    /// Returns the requests that cannot be played back, because they have a query parameter that
    /// the OpenAPI document does not know. Its name was replaced, so that a request with the real
    /// name does not match.
    pub fn unplayable(&self) -> impl Iterator<Item = &Request> {
        let requests = self.interactions.iter().map(|one| &one.request);
        requests.filter(|request| {
            let mut names = request.query.iter().map(|(name, _)| name);
            names.any(|name| words::is_made_up(name))
        })
    }

    /// Reads a cassette from a file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::File`] if the file cannot be read, and [`Error::Format`] if it is not a
    /// cassette.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_version_is_an_error_that_says_so() {
        for version in [json!(null), json!(2), json!("1")] {
            let read = json!({"version": version, "interactions": []});
            let error = serde_json::from_value::<Cassette>(read).unwrap_err();
            let expected = format!("version {version}, and this program reads version 1");
            assert!(error.to_string().contains(&expected), "{error}");
        }
        assert!(serde_json::from_value::<Cassette>(json!({"interactions": []})).is_err());
        let empty = Cassette::from(Vec::new());
        let written = serde_json::to_value(&empty).unwrap();
        assert_eq!(serde_json::from_value::<Cassette>(written).unwrap(), empty);
    }
}
