//! What observers are told.

use std::time::Duration;

use crate::error::Error;

/// One attempt of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The operation, such as `listPartnerTasks`; `request` for a call by path.
    pub operation: &'a str,
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The template of the path, such as `/v1/restore/{jobId}`; empty for a call by path.
    pub url_template: &'a str,
    /// The host of the service.
    pub server_address: &'a str,
    /// The port of the service.
    pub server_port: u16,
    /// The number of the attempt, from 1.
    pub number: u32,
}

/// An attempt that ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptFinished<'a> {
    /// The attempt.
    pub attempt: Attempt<'a>,
    /// How long it took, until its body was read and decoded.
    pub duration: Duration,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub error: Option<&'a Error>,
    /// The length of the body of the request in bytes, if it had one.
    pub request_bytes: Option<u64>,
    /// The length of the body that was decoded, decompressed and in bytes.
    pub response_bytes: Option<u64>,
    /// Whether it was dropped before it had an outcome, because the caller gave up.
    pub is_abandoned: bool,
}

impl AttemptFinished<'_> {
    /// Returns the value of OpenTelemetry's `error.type`: the status of a failure, or the kind of
    /// the error; `abandoned` for an attempt that was dropped.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        match self.error {
            Some(error) => Some(error.error_type()),
            None => self.is_abandoned.then(|| "abandoned".to_owned()),
        }
    }
}

/// A failed attempt that will be followed by another; see
/// [`ClientBuilder::on_retry`](crate::ClientBuilder::on_retry).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RetryEvent<'a> {
    /// The operation, such as `listPartnerTasks`; `request` for a call by path.
    pub operation: &'a str,
    /// Why the attempt failed, with the operation, the status and the number of attempts so far.
    pub error: &'a Error,
    /// The delay before the next attempt.
    pub delay: Duration,
}

/// A call that ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallFinished<'a> {
    /// The operation, such as `listPartnerTasks`; `request` for a call by path.
    pub operation: &'a str,
    /// How long it took, with all attempts, delays and waits.
    pub duration: Duration,
    /// How many attempts were made.
    pub attempts: u32,
    /// Why it failed, if it did.
    pub error: Option<&'a Error>,
}

/// How a token was renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RenewalKind {
    /// By a sign-in, or by the token provider of the program.
    SignIn,
    /// By a refresh token.
    Refresh,
}

/// A renewal of the token that all calls of a client share, the first sign-in included.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenRenewed<'a> {
    /// What ended it. A refresh that fails is followed by a sign-in.
    pub kind: RenewalKind,
    /// How long it took.
    pub duration: Duration,
    /// Why it failed, if it did.
    pub error: Option<&'a Error>,
}

/// A wait for a permit of the rate limit.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PermitWaited<'a> {
    /// The operation that waited.
    pub operation: &'a str,
    /// How long it waited.
    pub duration: Duration,
}

/// A page of a list that was read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PageRead<'a> {
    /// The operation of the list.
    pub operation: &'a str,
    /// The number of the page, from 1.
    pub number: u64,
    /// How many items of it are delivered.
    pub items: usize,
    /// How many items the whole list has, if the service reports it.
    pub total: Option<u64>,
    /// How many pages the whole list has, if the service reports it.
    pub total_pages: Option<u64>,
    /// Whether the list ended with this page, and is complete.
    pub is_complete: bool,
}

/// A list that is read again.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ListRestarted<'a> {
    /// The operation of the list.
    pub operation: &'a str,
    /// How often the list was read so far.
    pub passes: u32,
    /// Why it was incomplete.
    pub error: &'a Error,
}
