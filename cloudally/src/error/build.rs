//! The steps by which the rest of the crate builds an error.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudally_gen::types::RestoreJob;

use super::{Cause, Error, ErrorKind, Inner, ListCounts};
use crate::response::ResponseParts;

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

    pub(super) fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
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
        self.with(|inner| {
            inner.attempts = attempts;
            if let Some(parts) = &mut inner.parts {
                parts.set_attempts(attempts);
            }
        })
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
