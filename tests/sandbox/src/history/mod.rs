//! Records the most recent requests, and serves them without their secrets.

mod entry;
mod reading;
mod redact;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub(crate) use entry::Entry;
pub(crate) use redact::Secrets;

use crate::faults::RuleId;

/// The largest size of all recorded requests together, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A request that the sandbox received, with passwords, client secrets and tokens `[redacted]`.
///
/// Redacted are the credentials and tokens of the sandbox, and every value that the request itself
/// labels as a secret (`password=`, `Authorization`), wherever in the request it occurs. A secret
/// of fewer than eight characters is found only where it is the whole value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The number of the request, counted from 1 over all requests of the sandbox.
    pub number: u64,
    /// The sandbox's time at the arrival of the request.
    pub at: Timestamp,
    /// The id of the operation, or `None` if there is none at this path.
    pub operation: Option<&'static str>,
    /// The method: `GET`, `POST`, ...
    pub method: String,
    /// The path as received, with secrets redacted.
    pub path: String,
    /// The query as received, percent-encoded, with secrets redacted.
    pub query: Option<String>,
    /// The headers, with names in lower case. Values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, if it was JSON of at most 16 KiB.
    pub body: Option<Value>,
    /// The email address of the account whose access token authenticated the request. It is `None`
    /// if the token was refused, if a fault took the place of the request, and for sign-ins.
    pub account: Option<String>,
    /// The status of the response, or `None` if there is none, or none yet.
    pub status: Option<u16>,
    /// The rules that selected the request.
    pub faults: Vec<RuleId>,
}

impl RecordedRequest {
    /// Returns the value of a header. The case of the name does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(this, _)| this.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Returns the value of a query parameter as received, that is, percent-encoded.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.as_deref()?.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The most recent requests in the order of their arrival, from
/// [`Sandbox::requests`](crate::Sandbox::requests).
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
    /// Keeps the requests to one operation, by its id.
    pub fn to(self, operation_id: &str) -> Self {
        self.matching(|request| request.operation == Some(operation_id))
    }

    /// Keeps the requests whose response had this status.
    pub fn with_status(self, status: u16) -> Self {
        self.matching(|request| request.status == Some(status))
    }

    /// Keeps the requests of the account with this email address.
    pub fn by(self, email: &str) -> Self {
        self.matching(|request| request.account.as_deref() == Some(email))
    }

    /// Keeps the requests for which the predicate is true.
    pub fn matching(mut self, mut like: impl FnMut(&RecordedRequest) -> bool) -> Self {
        self.all.retain(|request| like(request));
        self
    }

    /// Returns the number of requests.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Returns true if there are no requests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the first request.
    #[must_use]
    pub fn first(&self) -> Option<&RecordedRequest> {
        self.all.first()
    }

    /// Returns the last request.
    #[must_use]
    pub fn last(&self) -> Option<&RecordedRequest> {
        self.all.last()
    }

    /// Returns an iterator over the requests.
    pub fn iter(&self) -> std::slice::Iter<'_, RecordedRequest> {
        self.all.iter()
    }

    /// Returns how many requests, to any operation, were dropped because the history was full.
    /// Clearing the history resets it to 0.
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

/// A bounded history of requests.
#[derive(Debug)]
pub(crate) struct History {
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    last: VecDeque<Arc<Entry>>,
    bytes: usize,
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
        self.change(|entries| {
            entries.bytes += entry.bytes();
            entry.count(entry.bytes());
            entries.last.push_back(entry);
        });
    }

    /// Records which rules selected a request.
    pub(crate) fn note_faults(&self, entry: &Entry, faults: impl IntoIterator<Item = RuleId>) {
        let _ = entry.faults.set(faults.into_iter().collect());
        self.change(|entries| {
            // The entry may have been dropped already.
            if entry.is_counted() {
                let bytes = entry.bytes();
                entries.bytes = entries.bytes - entry.count(bytes) + bytes;
            }
        });
    }

    /// Applies a change, and drops the oldest entries that exceed the limits after it.
    fn change(&self, change: impl FnOnce(&mut Entries)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut entries);
        let mut oldest = Vec::new();
        while entries.last.len() > self.limit || entries.bytes > MAX_BYTES {
            let Some(entry) = entries.last.pop_front() else {
                break;
            };
            entries.bytes -= entry.count(0);
            entries.forgotten += 1;
            oldest.push(entry);
        }
        // The dropped entries free their memory after the lock is released.
        drop(entries);
    }

    /// Returns the requests with these secrets, and all that they name themselves, redacted.
    pub(crate) fn requests(&self, known: &Secrets) -> Requests {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<_> = entries.last.iter().cloned().collect();
        let forgotten = entries.forgotten;
        drop(entries);
        Requests {
            all: last.iter().map(|entry| entry.record(known)).collect(),
            forgotten,
        }
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in std::mem::take(&mut *entries).last {
            entry.count(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn entry(number: u64, body: &[u8]) -> Arc<Entry> {
        let (head, ()) = Request::new(()).into_parts();
        Arc::new(Entry::new(number, Timestamp::UNIX_EPOCH, &head, body))
    }

    #[test]
    fn large_requests_are_forgotten_before_they_take_much_memory() {
        let history = History::new(10_000);
        let body = format!("{:?}", "x".repeat(16_000));
        for number in 1..=2_500 {
            history.push(entry(number, body.as_bytes()));
        }
        // A body that is too large is not kept, but its request is.
        history.push(entry(2_501, &vec![b'1'; 20_000]));
        {
            let entries = history.entries.lock().unwrap();
            let (bytes, kept) = (entries.bytes, entries.last.len());
            assert!(bytes <= MAX_BYTES && bytes > MAX_BYTES - 40_000, "{bytes}");
            assert!((1_900..2_500).contains(&kept), "{kept}");
            assert_eq!(entries.forgotten, 2_501 - u64::try_from(kept).unwrap());
            let last = entries.last.back().unwrap().record(&Secrets::default());
            assert_eq!((last.number, last.body), (2_501, None));
        }
        history.clear();
        history.push(entry(1, b"{}"));
        let requests = history.requests(&Secrets::default());
        assert_eq!((requests.count(), requests.forgotten()), (1, 0));
    }

    #[test]
    fn the_rules_that_picked_a_request_are_counted_too() {
        let history = History::new(10_000);
        let rules = || (1..=100_000).map(RuleId);
        let first = entry(1, b"{}");
        history.push(Arc::clone(&first));
        for number in 2..=100 {
            let entry = entry(number, b"{}");
            history.push(Arc::clone(&entry));
            history.note_faults(&entry, rules());
        }
        let counted = |history: &History| {
            let entries = history.entries.lock().unwrap();
            let real: usize = entries.last.iter().map(|entry| entry.bytes()).sum();
            assert_eq!(entries.bytes, real);
            (real, entries.last.len())
        };
        let (bytes, kept) = counted(&history);
        assert!(bytes <= MAX_BYTES && bytes > MAX_BYTES - 900_000, "{bytes}");
        assert!((30..50).contains(&kept), "{kept}");
        // Faults that are noted for a dropped entry no longer count, however it was dropped.
        history.note_faults(&first, rules());
        assert_eq!(counted(&history), (bytes, kept));
        let last = entry(101, b"{}");
        history.push(Arc::clone(&last));
        history.clear();
        history.note_faults(&last, rules());
        assert_eq!(counted(&history), (0, 0));
        history.push(entry(102, b"{}"));
        let (bytes, kept) = counted(&history);
        assert!(bytes < 10_000 && kept == 1, "{bytes}");
    }
}
