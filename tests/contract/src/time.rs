//! Made-up time, and the few places where the real one is needed.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use cloudally::time::{AsyncSleep, Clock, SystemClock, TokioSleep};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::server::Gate;

/// A clock that moves only when a test advances it. Clones share the time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<(Duration, Timestamp)>>);

impl FakeClock {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn advance(&self, by: Duration) {
        let mut time = self.0.lock().unwrap();
        time.0 += by;
        time.1 = time.1.checked_add(by).unwrap_or(Timestamp::MAX);
    }

    /// Sets the clock on the wall, which may be wrong.
    pub fn set_wall(&self, now: Timestamp) {
        self.0.lock().unwrap().1 = now;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        let noon = "2026-03-02T12:00:00Z".parse().unwrap();
        Self(Arc::new(Mutex::new((Duration::from_secs(1_000), noon))))
    }
}

impl Clock for FakeClock {
    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().1
    }
}

/// Waits no time at all, and remembers how long it should have. Deadlines are real.
#[derive(Clone, Default)]
pub struct NoWait {
    waits: Arc<Mutex<Vec<Duration>>>,
    meanwhile: Option<Arc<dyn Fn(Duration) + Send + Sync>>,
}

impl NoWait {
    /// Lets something happen in the time that a wait would have taken.
    #[must_use]
    pub fn meanwhile(happens: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        Self {
            waits: Arc::default(),
            meanwhile: Some(Arc::new(happens)),
        }
    }

    /// The waits up to now, in order.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl fmt::Debug for NoWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoWait")
    }
}

impl AsyncSleep for NoWait {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.waits.lock().unwrap().push(duration);
        if let Some(happens) = &self.meanwhile {
            happens(duration);
        }
        Box::pin(std::future::ready(()))
    }

    fn deadline(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioSleep.deadline(duration)
    }
}

/// Waits until a gate is opened, however long it should have been. Deadlines never pass.
#[derive(Clone)]
pub struct Held(pub Gate);

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

impl AsyncSleep for Held {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let gate = self.0.clone();
        Box::pin(async move { gate.passed().await })
    }

    fn deadline(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Real time, a hundred times as fast: what must happen within a minute must happen within 0.6 s.
#[derive(Clone, Copy, Debug)]
pub struct Hurried;

impl AsyncSleep for Hurried {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioSleep.sleep(duration / 100)
    }

    fn deadline(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioSleep.deadline(duration / 100)
    }
}

impl Clock for Hurried {
    fn monotonic(&self) -> Duration {
        START.monotonic() * 100
    }

    fn now(&self) -> Timestamp {
        START.now()
    }
}

static START: LazyLock<SystemClock> = LazyLock::new(SystemClock::new);

/// Measures.
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a deadline is about real time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Paces a server that is slow on purpose. Never a way to wait for an event.
#[expect(clippy::disallowed_methods, reason = "slowness is what is tested")]
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// The output of what must end soon, so that a test that would hang fails instead.
pub async fn in_time<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(Duration::from_secs(20), future).await {
        Ok(output) => output,
        Err(_) => panic!("not in time: {what}"),
    }
}
