//! The requirements of a planned request, and how far a received request is from them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use httpmock::prelude::HttpMockRequest;
use regex::Regex;
use serde_json::{Map, Value};

/// Parts of the names of parameters, headers and fields whose values are secret. Names are compared
/// without case and punctuation.
const SECRET_NAMES: [&str; 8] = [
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "password",
    "pwd",
    "secret",
    "token",
];
const OPEN_NAME: &str = "nextpagetoken";

/// The httpmock matchers that a difference can describe.
const KNOWN: [&str; 8] = [
    "method",
    "path",
    "path_matches",
    "query_param",
    "query_param_missing",
    "header",
    "header_missing",
    "json_body",
];

/// The time limit for reading a mock's definition. The server is on this machine and responds from
/// memory.
const LONGEST: Duration = Duration::from_secs(5);

/// The requirements of a planned request.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) name: String,
    /// The matchers as httpmock serializes them; empty if they could not be read.
    matchers: Map<String, Value>,
}

/// How far a request is from the requirements.
#[derive(Debug)]
pub(super) struct Difference {
    name: String,
    texts: Vec<String>,
    distance: u32,
}

impl Expectation {
    /// Reads the requirements of a mock from the mock server. If that fails, only the name is
    /// known.
    pub(super) fn of(name: String, server: SocketAddr, mock: usize) -> Self {
        let mut definition = read(server, mock).unwrap_or_default();
        let matchers = match definition["definition"]["request"].take() {
            Value::Object(matchers) => matchers,
            _ => Map::new(),
        };
        Self { name, matchers }
    }

    pub(super) fn difference(&self, request: &HttpMockRequest) -> Difference {
        let mut difference = Difference {
            name: self.name.clone(),
            texts: Vec::new(),
            distance: 0,
        };
        let method = request.method_str();
        if let Some(expected) = self.matchers.get("method").and_then(Value::as_str)
            && expected != method
        {
            difference.is(10, "the method", expected, method);
        }
        self.path(request, &mut difference);
        let query = request.query_params();
        self.named(
            "query_param",
            "the query's",
            &query,
            str::eq,
            &mut difference,
        );
        let (headers, is) = (request.headers_vec(), str::eq_ignore_ascii_case);
        self.named("header", "the header", headers, is, &mut difference);
        self.body(request.body_ref(), &mut difference);
        for (matcher, value) in &self.matchers {
            if !value.is_null() && !KNOWN.contains(&matcher.as_str()) {
                let text = format!("its {matcher} matcher cannot be compared");
                difference.texts.push(text);
            }
        }
        difference
    }

    fn path(&self, request: &HttpMockRequest, difference: &mut Difference) {
        let uri = request.uri();
        let path = uri.path();
        if let Some(expected) = self.matchers.get("path").and_then(Value::as_str)
            && expected != path
        {
            difference.is(20, "the path", expected, path);
        }
        for expected in list(&self.matchers, "path_matches").filter_map(Value::as_str) {
            if !Regex::new(expected).is_ok_and(|pattern| pattern.is_match(path)) {
                // The patterns of operations match whole paths, so the anchors are left out of the
                // message.
                let expected = expected.trim_start_matches('^').trim_end_matches('$');
                difference.is(20, "the path", &expected.replace('\\', ""), path);
            }
        }
    }

    /// Compares query parameters or headers, whose names `is` compares. If a name is repeated, any
    /// of its values may match.
    fn named(
        &self,
        matcher: &str,
        what: &str,
        came: &[(String, String)],
        is: fn(&str, &str) -> bool,
        difference: &mut Difference,
    ) {
        let of = |name: &str| -> Vec<&str> {
            let found = came.iter().filter(|(this, _)| is(this, name));
            found.map(|(_, value)| value.as_str()).collect()
        };
        for pair in list(&self.matchers, matcher) {
            let (Some(name), Some(expected)) = (pair[0].as_str(), pair[1].as_str()) else {
                continue;
            };
            let came = of(name);
            if !came.contains(&expected) {
                let came = if came.is_empty() {
                    "none".to_owned()
                } else {
                    came.join(" and ")
                };
                difference.differs(&format!("{what} {name}"), name, expected, &came);
            }
        }
        let missing = format!("{matcher}_missing");
        for name in list(&self.matchers, &missing).filter_map(Value::as_str) {
            let came = of(name);
            if !came.is_empty() {
                difference.differs(&format!("{what} {name}"), name, "none", &came.join(" and "));
            }
        }
    }

    fn body(&self, came: &[u8], difference: &mut Difference) {
        let expected = self.matchers.get("json_body").unwrap_or(&Value::Null);
        if expected.is_null() {
            return;
        }
        let came: Value = serde_json::from_slice(came).unwrap_or_default();
        match (expected, &came) {
            (Value::Object(expected), Value::Object(came)) => {
                let more = came.keys().filter(|name| !expected.contains_key(*name));
                for name in expected.keys().chain(more) {
                    let text = |fields: &Map<String, Value>| {
                        let value = fields.get(name);
                        value.map_or_else(|| "none".to_owned(), shown)
                    };
                    if expected.get(name) != came.get(name) {
                        let what = format!("the body's {name}");
                        difference.differs(&what, name, &text(expected), &text(came));
                    }
                }
            }
            (expected, came) if expected != came => {
                difference.is(1, "the body", &shown(expected), &shown(came));
            }
            _ => {}
        }
    }
}

impl Difference {
    /// Returns the distance; the smallest is the closest.
    pub(super) fn distance(&self) -> u32 {
        self.distance
    }

    fn is(&mut self, distance: u32, what: &str, expected: &str, came: &str) {
        self.distance += distance;
        self.texts
            .push(format!("{what} should be {expected}, and is {came}"));
    }

    fn differs(&mut self, what: &str, name: &str, expected: &str, came: &str) {
        if is_secret(name) || names_secret(expected) || names_secret(came) {
            self.distance += 1;
            self.texts.push(format!("{what} is not the expected one"));
        } else {
            self.is(1, what, expected, came);
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the nearest is {}: ", self.name)?;
        if self.texts.is_empty() {
            return f
                .write_str("its call limit was reached, or it has matchers that cannot be shown");
        }
        f.write_str(&self.texts.join("; "))
    }
}

/// Returns true if a value with this name must not be shown.
fn is_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    name != OPEN_NAME && SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Returns true if a value contains a secret with its name, such as the query of a URL.
fn names_secret(value: &str) -> bool {
    let parts = value.split(|letter: char| letter.is_whitespace() || "?&;#".contains(letter));
    let mut pairs = parts.filter_map(|part| part.split_once('='));
    pairs.any(|(name, _)| is_secret(name))
}

/// Returns the method, path and query of a request, with secrets in the query redacted.
pub(super) fn line(request: &HttpMockRequest) -> String {
    let uri = request.uri();
    let mut line = format!("{} {}", request.method_str(), uri.path());
    // httpmock decodes the parameters, one for each pair of the query.
    let decoded = request.query_params();
    let pairs = uri.query().unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    for (at, (pair, (name, value))) in pairs.zip(&decoded).enumerate() {
        line.push(if at == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((written, _)) if is_secret(name) || names_secret(value) => {
                line.push_str(written);
                line.push_str("=[redacted]");
            }
            _ => line.push_str(pair),
        }
    }
    line
}

fn list<'a>(matchers: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    let values = matchers.get(name).and_then(Value::as_array);
    values.into_iter().flatten()
}

/// Formats a value for a message, without the contents of objects and arrays, which may be secret.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let names: Vec<_> = fields.keys().map(String::as_str).collect();
            format!("an object of {}", names.join(", "))
        }
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

/// Reads the definition of a mock. httpmock exposes it only over HTTP.
fn read(server: SocketAddr, mock: usize) -> Option<Value> {
    let mut stream = TcpStream::connect_timeout(&server, LONGEST).ok()?;
    stream.set_read_timeout(Some(LONGEST)).ok()?;
    let head = format!("GET /__httpmock__/mocks/{mock} HTTP/1.0\r\nhost: {server}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}
