//! The clock of a sandbox.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The clock that a sandbox runs on: the system's, or a manual one that moves only when it is
/// advanced. Both can be moved forward.
///
/// Clones share their time, so that a clock passed to
/// [`SandboxBuilder::clock`](crate::SandboxBuilder::clock) can be advanced from outside.
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
    offset: watch::Sender<Duration>,
}

#[derive(Debug)]
enum Base {
    System,
    Manual(Timestamp),
}

impl Clock {
    /// Creates a clock that follows the system's time.
    #[must_use]
    pub fn system() -> Self {
        Self::from_base(Base::System)
    }

    /// Creates a clock that starts at `start` and moves only by [`advance`](Self::advance).
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::from_base(Base::Manual(start))
    }

    fn from_base(base: Base) -> Self {
        Self(Arc::new(Inner {
            base,
            offset: watch::Sender::new(Duration::ZERO),
        }))
    }

    /// Returns the current time of this clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let base = match self.0.base {
            Base::System => system_now(),
            Base::Manual(start) => start,
        };
        let offset = *self.0.offset.borrow();
        SignedDuration::try_from(offset)
            .ok()
            .and_then(|offset| base.checked_add(offset).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock and all its clones forward.
    pub fn advance(&self, by: Duration) {
        self.0
            .offset
            .send_modify(|offset| *offset = offset.saturating_add(by));
    }

    /// Waits until this much time has passed on the clock, including by [`advance`](Self::advance).
    pub(crate) async fn wait(&self, duration: Duration) {
        let mut offset = self.0.offset.subscribe();
        let until = SignedDuration::try_from(duration)
            .ok()
            .and_then(|duration| self.now().checked_add(duration).ok())
            .unwrap_or(Timestamp::MAX);
        loop {
            let left = until.duration_since(self.now());
            let left = Duration::try_from(left).unwrap_or_default();
            if left.is_zero() {
                return;
            }
            // The channel cannot close, because its sender is part of this clock.
            match self.0.base {
                Base::Manual(_) => drop(offset.changed().await),
                Base::System => tokio::select! {
                    _ = offset.changed() => {}
                    () = sleep(left) => {}
                },
            }
        }
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

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the sandbox really waits"
)]
async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
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

    #[tokio::test]
    async fn who_waits_is_woken_by_an_advance() {
        for clock in [Clock::manual(Timestamp::UNIX_EPOCH), Clock::system()] {
            let hour = Duration::from_secs(3600);
            let (waited, ()) = tokio::join!(
                async {
                    clock.wait(2 * hour).await;
                    clock.now()
                },
                async {
                    clock.advance(hour);
                    tokio::task::yield_now().await;
                    clock.advance(hour);
                }
            );
            assert!(waited <= clock.now());
            clock.wait(Duration::ZERO).await;
        }
        Clock::system().wait(Duration::from_millis(2)).await;
    }

    #[test]
    fn an_absurd_offset_ends_at_the_last_instant() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
