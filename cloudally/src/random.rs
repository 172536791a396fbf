//! The source of jitter, which is all that randomness is used for.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A source of random numbers.
pub(crate) struct Random(Mutex<fastrand::Rng>);

impl Random {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(fastrand::Rng::new()))
    }

    /// A number from 0 to 1.
    pub(crate) fn jitter(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}
