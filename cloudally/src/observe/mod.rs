//! Callbacks for what a client does, for metrics, progress and alerts.
//!
//! An [`Observer`] is called for each attempt, call, token renewal, wait and page. Its methods do
//! nothing by default, so implement those that you need. They run within the call, so they should
//! return at once.
//!
//! Operations, methods, path templates, statuses and types of errors have few values, and can be
//! labels of metrics. An [`Error`] holds what the service said, though no secret, and is none.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use cloudally::observe::{AttemptFinished, Observer};
//!
//! #[derive(Debug, Default)]
//! struct Failures(AtomicU64);
//!
//! impl Observer for Failures {
//!     fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
//!         if attempt.error.is_some() {
//!             self.0.fetch_add(1, Ordering::Relaxed);
//!         }
//!     }
//! }
//!
//! let failures = Arc::new(Failures::default());
//! let builder = cloudally::Client::builder().observer(Arc::clone(&failures));
//! ```

mod events;
#[cfg(feature = "metrics")]
mod metrics;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::time::Clock;

pub use self::events::{
    Attempt, AttemptFinished, CallFinished, ListRestarted, PageRead, PermitWaited, RenewalKind,
    RetryEvent, TokenRenewed,
};
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub use self::metrics::MetricsObserver;

/// Receives the events of a client; see the [module](self).
///
/// An observer that panics panics in the caller, or during a sign-in ends it as
/// [`ErrorKind::Internal`](crate::ErrorKind::Internal).
pub trait Observer: Send + Sync + 'static {
    /// An attempt begins: its request is about to be sent.
    fn attempt_started(&self, attempt: &Attempt<'_>) {
        let _ = attempt;
    }

    /// An attempt ended, in whatever way. Each that started also finishes.
    fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
        let _ = attempt;
    }

    /// A failed attempt will be followed by another.
    fn retry(&self, retry: &RetryEvent<'_>) {
        let _ = retry;
    }

    /// A call ended. A call that is dropped before does not.
    fn call_finished(&self, call: &CallFinished<'_>) {
        let _ = call;
    }

    /// The client has a new token, or failed to get one.
    fn token_renewed(&self, renewal: &TokenRenewed<'_>) {
        let _ = renewal;
    }

    /// A call waited for a permit of the client's [`RateLimit`](crate::RateLimit).
    fn permit_waited(&self, wait: &PermitWaited<'_>) {
        let _ = wait;
    }

    /// A page of a list was read.
    fn page_read(&self, page: &PageRead<'_>) {
        let _ = page;
    }

    /// A list is read again, because it was [`Incomplete`](crate::ErrorKind::Incomplete).
    fn list_restarted(&self, restart: &ListRestarted<'_>) {
        let _ = restart;
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn attempt_started(&self, attempt: &Attempt<'_>) {
        (**self).attempt_started(attempt);
    }

    fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
        (**self).attempt_finished(attempt);
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        (**self).retry(retry);
    }

    fn call_finished(&self, call: &CallFinished<'_>) {
        (**self).call_finished(call);
    }

    fn token_renewed(&self, renewal: &TokenRenewed<'_>) {
        (**self).token_renewed(renewal);
    }

    fn permit_waited(&self, wait: &PermitWaited<'_>) {
        (**self).permit_waited(wait);
    }

    fn page_read(&self, page: &PageRead<'_>) {
        (**self).page_read(page);
    }

    fn list_restarted(&self, restart: &ListRestarted<'_>) {
        (**self).list_restarted(restart);
    }
}

/// The observers of a client, in the order in which they were registered.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.0.push(Arc::new(observer));
    }

    /// Whether nobody listens, so that nothing need be measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls each of them.
    pub(crate) fn each(&self, tell: impl Fn(&dyn Observer)) {
        for observer in &self.0 {
            tell(&**observer);
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.0.len())
    }
}

/// An attempt under way that somebody observes.
pub(crate) struct ObservedAttempt<'a> {
    observers: &'a Observers,
    clock: &'a dyn Clock,
    attempt: Attempt<'a>,
    started: Duration,
    is_finished: bool,
}

impl<'a> ObservedAttempt<'a> {
    /// Tells that an attempt begins, unless nobody listens.
    pub(crate) fn start(
        observers: &'a Observers,
        clock: &'a dyn Clock,
        attempt: Attempt<'a>,
    ) -> Option<Self> {
        if observers.is_empty() {
            return None;
        }
        // Made first, so that it also ends if an observer panics.
        let observed = Self {
            observers,
            clock,
            attempt,
            started: clock.monotonic(),
            is_finished: false,
        };
        observers.each(|observer| observer.attempt_started(&observed.attempt));
        Some(observed)
    }

    /// Tells the outcome.
    pub(crate) fn finish(
        mut self,
        status: Option<u16>,
        error: Option<&Error>,
        [request_bytes, response_bytes]: [Option<usize>; 2],
    ) {
        let length = |bytes: Option<usize>| bytes.and_then(|bytes| u64::try_from(bytes).ok());
        self.is_finished = true;
        self.tell(AttemptFinished {
            status,
            error,
            request_bytes: length(request_bytes),
            response_bytes: length(response_bytes),
            ..self.abandoned()
        });
    }

    fn abandoned(&self) -> AttemptFinished<'a> {
        AttemptFinished {
            attempt: self.attempt,
            duration: self.clock.monotonic().saturating_sub(self.started),
            status: None,
            error: None,
            request_bytes: None,
            response_bytes: None,
            is_abandoned: !self.is_finished,
        }
    }

    fn tell(&self, finished: AttemptFinished<'_>) {
        self.observers
            .each(|observer| observer.attempt_finished(&finished));
    }
}

impl Drop for ObservedAttempt<'_> {
    fn drop(&mut self) {
        // A second panic would end the program.
        if !self.is_finished && !std::thread::panicking() {
            self.tell(self.abandoned());
        }
    }
}

/// The callback of [`ClientBuilder::on_retry`](crate::ClientBuilder::on_retry).
pub(crate) struct OnRetry<F>(pub(crate) F);

impl<F: Fn(&RetryEvent<'_>) + Send + Sync + 'static> Observer for OnRetry<F> {
    fn retry(&self, retry: &RetryEvent<'_>) {
        (self.0)(retry);
    }
}
