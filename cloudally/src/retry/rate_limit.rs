//! The client's own rate limit. The time is passed in, and the caller does the waiting.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;

/// How many requests a client sends at most, retries and sign-ins included.
///
/// # Examples
///
/// ```
/// let limit = cloudally::RateLimit::per_second(10).burst(20);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_second: u32,
    burst: u32,
}

impl RateLimit {
    /// Allows this many requests per second, evenly spread. 0 is an error at
    /// [`build`](crate::ClientBuilder::build).
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self {
            per_second: requests,
            burst: 1,
        }
    }

    /// Allows this many requests at once after a pause; 1 by default. 0 is an error at
    /// [`build`](crate::ClientBuilder::build).
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = requests;
        self
    }

    pub(crate) fn check(self) -> Result<(), Error> {
        let name = match self {
            Self { per_second: 0, .. } => "per_second",
            Self { burst: 0, .. } => "burst",
            _ => return Ok(()),
        };
        Err(Error::configuration(format!(
            "`{name}` of the rate limit is 0, so that nothing could be sent: set at least 1"
        )))
    }
}

/// The limiter, which all clones of a client share. Its limit has been checked.
#[derive(Debug)]
pub(crate) struct Limiter {
    interval: Duration,
    /// How far ahead of its even spread a request can be.
    slack: Duration,
    /// When the next request is due, evenly spread.
    due: Mutex<Duration>,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = Duration::from_secs(1) / limit.per_second;
        Self {
            interval,
            slack: interval.saturating_mul(limit.burst.saturating_sub(1)),
            due: Mutex::new(Duration::ZERO),
        }
    }

    /// Reserves the next permit, and returns the delay until it is valid; reserves nothing if that
    /// is longer than `max_delay`.
    pub(crate) fn reserve(&self, now: Duration, max_delay: Duration) -> Option<Duration> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let permit = (*due).max(now);
        let delay = permit.saturating_sub(self.slack).saturating_sub(now);
        if delay > max_delay {
            return None;
        }
        *due = permit.saturating_add(self.interval);
        Some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn delays(limiter: &Limiter, now: Duration, count: usize) -> Vec<u128> {
        (0..count)
            .map(|_| limiter.reserve(now, 60 * SECOND).unwrap().as_millis())
            .collect()
    }

    #[test]
    fn requests_are_spread_and_a_burst_goes_at_once() {
        let even = Limiter::new(RateLimit::per_second(10));
        assert_eq!(delays(&even, SECOND, 4), [0, 100, 200, 300]);
        let burst = Limiter::new(RateLimit::per_second(10).burst(3));
        assert_eq!(delays(&burst, SECOND, 5), [0, 0, 0, 100, 200]);
        assert_eq!(
            delays(&burst, 10 * SECOND, 4),
            [0, 0, 0, 100],
            "a pause fills the burst, and no more"
        );
    }

    #[test]
    fn a_permit_that_is_too_far_off_is_not_reserved() {
        let limiter = Limiter::new(RateLimit::per_second(1));
        assert_eq!(limiter.reserve(SECOND, SECOND), Some(Duration::ZERO));
        assert_eq!(limiter.reserve(SECOND, SECOND), Some(SECOND));
        assert_eq!(limiter.reserve(SECOND, SECOND), None);
        assert_eq!(limiter.reserve(2 * SECOND, SECOND), Some(SECOND));
    }
}
