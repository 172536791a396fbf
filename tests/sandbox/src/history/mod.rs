//! What was asked of the sandbox: the last requests, without their secrets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::faults::RuleId;

const REDACTED: &str = "[redacted]";
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "client-secret",
    "cookie",
    "proxy-authorization",
];
const SECRET_FIELDS: [&str; 4] = ["clientSecret", "password", "refreshToken", "accessToken"];

/// A larger body isn't kept.
const MAX_BODY: usize = 16 * 1024;

/// A request that came in. Passwords, client secrets and tokens are `[redacted]` in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counted from 1, over all requests of the sandbox.
    pub number: u64,
    /// The sandbox's time when it came.
    pub at: Timestamp,
    /// The operation's id; nothing if there is none at this path.
    pub operation: Option<&'static str>,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path, as it came.
    pub path: String,
    /// The query, as it came but for secrets.
    pub query: Option<String>,
    /// Names in lower case, and values; what isn't text is left out.
    pub headers: Vec<(String, String)>,
    /// The body, if it was JSON, and no larger than 16 KiB.
    pub body: Option<Value>,
    /// The mail address of the account whose access token it carried; nothing if that was refused, or if a
    /// fault came before it was looked at.
    pub account: Option<String>,
    /// The status of the answer; nothing as long as there is none.
    pub status: Option<u16>,
    /// The rules that picked it.
    pub faults: Vec<RuleId>,
}

impl RecordedRequest {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(this, _)| this.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The value of a parameter of the query, as it came (percent-encoded).
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.as_deref()?.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The last requests, from [`Sandbox::requests`](crate::Sandbox::requests), in the order in which they came.
///
/// ```
/// # use cloudally_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// reqwest::get(format!("{}/v1/partners", sandbox.url())).await?;
/// assert_eq!(sandbox.requests().to("getPartner").with_status(401).count(), 1);
/// assert_eq!(sandbox.requests().to("createRestoreRequest").count(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Requests {
    all: Vec<RecordedRequest>,
    forgotten: u64,
}

impl Requests {
    /// Those to one operation, by its id.
    pub fn to(self, operation_id: &str) -> Self {
        self.matching(|request| request.operation == Some(operation_id))
    }

    /// Those with this status of the answer.
    pub fn with_status(self, status: u16) -> Self {
        self.matching(|request| request.status == Some(status))
    }

    /// Those of the account with this mail address.
    pub fn by(self, email: &str) -> Self {
        self.matching(|request| request.account.as_deref() == Some(email))
    }

    /// Those that are like this.
    pub fn matching(mut self, mut like: impl FnMut(&RecordedRequest) -> bool) -> Self {
        self.all.retain(|request| like(request));
        self
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first one.
    #[must_use]
    pub fn first(&self) -> Option<&RecordedRequest> {
        self.all.first()
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<&RecordedRequest> {
        self.all.last()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, RecordedRequest> {
        self.all.iter()
    }

    /// How many requests of any kind came before these and are forgotten, for there were too many.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

impl IntoIterator for Requests {
    type Item = RecordedRequest;
    type IntoIter = std::vec::IntoIter<RecordedRequest>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

impl<'a> IntoIterator for &'a Requests {
    type Item = &'a RecordedRequest;
    type IntoIter = std::slice::Iter<'a, RecordedRequest>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A request while it is being answered. It is cheap to make: what costs is done when somebody looks. Its
/// texts are copies, for what the server read is part of a larger buffer.
#[derive(Debug)]
pub(crate) struct Entry {
    number: u64,
    at: Timestamp,
    method: Method,
    /// Path and query.
    target: Box<str>,
    /// A line for each header: its name, a colon, and its value.
    headers: Box<str>,
    body: Option<Value>,
    pub(crate) operation: OnceLock<&'static str>,
    pub(crate) account: OnceLock<String>,
    pub(crate) faults: OnceLock<Vec<RuleId>>,
    pub(crate) status: OnceLock<u16>,
}

impl Entry {
    pub(crate) fn new(number: u64, at: Timestamp, head: &Parts, body: &[u8]) -> Self {
        // What isn't JSON can hold a secret too, where nobody would find it.
        let body = (!body.is_empty() && body.len() <= MAX_BODY)
            .then(|| serde_json::from_slice(body).ok())
            .flatten()
            .map(redacted);
        let target = head.uri.path_and_query().map(PathAndQuery::as_str);
        Self {
            number,
            at,
            method: head.method.clone(),
            target: Box::from(target.unwrap_or_default()),
            headers: lines(&head.headers).into_boxed_str(),
            body,
            operation: OnceLock::new(),
            account: OnceLock::new(),
            faults: OnceLock::new(),
            status: OnceLock::new(),
        }
    }

    fn record(&self) -> RecordedRequest {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(redacted_query(query))),
            None => (&*self.target, None),
        };
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.to_owned()))
        };
        RecordedRequest {
            number: self.number,
            at: self.at,
            operation: self.operation.get().copied(),
            method: self.method.to_string(),
            path: path.to_owned(),
            query,
            headers: self.headers.lines().filter_map(header).collect(),
            body: self.body.clone(),
            account: self.account.get().cloned(),
            status: self.status.get().copied(),
            faults: self.faults.get().cloned().unwrap_or_default(),
        }
    }
}

/// A value of text has no line break in it.
fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::with_capacity(256);
    for (name, value) in headers {
        let value = if SECRET_HEADERS.contains(&name.as_str()) {
            Some(REDACTED)
        } else {
            value.to_str().ok()
        };
        if let Some(value) = value {
            lines.extend([name.as_str(), ":", value, "\n"]);
        }
    }
    lines
}

fn is_secret(name: &str) -> bool {
    SECRET_FIELDS
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(name))
}

fn redacted(mut body: Value) -> Value {
    match &mut body {
        Value::Object(fields) => {
            for (name, value) in fields {
                *value = if is_secret(name) {
                    Value::from(REDACTED)
                } else {
                    redacted(value.take())
                };
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = redacted(item.take())),
        _ => {}
    }
    body
}

fn redacted_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// The last requests, up to so many.
#[derive(Debug)]
pub(crate) struct History {
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    last: VecDeque<Arc<Entry>>,
    forgotten: u64,
}

impl History {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn push(&self, entry: Arc<Entry>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.last.push_back(entry);
        if entries.last.len() > self.limit {
            let oldest = entries.last.pop_front();
            entries.forgotten += 1;
            drop(entries);
            drop(oldest);
        }
    }

    pub(crate) fn requests(&self) -> Requests {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<_> = entries.last.iter().cloned().collect();
        let forgotten = entries.forgotten;
        drop(entries);
        Requests {
            all: last.iter().map(|entry| entry.record()).collect(),
            forgotten,
        }
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        *entries = Entries::default();
    }
}
