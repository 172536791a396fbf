//! The one decision whether an attempt is followed by another.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::retry::backoff::full_jitter;

/// How often and how long a call is tried.
///
/// ```
/// use std::time::Duration;
/// let policy = cloudally::RetryPolicy::default().max_attempts(5).deadline(Duration::from_secs(120));
/// let off = cloudally::RetryPolicy::none();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) deadline: Duration,
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    /// 3 attempts within 60 s; waits of up to 200 ms at first and up to 20 s at most.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            deadline: Duration::from_secs(60),
            base: Duration::from_millis(200),
            cap: Duration::from_secs(20),
            longest_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One attempt. The deadline stays.
    #[must_use]
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// The most attempts of a call, the first included; at least one is made.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// How long a call may take in all: sign-in, attempts, waits and bodies.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The wait after the first attempt is random, up to `base`; it doubles with each, up to `cap`.
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// The longest `Retry-After` that is waited for. A longer one is an error at once.
    #[must_use]
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }
}

/// What is done after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Retry { wait: Duration },
    Stop,
}

/// Where a call stands when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// How much of the deadline is left.
    pub(crate) remaining: Duration,
    /// Whether the operation may be sent again when its outcome is unknown.
    pub(crate) is_idempotent: bool,
    /// The random share of the backoff, from 0 to 1.
    pub(crate) share: f64,
}

/// Decides. A mutation is tried again only if nothing of it was sent.
pub(crate) fn decide(policy: &RetryPolicy, standing: Standing, error: &Error) -> Decision {
    if standing.attempts >= policy.max_attempts {
        return Decision::Stop;
    }
    let may_repeat = match error.kind() {
        ErrorKind::Connect => true,
        _ => standing.is_idempotent && error.is_retryable(),
    };
    if !may_repeat {
        return Decision::Stop;
    }
    let backoff = full_jitter(policy.base, policy.cap, standing.attempts, standing.share);
    let asked = error.retry_after().unwrap_or_default();
    let wait = backoff.max(asked);
    if asked > policy.longest_retry_after || wait >= standing.remaining {
        return Decision::Stop;
    }
    Decision::Retry { wait }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Head;

    fn standing(is_idempotent: bool) -> Standing {
        Standing {
            attempts: 1,
            remaining: Duration::from_secs(50),
            is_idempotent,
            share: 1.0,
        }
    }

    const FIRST: Decision = Decision::Retry {
        wait: Duration::from_millis(200),
    };

    #[test]
    fn only_what_cannot_have_happened_or_does_no_harm_is_repeated() {
        use ErrorKind::*;
        for (kind, status, read, mutation) in [
            (Connect, None, FIRST, FIRST),
            (Interrupted, None, FIRST, Decision::Stop),
            (Timeout, None, FIRST, Decision::Stop),
            (Timeout, Some(408), FIRST, Decision::Stop),
            (InvalidRequest, Some(400), Decision::Stop, Decision::Stop),
            (RateLimited, Some(429), FIRST, Decision::Stop),
            (Server, Some(500), FIRST, Decision::Stop),
            (Server, Some(501), Decision::Stop, Decision::Stop),
            (Server, Some(503), FIRST, Decision::Stop),
            (Unauthenticated, Some(401), Decision::Stop, Decision::Stop),
            (NotFound, Some(404), Decision::Stop, Decision::Stop),
            (Decode, Some(200), Decision::Stop, Decision::Stop),
            (Ambiguous, None, Decision::Stop, Decision::Stop),
            (TooLarge, Some(200), Decision::Stop, Decision::Stop),
        ] {
            let mut error = Error::new(kind, "x");
            if let Some(status) = status {
                let status = http::StatusCode::from_u16(status).unwrap();
                error = error.answered(Head::new(status, http::HeaderMap::new()));
            }
            let policy = RetryPolicy::default();
            assert_eq!(
                decide(&policy, standing(true), &error),
                read,
                "read, {kind:?} {status:?}"
            );
            assert_eq!(
                decide(&policy, standing(false), &error),
                mutation,
                "mutation, {kind:?} {status:?}"
            );
        }
    }

    #[test]
    fn retry_after_is_obeyed_up_to_the_limits() {
        let policy = RetryPolicy::default();
        for (asked, expected) in [
            (0, FIRST),
            (
                5,
                Decision::Retry {
                    wait: Duration::from_secs(5),
                },
            ),
            (
                49,
                Decision::Retry {
                    wait: Duration::from_secs(49),
                },
            ),
            (50, Decision::Stop),
            (61, Decision::Stop),
            (u64::MAX, Decision::Stop),
        ] {
            let error =
                Error::new(ErrorKind::RateLimited, "x").after(Some(Duration::from_secs(asked)));
            assert_eq!(decide(&policy, standing(true), &error), expected, "{asked}");
        }
        let error = Error::new(ErrorKind::RateLimited, "x").after(Some(Duration::from_secs(61)));
        let long = Standing {
            remaining: Duration::from_secs(600),
            ..standing(true)
        };
        assert_eq!(
            decide(&policy, long, &error),
            Decision::Stop,
            "beyond the longest, though time is left"
        );
    }

    #[test]
    fn attempts_and_the_deadline_end_it() {
        let policy = RetryPolicy::default();
        let error = Error::new(ErrorKind::Interrupted, "x");
        let spent = Standing {
            attempts: 3,
            ..standing(true)
        };
        assert_eq!(decide(&policy, spent, &error), Decision::Stop);
        let late = Standing {
            remaining: Duration::from_millis(200),
            ..standing(true)
        };
        assert_eq!(decide(&policy, late, &error), Decision::Stop);
        assert_eq!(
            decide(&RetryPolicy::none(), standing(true), &error),
            Decision::Stop
        );
    }
}
