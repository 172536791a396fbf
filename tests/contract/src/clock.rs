//! Time that passes only when a test says so.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloudally::time::Clock;
use jiff::Timestamp;

/// A clock on which a second passes with every look at it.
#[derive(Debug, Default)]
pub struct HastyClock(HandClock);

impl Clock for HastyClock {
    fn monotonic(&self) -> Duration {
        self.0.advance(Duration::from_secs(1));
        self.0.monotonic()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A clock that is moved by hand. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct HandClock(Arc<Mutex<Duration>>);

impl HandClock {
    /// Moves the hands forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for HandClock {
    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.monotonic()
    }
}
