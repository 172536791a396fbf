//! The decision whether a failed attempt is followed by another.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::retry::backoff::full_jitter;

/// How often and for how long a call is attempted.
///
/// [`ErrorKind`] says which failures are retried.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use cloudally::RetryPolicy;
/// let patient = RetryPolicy::default().max_attempts(5).deadline(Duration::from_secs(120));
/// let once = RetryPolicy::never();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) deadline: Duration,
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) max_retry_after: Duration,
    /// Whether a service that fails is asked until the deadline, however many attempts that takes.
    pub(crate) is_patient: bool,
}

impl Default for RetryPolicy {
    /// 3 attempts within 60 s, with delays of up to 200 ms at first and up to 20 s at most.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            deadline: Duration::from_secs(60),
            base: Duration::from_millis(200),
            cap: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            is_patient: false,
        }
    }
}

impl RetryPolicy {
    /// Creates a policy of a single attempt, with the default deadline.
    ///
    /// A `GET` that meets a connection which the service closed after an earlier response is sent
    /// again on a fresh one all the same, once: the service did not look at it.
    #[must_use]
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximal number of attempts of a call, the first one included. It must not be 0.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how long a call can take in total: sign-in, attempts, delays and reading the response.
    ///
    /// A sign-in is made for all calls, so one that takes longer continues for the next call. A list
    /// is one call per page, and [`ListRequest::deadline`](crate::ListRequest::deadline) bounds all
    /// of them together.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the backoff: the delay after the first attempt is random up to `base`, and that limit
    /// doubles with each attempt up to `cap`, which must not be less than `base`.
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets the longest `Retry-After` that is waited for. A longer one ends the call at once, with
    /// an error that [carries it](Error::retry_after).
    #[must_use]
    pub fn max_retry_after(mut self, max: Duration) -> Self {
        self.max_retry_after = max;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let what = if self.max_attempts == 0 {
            "`max_attempts` is 0: set at least 1"
        } else if self.base > self.cap {
            "`backoff` has a base that is longer than its cap: exchange them"
        } else {
            return Ok(());
        };
        Err(Error::configuration(format!("the retry policy's {what}")))
    }
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Retry {
        delay: Duration,
    },
    Stop,
    /// Another attempt would follow if the retry budget had one left.
    BudgetSpent,
}

/// The state of a call after a failed attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryContext {
    /// The number of attempts made.
    pub(crate) attempts: u32,
    /// What is left of the deadline.
    pub(crate) remaining: Duration,
    /// Whether the request can be repeated when its outcome is unknown.
    pub(crate) is_idempotent: bool,
    /// The random fraction of the backoff, from 0 to 1.
    pub(crate) jitter: f64,
}

/// Decides what follows a failed attempt. A mutation is repeated only if nothing of it was sent.
pub(crate) fn decide(policy: &RetryPolicy, context: RetryContext, error: &Error) -> Decision {
    let is_unlimited = policy.is_patient && error.kind() == ErrorKind::Server;
    if context.attempts >= policy.max_attempts && !is_unlimited {
        return Decision::Stop;
    }
    let may_repeat = match error.kind() {
        ErrorKind::Connect => true,
        // It is repeated with another token, or not at all.
        ErrorKind::TokenRefused => false,
        _ => context.is_idempotent && error.is_retryable(),
    };
    if !may_repeat {
        return Decision::Stop;
    }
    let backoff = full_jitter(policy.base, policy.cap, context.attempts, context.jitter);
    let retry_after = error.retry_after().unwrap_or_default();
    let delay = backoff.max(retry_after);
    if retry_after > policy.max_retry_after || delay >= context.remaining {
        return Decision::Stop;
    }
    Decision::Retry { delay }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::ResponseParts;

    fn context(is_idempotent: bool) -> RetryContext {
        RetryContext {
            attempts: 1,
            remaining: Duration::from_secs(50),
            is_idempotent,
            jitter: 1.0,
        }
    }

    const FIRST: Decision = Decision::Retry {
        delay: Duration::from_millis(200),
    };

    #[test]
    fn only_what_was_not_sent_or_does_no_harm_is_repeated() {
        use ErrorKind::*;
        for (kind, status, read, mutation) in [
            (Connect, None, FIRST, FIRST),
            (ConnectionLost, None, FIRST, Decision::Stop),
            (Timeout, None, FIRST, Decision::Stop),
            (Timeout, Some(408), FIRST, Decision::Stop),
            (BadRequest, Some(400), Decision::Stop, Decision::Stop),
            (RateLimited, Some(429), FIRST, Decision::Stop),
            (Server, Some(500), FIRST, Decision::Stop),
            (Server, Some(501), Decision::Stop, Decision::Stop),
            (Server, Some(503), FIRST, Decision::Stop),
            (Unauthenticated, Some(401), Decision::Stop, Decision::Stop),
            (TokenRefused, Some(401), Decision::Stop, Decision::Stop),
            (NotFound, Some(404), Decision::Stop, Decision::Stop),
            (Decode, Some(200), Decision::Stop, Decision::Stop),
            (OutcomeUnknown, None, Decision::Stop, Decision::Stop),
            (BodyTooLarge, Some(200), Decision::Stop, Decision::Stop),
        ] {
            let mut error = Error::new(kind, "x");
            if let Some(status) = status {
                let status = http::StatusCode::from_u16(status).unwrap();
                error = error.with_parts(ResponseParts::new(status, http::HeaderMap::new()));
            }
            let policy = RetryPolicy::default();
            assert_eq!(
                decide(&policy, context(true), &error),
                read,
                "read, {kind:?} {status:?}"
            );
            assert_eq!(
                decide(&policy, context(false), &error),
                mutation,
                "mutation, {kind:?} {status:?}"
            );
        }
    }

    #[test]
    fn retry_after_is_obeyed_up_to_the_limits() {
        let policy = RetryPolicy::default();
        for (seconds, expected) in [
            (0, FIRST),
            (
                5,
                Decision::Retry {
                    delay: Duration::from_secs(5),
                },
            ),
            (
                49,
                Decision::Retry {
                    delay: Duration::from_secs(49),
                },
            ),
            (50, Decision::Stop),
            (61, Decision::Stop),
            (u64::MAX, Decision::Stop),
        ] {
            let error = Error::new(ErrorKind::RateLimited, "x")
                .with_retry_after(Some(Duration::from_secs(seconds)));
            assert_eq!(
                decide(&policy, context(true), &error),
                expected,
                "{seconds}"
            );
        }
        let error =
            Error::new(ErrorKind::RateLimited, "x").with_retry_after(Some(Duration::from_secs(61)));
        let long = RetryContext {
            remaining: Duration::from_secs(600),
            ..context(true)
        };
        assert_eq!(
            decide(&policy, long, &error),
            Decision::Stop,
            "beyond the maximum, though time is left"
        );
    }

    #[test]
    fn attempts_and_the_deadline_end_it() {
        let policy = RetryPolicy::default();
        let error = Error::new(ErrorKind::ConnectionLost, "x");
        let spent = RetryContext {
            attempts: 3,
            ..context(true)
        };
        assert_eq!(decide(&policy, spent, &error), Decision::Stop);
        let late = RetryContext {
            remaining: Duration::from_millis(200),
            ..context(true)
        };
        assert_eq!(decide(&policy, late, &error), Decision::Stop);
        assert_eq!(
            decide(&RetryPolicy::never(), context(true), &error),
            Decision::Stop
        );
    }
}
