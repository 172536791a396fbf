//! One request, from when it comes until it is forgotten.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;

use super::RecordedRequest;
use super::redact::Secrets;
use crate::account::Account;
use crate::faults::RuleId;

/// A larger body isn't kept.
const MAX_BODY: usize = 16 * 1024;

/// A request while it is being answered, with its secrets. It is cheap to make: what costs is done when somebody looks.
/// Its texts are copies, for what the server read is part of a larger buffer.
pub(crate) struct Entry {
    number: u64,
    at: Timestamp,
    method: Method,
    /// Path and query.
    target: Box<str>,
    /// A line for each header: its name, a colon, and its value.
    headers: Box<str>,
    body: Box<[u8]>,
    pub(crate) operation: OnceLock<&'static str>,
    /// It is shared, and so takes no memory of the entry's own.
    pub(crate) account: OnceLock<Arc<Account>>,
    pub(super) faults: OnceLock<Box<[RuleId]>>,
    pub(crate) status: OnceLock<u16>,
    /// What the history has counted for it.
    counted: AtomicUsize,
}

impl Entry {
    pub(crate) fn new(number: u64, at: Timestamp, head: &Parts, body: &[u8]) -> Self {
        let target = head.uri.path_and_query().map(PathAndQuery::as_str);
        Self {
            number,
            at,
            method: head.method.clone(),
            target: Box::from(target.unwrap_or_default()),
            headers: lines(&head.headers).into_boxed_str(),
            body: Box::from(
                body.get(..)
                    .filter(|body| body.len() <= MAX_BODY)
                    .unwrap_or_default(),
            ),
            operation: OnceLock::new(),
            account: OnceLock::new(),
            faults: OnceLock::new(),
            status: OnceLock::new(),
            counted: AtomicUsize::new(0),
        }
    }

    /// How much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let faults = self.faults.get().map_or(0, |faults| size_of_val(&**faults));
        size_of::<Self>() + self.target.len() + self.headers.len() + self.body.len() + faults
    }

    /// Notes what the history now counts for it, 0 if it forgets it, and gives what that was before. The history's lock is
    /// held meanwhile.
    pub(super) fn count(&self, bytes: usize) -> usize {
        self.counted.swap(bytes, Ordering::Relaxed)
    }

    /// Whether the history has it.
    pub(super) fn is_counted(&self) -> bool {
        self.counted.load(Ordering::Relaxed) > 0
    }

    /// What may be shown of it.
    pub(super) fn record(&self, known: &Secrets) -> RecordedRequest {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&*self.target, None),
        };
        let headers = self.headers.lines().filter_map(|line| line.split_once(':'));
        let headers: Vec<_> = headers.collect();
        // What isn't JSON can hold a secret too, where nobody would find it.
        let body = serde_json::from_slice(&self.body);
        let said = body.as_ref().map_err(|_| &*self.body);
        let secrets = known.and_those_in(&self.target, &headers, said);
        RecordedRequest {
            number: self.number,
            at: self.at,
            operation: self.operation.get().copied(),
            method: secrets.redacted(self.method.as_str()),
            path: secrets.redacted_path(path),
            query: query.map(|query| secrets.redacted_query(query)),
            headers: secrets.redacted_headers(&headers),
            body: body.ok().map(|body| secrets.redacted_json(body)),
            account: self
                .account
                .get()
                .map(|account| account.credentials.email.clone()),
            status: self.status.get().copied(),
            faults: self
                .faults
                .get()
                .map(|faults| faults.to_vec())
                .unwrap_or_default(),
        }
    }
}

/// The secrets are still in it.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// What isn't text is left out. A value of text has no line break in it.
fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::with_capacity(256);
    for (name, value) in headers {
        if let Ok(value) = value.to_str() {
            lines.extend([name.as_str(), ":", value, "\n"]);
        }
    }
    lines
}
