//! The client's own rate limit. Pure but for the lock: the time is passed in, and the wait is the caller's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many requests a client sends at most; attempts and sign-ins count.
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
    /// So many requests a second, evenly spread, and none at once beyond that. At least one.
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self {
            per_second: requests.max(1),
            burst: 1,
        }
    }

    /// So many may go at once after a pause. At least one.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = requests.max(1);
        self
    }
}

/// The limit at work. All clones of a client share one.
#[derive(Debug)]
pub(crate) struct Limiter {
    interval: Duration,
    /// How far ahead of its even spread a request may go.
    slack: Duration,
    /// When the next request is due, evenly spread.
    due: Mutex<Duration>,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = Duration::from_secs(1) / limit.per_second;
        Self {
            interval,
            slack: interval.saturating_mul(limit.burst - 1),
            due: Mutex::new(Duration::ZERO),
        }
    }

    /// Takes the next place, and tells how long to wait for it; nothing is taken if that is longer than `longest`.
    pub(crate) fn reserve(&self, now: Duration, longest: Duration) -> Option<Duration> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*due).max(now);
        let wait = place.saturating_sub(self.slack).saturating_sub(now);
        if wait > longest {
            return None;
        }
        *due = place.saturating_add(self.interval);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn waits(limiter: &Limiter, now: Duration, count: usize) -> Vec<u128> {
        (0..count)
            .map(|_| limiter.reserve(now, 60 * SECOND).unwrap().as_millis())
            .collect()
    }

    #[test]
    fn requests_are_spread_and_a_burst_goes_at_once() {
        let even = Limiter::new(RateLimit::per_second(10));
        assert_eq!(waits(&even, SECOND, 4), [0, 100, 200, 300]);
        let burst = Limiter::new(RateLimit::per_second(10).burst(3));
        assert_eq!(waits(&burst, SECOND, 5), [0, 0, 0, 100, 200]);
        assert_eq!(
            waits(&burst, 10 * SECOND, 4),
            [0, 0, 0, 100],
            "a pause fills the burst, and no more"
        );
    }

    #[test]
    fn a_place_that_is_too_far_off_is_not_taken() {
        let limiter = Limiter::new(RateLimit::per_second(1));
        assert_eq!(limiter.reserve(SECOND, SECOND), Some(Duration::ZERO));
        assert_eq!(limiter.reserve(SECOND, SECOND), Some(SECOND));
        assert_eq!(limiter.reserve(SECOND, SECOND), None);
        assert_eq!(limiter.reserve(2 * SECOND, SECOND), Some(SECOND));
    }
}
