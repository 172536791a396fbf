//! Where the SDK gets the time from, and how it waits. Replace both in tests.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// Tells the time.
///
/// Durations such as the life of a token are measured on [`monotonic`](Clock::monotonic), which a change of the wall
/// clock does not touch.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time since some fixed moment; never runs backwards.
    fn monotonic(&self) -> Duration;

    /// The time of day, in UTC.
    fn now(&self) -> Timestamp;
}

/// Waits.
///
/// ```
/// use std::time::Duration;
/// use cloudally::time::{Sleep, TokioSleep};
/// use futures_util::future::{BoxFuture, FutureExt};
///
/// /// Goes on at once where the SDK would wait for another attempt, and keeps its deadlines.
/// #[derive(Debug)]
/// struct NoWaiting;
///
/// impl Sleep for NoWaiting {
///     fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
///         std::future::ready(()).boxed()
///     }
///
///     fn deadline(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         TokioSleep.deadline(duration)
///     }
/// }
/// let builder = cloudally::Client::builder().sleep(std::sync::Arc::new(NoWaiting));
/// ```
pub trait Sleep: fmt::Debug + Send + Sync + 'static {
    /// Completes when the duration has passed: the wait before another attempt or another poll.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Completes when a deadline that is this far away has passed. Work goes on meanwhile, so a test that makes
    /// [`sleep`](Sleep::sleep) instant wants this one to be real, or never to complete.
    fn deadline(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The clocks of the operating system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
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

/// Waits on the timer of the tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSleep;

impl Sleep for TokioSleep {
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn deadline(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep(duration)
    }
}
