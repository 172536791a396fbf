//! What kinds of failures there are.

#[allow(unused_imports, reason = "for the docs")]
use super::Error;

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: a missing variable, a base URL that is none. Nothing was sent.
    Configuration,
    /// The credentials were refused, or the token and its one renewal were (401). Check the credentials.
    Unauthenticated,
    /// The account may not do this (403).
    Forbidden,
    /// Nothing has this id or path (404, 410).
    NotFound,
    /// The request was malformed, or the service cannot do it now (400, 409, 422 and other 4xx).
    InvalidRequest,
    /// Too many requests (429). [`Error::retry_after`] may say when to come back.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// The service answered with a redirect (3xx), and redirects are never followed. Check the base URL.
    Redirected,
    /// No connection could be made: name, network, TLS. Nothing was sent.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The connection broke while the answer was awaited or read.
    Interrupted,
    /// The answer is not what it should be. [`Error::json_path`] names the field.
    Decode,
    /// The answer is longer than the limit.
    TooLarge,
    /// The service stopped before a list was complete, or repeated itself.
    Incomplete,
    /// The outcome of a mutation is not known: it may have been carried out. It was not repeated; look before you do.
    Ambiguous,
    /// A restore was accepted, but the answer does not say under which id.
    AcceptedWithoutId,
    /// A restore ended in a failed state. [`Error::job`] is its last state.
    JobFailed,
    /// A restore was not done within the time given. [`Error::job`] is its last state.
    WaitedTooLong,
    /// The work was given up, because the runtime that did it shut down.
    Cancelled,
}

/// How far a list came that is not complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// How many items came, those that came twice among them.
    pub seen: u64,
    /// How many of them came twice.
    pub repeated: u64,
    /// How many the service says there are.
    pub total: Option<u64>,
}
