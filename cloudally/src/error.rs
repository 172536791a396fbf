//! The error of every call.

mod kind;
mod redact;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::types::RestoreJob;

pub use self::kind::{Counts, ErrorKind};
use crate::response::Head;

/// Why a call failed, with what is known of the answer.
///
/// `Display` is one line that says what to do; causes are in [`source`](StdError::source). No credential occurs in
/// either.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use cloudally::ErrorKind;
/// match client.backups().get("BT-1").await {
///     Ok(task) => println!("{:?}", task.status),
///     Err(error) if error.kind() == ErrorKind::NotFound => println!("no such task"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    detail: String,
    operation: Option<Box<str>>,
    head: Option<Head>,
    server_message: Option<String>,
    server_code: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    json_path: Option<String>,
    item_id: Option<String>,
    counts: Option<Counts>,
    body: Option<Bytes>,
    job: Option<Box<RestoreJob>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            detail: detail.into(),
            operation: None,
            head: None,
            server_message: None,
            server_code: None,
            attempts: 0,
            retry_after: None,
            json_path: None,
            item_id: None,
            counts: None,
            body: None,
            job: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, detail)
    }

    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn operation_id(self, id: &str) -> Self {
        self.with(|inner| inner.operation = Some(id.into()))
    }

    pub(crate) fn answered(self, head: Head) -> Self {
        self.with(|inner| inner.head = Some(head))
    }

    pub(crate) fn said(self, message: Option<String>, code: Option<String>, body: Bytes) -> Self {
        self.with(|inner| {
            inner.server_message = message;
            inner.server_code = code;
            inner.body = Some(body);
        })
    }

    pub(crate) fn after(self, retry_after: Option<Duration>) -> Self {
        self.with(|inner| inner.retry_after = retry_after)
    }

    pub(crate) fn tried(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts)
    }

    pub(crate) fn at_path(self, path: String, item_id: Option<String>) -> Self {
        self.with(|inner| {
            inner.json_path = Some(path);
            inner.item_id = item_id;
        })
    }

    pub(crate) fn with_counts(self, counts: Counts) -> Self {
        self.with(|inner| inner.counts = Some(counts))
    }

    pub(crate) fn with_job(self, job: Option<RestoreJob>) -> Self {
        self.with(|inner| inner.job = job.map(Box::new))
    }

    pub(crate) fn caused_by(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn caused_by_boxed(self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.with(|inner| inner.source = Some(Arc::from(source)))
    }

    /// What the causes say, the nearest first.
    fn sources(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut source = self.source();
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        texts
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation of the API that failed, such as `listPartnerTasks`. A failed sign-in names itself here, not the
    /// operation that needed it.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.head.as_ref().map(Head::status)
    }

    /// Status and headers of the answer, if there was one. Headers that repeat a secret are left out.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.0.head.as_ref()
    }

    /// What the service says went wrong, if it says so in a readable way.
    #[must_use]
    pub fn server_message(&self) -> Option<&str> {
        self.0.server_message.as_deref()
    }

    /// The code that the service gives the failure, if it gives one.
    #[must_use]
    pub fn server_code(&self) -> Option<&str> {
        self.0.server_code.as_deref()
    }

    /// The id by which the service knows the request, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.head.as_ref().and_then(Head::request_id)
    }

    /// How many times the request was tried; 0 if it never came to that.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the service asks to wait before another attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// For an answer that could not be read: where in it the trouble is, such as `data[3].size`.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// For an answer that could not be read: the id of the item that the trouble is in, if it has one.
    #[must_use]
    pub fn item_id(&self) -> Option<&str> {
        self.0.item_id.as_deref()
    }

    /// For a list that is not complete: how many items came, and how many there are.
    #[must_use]
    pub fn counts(&self) -> Option<Counts> {
        self.0.counts
    }

    /// The body of an answer with a failure status, up to 64 KiB of it. It is the service's text: show it with care.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }

    /// The last known state of a restore that failed or took too long.
    #[must_use]
    pub fn job(&self) -> Option<&RestoreJob> {
        self.0.job.as_deref()
    }

    /// Whether the deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::WaitedTooLong)
    }

    /// Whether the credentials were refused.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        self.kind() == ErrorKind::Unauthenticated
    }

    /// Whether the same call may succeed later, and can be made again without harm. Never true of a mutation whose
    /// outcome is unknown.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect
            | ErrorKind::Interrupted
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Cancelled => true,
            ErrorKind::Server => self.status().is_none_or(|status| status != 501),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = &inner.operation {
            write!(f, "{}: ", one_line(operation, 200))?;
        }
        f.write_str(&one_line(&inner.detail, 1000))?;
        if let Some(message) = &inner.server_message {
            write!(f, ": the service says \"{}\"", one_line(message, 300))?;
        }
        // Where the network failed, the last cause is the one that tells: "connection refused", say.
        if inner.kind == ErrorKind::Connect
            && let Some(cause) = self.sources().last()
        {
            write!(f, ": {}", one_line(cause, 200))?;
        }
        let mut facts = Vec::new();
        facts.extend(self.status().map(|status| format!("status {status}")));
        facts.extend(
            self.request_id()
                .map(|id| format!("request id {}", one_line(id, 100))),
        );
        facts.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        facts.extend(
            inner
                .retry_after
                .map(|delay| format!("retry after {} s", delay.as_secs())),
        );
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

/// Words that may be the service's, cut to a length and without control characters, so that they cannot forge a log line.
fn one_line(text: &str, longest: usize) -> String {
    let mut line: String = text
        .chars()
        .take(longest)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(longest).is_some() {
        line.push_str("...");
    }
    line
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("attempts", &inner.attempts)
            .field("json_path", &inner.json_path)
            .field("item_id", &inner.item_id)
            .field("detail", &inner.detail)
            .field("server_message", &inner.server_message)
            .field("sources", &self.sources())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
    }

    #[test]
    fn display_is_one_line_whatever_the_service_says() {
        let error = Error::new(ErrorKind::Server, "the service failed; try again later")
            .operation_id("getPartner")
            .answered(Head::new(
                http::StatusCode::SERVICE_UNAVAILABLE,
                http::HeaderMap::from_iter([(
                    http::HeaderName::from_static("x-request-id"),
                    http::HeaderValue::from_static("abc"),
                )]),
            ))
            .said(
                Some(format!("line\nfeed{}", "x".repeat(400))),
                None,
                Bytes::new(),
            )
            .tried(3);
        let text = error.to_string();
        assert!(!text.contains('\n') && text.len() < 500, "{text}");
        assert!(
            text.starts_with("getPartner: the service failed") && text.contains("status 503"),
            "{text}"
        );
        assert!(
            text.contains("request id abc") && text.contains("3 attempts"),
            "{text}"
        );
    }
}
