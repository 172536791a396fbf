//! The error of every call.

mod kind;
mod redact;
mod text;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::types::RestoreJob;
use http::StatusCode;

pub use self::kind::{ErrorKind, ListCounts};
use self::text::one_line;
use crate::response::ResponseParts;

/// Why a call failed, with what is known of the response.
///
/// `Display` is one line: the operation, what it was about, what happened and what to do, what the
/// service says, and the cause that helps. [`source`](StdError::source) continues behind that cause
/// and does not repeat it; [`cause`](Self::cause) is the cause itself. `Debug` begins with the same
/// line, so a `main` that returns `Result<(), cloudally::Error>` prints it first. Neither shows a
/// credential.
///
/// [`ErrorKind`] has a table of all kinds: when they occur, whether the SDK retried, whether the
/// request was carried out, and what to do.
///
/// # Examples
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
    subject: Option<Box<str>>,
    parts: Option<ResponseParts>,
    server_message: Option<String>,
    server_code: Option<String>,
    attempts: u32,
    is_retry_budget_spent: bool,
    retry_after: Option<Duration>,
    json_path: Option<String>,
    item_id: Option<String>,
    counts: Option<ListCounts>,
    body: Option<Bytes>,
    job: Option<Box<RestoreJob>>,
    cause: Option<Cause>,
}

/// How far a chain of causes is followed: one that refers to itself has no end.
const MAX_CHAIN: usize = 8;

/// The error behind an error, and which part of its chain `Display` shows.
#[derive(Clone)]
struct Cause {
    error: Arc<dyn StdError + Send + Sync>,
    /// The last error of the chain says what happened, such as "connection refused"; those before
    /// it only say where.
    shows_root: bool,
}

impl Cause {
    fn text(&self) -> String {
        let mut shown: &dyn StdError = &*self.error;
        while let Some(source) = shown.source().filter(|_| self.shows_root) {
            shown = source;
        }
        shown.to_string()
    }

    /// The messages of the whole chain.
    fn chain(&self) -> String {
        let mut messages = self.error.to_string();
        let mut source = self.error.source();
        for _ in 0..MAX_CHAIN {
            let Some(error) = source else { break };
            messages.push('\n');
            messages.push_str(&error.to_string());
            source = error.source();
        }
        messages
    }
}

/// The steps by which the rest of the crate builds an error.
impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            detail: detail.into(),
            operation: None,
            subject: None,
            parts: None,
            server_message: None,
            server_code: None,
            attempts: 0,
            is_retry_budget_spent: false,
            retry_after: None,
            json_path: None,
            item_id: None,
            counts: None,
            body: None,
            job: None,
            cause: None,
        }))
    }

    pub(crate) fn configuration(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, detail)
    }

    /// For a request that was not sent because of what it holds.
    pub(crate) fn invalid_input(detail: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::InvalidInput,
            format!("{detail}; nothing was sent"),
        )
    }

    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn with_operation(self, id: &str) -> Self {
        self.with(|inner| inner.operation = Some(id.into()))
    }

    /// Says which one of many the call was about, such as `job J-1`.
    pub(crate) fn with_subject(self, subject: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.subject = Some(subject.into()))
    }

    pub(crate) fn with_parts(self, parts: ResponseParts) -> Self {
        self.with(|inner| inner.parts = Some(parts))
    }

    pub(crate) fn with_server_message(self, message: Option<String>, code: Option<String>) -> Self {
        self.with(|inner| {
            inner.server_message = message;
            inner.server_code = code;
        })
    }

    pub(crate) fn with_body(self, body: Bytes) -> Self {
        self.with(|inner| inner.body = Some(body))
    }

    pub(crate) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        self.with(|inner| inner.retry_after = retry_after)
    }

    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts)
    }

    pub(crate) fn with_retry_budget_spent(self) -> Self {
        self.with(|inner| inner.is_retry_budget_spent = true)
    }

    pub(crate) fn with_location(self, path: String, item_id: Option<String>) -> Self {
        self.with(|inner| {
            inner.json_path = Some(path);
            inner.item_id = item_id;
        })
    }

    pub(crate) fn with_counts(self, counts: ListCounts) -> Self {
        self.with(|inner| inner.counts = Some(counts))
    }

    pub(crate) fn with_job(self, job: Option<RestoreJob>) -> Self {
        self.with(|inner| inner.job = job.map(Box::new))
    }

    /// Adds a cause whose own message helps.
    pub(crate) fn with_cause(self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let error = Arc::from(cause.into());
        self.with(|inner| {
            inner.cause = Some(Cause {
                error,
                shows_root: false,
            });
        })
    }

    /// Adds a cause of which only the last in the chain helps.
    pub(crate) fn with_root_cause(self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|inner| {
            inner.cause = Some(Cause {
                error: Arc::new(cause),
                shows_root: true,
            });
        })
    }

    /// The same failure under another kind and text.
    pub(crate) fn reclassified(self, kind: ErrorKind, detail: impl Into<String>) -> Self {
        self.with(|inner| {
            inner.kind = kind;
            inner.detail = detail.into();
        })
    }
}

impl Error {
    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the operation that failed, such as `listPartnerTasks`.
    ///
    /// A failed sign-in names itself here, and not the operation that needed it.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// Returns what the call was about where an operation concerns one thing of many, such as `job
    /// J-1`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Returns the HTTP status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.parts.as_ref().map(ResponseParts::status)
    }

    /// Returns the status and headers of the response, if there was one.
    ///
    /// Headers that repeat a secret are left out.
    #[must_use]
    pub fn response_parts(&self) -> Option<&ResponseParts> {
        self.0.parts.as_ref()
    }

    /// Returns the error message of the response, if its body has one.
    #[must_use]
    pub fn server_message(&self) -> Option<&str> {
        self.0.server_message.as_deref()
    }

    /// Returns the error code of the response, if its body has one.
    #[must_use]
    pub fn server_code(&self) -> Option<&str> {
        self.0.server_code.as_deref()
    }

    /// Returns the id by which the service knows the request, if it sent one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.parts.as_ref().and_then(ResponseParts::request_id)
    }

    /// Returns how many attempts were made, those without a connection included; 0 if none was
    /// begun.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns whether the call would have been attempted again if the client's
    /// [`RetryBudget`](crate::RetryBudget) had not been spent.
    ///
    /// *Troubleshooting*: too many of the client's calls failed lately. Wait until the service has
    /// recovered, or give the client a larger budget.
    #[must_use]
    pub fn is_retry_budget_spent(&self) -> bool {
        self.0.is_retry_budget_spent
    }

    /// Returns how long the service asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the JSON path of the field at which decoding failed, such as `data[3].size`.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Returns the id of the list item in which decoding failed, if the item has one.
    #[must_use]
    pub fn item_id(&self) -> Option<&str> {
        self.0.item_id.as_deref()
    }

    /// Returns how many items of an incomplete list were received.
    #[must_use]
    pub fn counts(&self) -> Option<ListCounts> {
        self.0.counts
    }

    /// Returns up to 64 KiB of the body of a response that failed or could not be decoded.
    ///
    /// It is whatever the service wrote, so do not show it unescaped.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }

    /// Returns the last known state of a restore that failed or was not done in time.
    #[must_use]
    pub fn job(&self) -> Option<&RestoreJob> {
        self.0.job.as_deref()
    }

    /// Returns the error behind this one, for downcasting: the error of a token provider, say, or
    /// the I/O error of a file.
    ///
    /// `Display` contains its message already, which is why [`source`](StdError::source) skips it.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.0.cause.as_ref()?;
        Some(&*cause.error)
    }

    /// Returns whether a deadline passed: [`ErrorKind::Timeout`] or [`ErrorKind::WaitTimeout`].
    ///
    /// *Troubleshooting*: allow more time with
    /// [`RetryPolicy::deadline`](crate::RetryPolicy::deadline), or for a restore with the argument
    /// of [`wait`](crate::api::RestoreHandle::wait).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::WaitTimeout)
    }

    /// Returns whether the credentials or the access token were refused:
    /// [`ErrorKind::Unauthenticated`] or [`ErrorKind::TokenRefused`].
    ///
    /// *Troubleshooting*: check id, secret, user and password. The service also refuses users that
    /// sign in through another identity provider, because they have no password (published).
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Unauthenticated | ErrorKind::TokenRefused
        )
    }

    /// Returns whether the same call may succeed later and does no harm if it is made again.
    ///
    /// It is never true of a mutation whose outcome is unknown. Nor is it true of
    /// [`ErrorKind::Incomplete`] and [`ErrorKind::WaitTimeout`], where not the call but the whole
    /// list or the whole wait is started again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect
            | ErrorKind::ConnectionLost
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::TokenRefused
            | ErrorKind::Cancelled => true,
            ErrorKind::Server => self.status() != Some(StatusCode::NOT_IMPLEMENTED),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        match (&inner.operation, &inner.subject) {
            (Some(operation), Some(subject)) => {
                write!(
                    f,
                    "{} ({}): ",
                    one_line(operation, 200),
                    one_line(subject, 200)
                )?;
            }
            (Some(one), None) | (None, Some(one)) => write!(f, "{}: ", one_line(one, 200))?,
            (None, None) => {}
        }
        f.write_str(&one_line(&inner.detail, 1000))?;
        if let Some(message) = &inner.server_message {
            write!(f, ": the service says \"{}\"", one_line(message, 300))?;
        }
        if let Some(cause) = &inner.cause {
            write!(f, ": {}", one_line(&cause.text(), 500))?;
        }
        let mut facts = Vec::new();
        facts.extend(
            self.status()
                .map(|status| format!("status {}", status.as_u16())),
        );
        facts.extend(
            self.request_id()
                .map(|id| format!("request id {}", one_line(id, 100))),
        );
        facts.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        if inner.is_retry_budget_spent {
            facts.push("not retried: the retry budget is spent".to_owned());
        }
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

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{self}\n    kind: {:?}", inner.kind)?;
        for (name, text) in [
            ("field", &inner.json_path),
            ("item", &inner.item_id),
            ("code", &inner.server_code),
        ] {
            if let Some(text) = text {
                write!(f, "\n    {name}: {}", one_line(text, 200))?;
            }
        }
        let mut source = self.source();
        for _ in 0..MAX_CHAIN {
            let Some(error) = source else { break };
            write!(f, "\n    caused by: {}", one_line(&error.to_string(), 300))?;
            source = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.0.cause.as_ref()?;
        cause.error.source().filter(|_| !cause.shows_root)
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

    fn server_error(message: String) -> Error {
        let headers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static("x-request-id"),
            http::HeaderValue::from_static("abc"),
        )]);
        Error::new(ErrorKind::Server, "the service failed; try again later")
            .with_operation("getRestoreStatus")
            .with_subject("job J-1")
            .with_parts(ResponseParts::new(StatusCode::SERVICE_UNAVAILABLE, headers))
            .with_server_message(Some(message), None)
            .with_attempts(3)
    }

    #[test]
    fn display_is_one_line_whatever_the_service_says() {
        let text = server_error(format!("line\nfeed{}", "x".repeat(400))).to_string();
        assert!(!text.contains('\n') && text.len() < 500, "{text}");
        assert!(
            text.starts_with("getRestoreStatus (job J-1): the service failed"),
            "{text}"
        );
        assert!(
            text.contains("status 503, request id abc, 3 attempts"),
            "{text}"
        );
    }

    #[test]
    fn debug_begins_with_display_and_is_bounded() {
        let error = server_error("x".repeat(100_000)).with_location("y".repeat(100_000), None);
        let debug = format!("{error:?}");
        assert!(debug.starts_with(&error.to_string()), "{debug}");
        assert!(
            debug.contains("\n    kind: Server") && debug.len() < 2_000,
            "{debug}"
        );
    }

    #[test]
    fn a_cause_is_shown_once() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("outer")
            }
        }
        impl StdError for Outer {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
        let outer = || Outer(std::io::Error::other("root"));

        let itself = Error::configuration("no token").with_cause(outer());
        assert_eq!(itself.to_string(), "no token: outer");
        assert_eq!(itself.source().unwrap().to_string(), "root");
        assert!(itself.cause().unwrap().is::<Outer>());

        let root = Error::new(ErrorKind::Connect, "no connection").with_root_cause(outer());
        assert_eq!(root.to_string(), "no connection: root");
        assert!(root.source().is_none());
    }
}
