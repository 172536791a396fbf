//! The error of every call.

mod build;
mod display;
mod kind;
mod redact;
mod text;

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::types::RestoreJob;
use http::StatusCode;

pub use self::kind::{ErrorKind, ListCounts};
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

/// The last error of a chain, which says what happened.
pub(crate) fn root<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}

impl Cause {
    fn text(&self) -> String {
        if self.shows_root {
            root(&*self.error).to_string()
        } else {
            self.error.to_string()
        }
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

    /// Returns the value of OpenTelemetry's attribute `error.type`: the status of a response that
    /// failed, such as `503`, or else the [kind](Self::kind), such as `ConnectionLost`.
    #[must_use]
    pub fn error_type(&self) -> String {
        match self.status().filter(|status| status.as_u16() >= 400) {
            Some(status) => status.as_str().to_owned(),
            None => format!("{:?}", self.kind()),
        }
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

    /// Returns how many items were received of a list that is incomplete, or whose
    /// [deadline](crate::ListRequest::deadline) passed.
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
    /// [`RetryPolicy::deadline`](crate::RetryPolicy::deadline), for a whole list with
    /// [`ListRequest::deadline`](crate::ListRequest::deadline), or for a restore with the argument
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
