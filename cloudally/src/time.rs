//! The clock and the timer of the SDK, which tests can replace.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A source of the current time.
///
/// Durations such as the lifetime of a token are measured on [`monotonic`](Clock::monotonic), so
/// that setting the wall clock does not affect them.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the time since some fixed moment. It never runs backwards.
    fn monotonic(&self) -> Duration;

    /// Returns the current time of the wall clock.
    fn now(&self) -> Timestamp;
}

/// A timer for delays and deadlines.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use cloudally::time::{AsyncSleep, SleepFuture, TokioSleep};
///
/// /// Skips the delays between attempts, and keeps the deadlines.
/// #[derive(Debug)]
/// struct NoDelay;
///
/// impl AsyncSleep for NoDelay {
///     fn sleep(&self, _: Duration) -> SleepFuture {
///         Box::pin(std::future::ready(()))
///     }
///
///     fn deadline(&self, duration: Duration) -> SleepFuture {
///         TokioSleep.deadline(duration)
///     }
/// }
/// let builder = cloudally::Client::builder().sleep(std::sync::Arc::new(NoDelay));
/// ```
pub trait AsyncSleep: fmt::Debug + Send + Sync + 'static {
    /// Completes when the duration has passed. It is awaited before the next attempt or poll.
    fn sleep(&self, duration: Duration) -> SleepFuture;

    /// Completes when a deadline that is this far away has passed.
    ///
    /// Work goes on meanwhile, so a test that makes [`sleep`](AsyncSleep::sleep) instant needs this
    /// one to be real, or never to complete.
    fn deadline(&self, duration: Duration) -> SleepFuture;
}

/// The future of [`AsyncSleep`].
pub type SleepFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clocks of the operating system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Creates a clock whose monotonic time starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The timer of the tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSleep;

impl AsyncSleep for TokioSleep {
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn sleep(&self, duration: Duration) -> SleepFuture {
        Box::pin(tokio::time::sleep(duration))
    }

    fn deadline(&self, duration: Duration) -> SleepFuture {
        self.sleep(duration)
    }
}
