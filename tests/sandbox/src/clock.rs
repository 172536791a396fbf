//! The sandbox's time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time that a sandbox lives in: the system's, or one that stands still; both can be moved forward.
///
/// Clones share their time, so a clock that was given to
/// [`SandboxBuilder::clock`](crate::SandboxBuilder::clock) can be moved from outside.
///
/// ```
/// use std::time::Duration;
/// use cloudally_sandbox::{Clock, Timestamp};
///
/// let start: Timestamp = "2026-03-02T08:00:00Z".parse()?;
/// let clock = Clock::manual(start);
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_string(), "2026-03-02T08:01:30Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Base,
    offset: Mutex<Duration>,
}

#[derive(Debug)]
enum Base {
    System,
    Manual(Timestamp),
}

impl Clock {
    /// The system's time.
    #[must_use]
    pub fn system() -> Self {
        Self::from_base(Base::System)
    }

    /// A time that begins at `start` and moves by [`advance`](Self::advance) only.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::from_base(Base::Manual(start))
    }

    fn from_base(base: Base) -> Self {
        Self(Arc::new(Inner {
            base,
            offset: Mutex::new(Duration::ZERO),
        }))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let base = match self.0.base {
            Base::System => system_now(),
            Base::Manual(start) => start,
        };
        let offset = *self.0.offset.lock().unwrap_or_else(PoisonError::into_inner);
        SignedDuration::try_from(offset)
            .ok()
            .and_then(|offset| base.checked_add(offset).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the time forward, for all clones.
    pub fn advance(&self, by: Duration) {
        let mut offset = self.0.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the sandbox reads the real time"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_their_time() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.clone().advance(Duration::from_millis(1500));
        assert_eq!(clock.now().as_millisecond(), 1500);
    }

    #[test]
    fn system_time_moves_by_the_offset() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now().duration_since(before) >= SignedDuration::from_hours(1));
    }

    #[test]
    fn an_absurd_offset_ends_at_the_last_instant() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
