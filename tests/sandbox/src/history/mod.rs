//! What was asked of the sandbox: the last requests, without their secrets.

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

/// What is remembered of all requests together is no larger than this.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A request that came in. Passwords, client secrets and tokens are `[redacted]` in it: what the sandbox's accounts sign
/// in with, its access and refresh tokens, and whatever the request itself names as such (`password=`, `Authorization`),
/// wherever in the request they stand. One of fewer than eight characters is found only where it stands alone.
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
    /// The path, as it came but for secrets.
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

/// The last requests, up to so many.
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

    /// Notes which rules picked a request.
    pub(crate) fn note_faults(&self, entry: &Entry, faults: impl IntoIterator<Item = RuleId>) {
        let _ = entry.faults.set(faults.into_iter().collect());
        self.change(|entries| {
            // It may be forgotten already.
            if entry.is_counted() {
                let bytes = entry.bytes();
                entries.bytes = entries.bytes - entry.count(bytes) + bytes;
            }
        });
    }

    /// Makes a change, and forgets the oldest that are too much after it.
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
        // What they hold is freed when nobody waits for it.
        drop(entries);
    }

    /// The requests, without these secrets.
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
        // A body that is too large by itself is not kept, but its request is.
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
        // What is noted of a forgotten one counts no more, whichever way it was forgotten.
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
