//! A recorded request, from its arrival until it is dropped.

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

/// The largest body that is kept, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// A request with its secrets still in it. Recording is cheap, because redaction is left to the
/// reader. The texts are copies, because the server's own are slices of a larger buffer.
pub(crate) struct Entry {
    number: u64,
    at: Timestamp,
    method: Method,
    /// The path and query.
    target: Box<str>,
    /// One line per header: the name, a colon, and the value.
    headers: Box<str>,
    body: Box<[u8]>,
    pub(crate) operation: OnceLock<&'static str>,
    /// Shared with the account, so that it takes no memory of its own.
    pub(crate) account: OnceLock<Arc<Account>>,
    pub(super) faults: OnceLock<Box<[RuleId]>>,
    pub(crate) status: OnceLock<u16>,
    /// The bytes that the history counts for this entry.
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

    /// Returns the memory that the entry takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let faults = self.faults.get().map_or(0, |faults| size_of_val(&**faults));
        size_of::<Self>() + self.target.len() + self.headers.len() + self.body.len() + faults
    }

    /// Sets the bytes that the history counts for this entry (0 once it is dropped), and returns
    /// the previous number. The history's lock is held meanwhile.
    pub(super) fn count(&self, bytes: usize) -> usize {
        self.counted.swap(bytes, Ordering::Relaxed)
    }

    /// Returns true as long as the history holds the entry.
    pub(super) fn is_counted(&self) -> bool {
        self.counted.load(Ordering::Relaxed) > 0
    }

    /// Returns the request with its secrets redacted.
    pub(super) fn record(&self, known: &Secrets) -> RecordedRequest {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&*self.target, None),
        };
        let headers = self.headers.lines().filter_map(|line| line.split_once(':'));
        let headers: Vec<_> = headers.collect();
        // A body that is not JSON is not shown, but it may name secrets that occur elsewhere.
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

/// Omits the request itself, which still contains its secrets.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Returns one line per header. Values that are not text are left out; those that are have no line
/// break.
fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::with_capacity(256);
    for (name, value) in headers {
        if let Ok(value) = value.to_str() {
            lines.extend([name.as_str(), ":", value, "\n"]);
        }
    }
    lines
}
