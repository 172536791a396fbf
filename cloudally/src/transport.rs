//! What every call needs: connections, limits, time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::session::{Base, ClientCredentials};
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use crate::auth::credentials::ClientPair;
use crate::connection::Connections;
use crate::error::{Error, ErrorKind};
use crate::random::Random;
use crate::retry::budget::Budget;
use crate::retry::policy::RetryPolicy;
use crate::retry::rate::Limiter;
use crate::time::{Clock, Sleep};

/// What every call needs: connections, limits, time.
pub(crate) struct Transport {
    pub(crate) base_url: String,
    pub(crate) base: Arc<Base>,
    pub(crate) http: Connections,
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) body_limit: usize,
    /// The client's id and secret.
    pub(crate) client: Option<ClientPair>,
    /// The same as headers, if every request is to carry them.
    pub(crate) every_request: Option<ClientCredentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sleep: Arc<dyn Sleep>,
    pub(crate) random: Arc<Random>,
    pub(crate) on_retry: Option<OnRetry>,
}

/// What is told of an attempt that will be followed by another.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retry<'a> {
    /// Why the attempt failed; it names the operation, the status and the number of attempts so far.
    pub error: &'a Error,
    /// How long the wait is before the next attempt.
    pub wait: Duration,
}

pub(crate) type OnRetry = Arc<dyn Fn(&Retry<'_>) + Send + Sync>;

impl Transport {
    /// Waits for a place within the client's own rate limit.
    pub(crate) async fn place(&self, remaining: Duration) -> Result<(), Error> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        match limiter.reserve(self.clock.monotonic(), remaining) {
            Some(Duration::ZERO) => Ok(()),
            Some(wait) => {
                self.sleep.sleep(wait).await;
                Ok(())
            }
            None => Err(unsent(
                "the deadline is too close to wait for the client's own rate limit",
            )),
        }
    }

    /// The future's output, or nothing if the time is up first.
    // No `async fn`: it would keep what it is called with twice.
    pub(crate) fn within<'f, F: Future>(
        &self,
        remaining: Duration,
        future: Pin<&'f mut F>,
    ) -> impl Future<Output = Option<F::Output>> + use<'f, F> {
        select(future, self.sleep.deadline(remaining)).map(|first| match first {
            Either::Left((output, _)) => Some(output),
            Either::Right(((), _)) => None,
        })
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base_url", &self.base_url)
            .field("policy", &self.policy)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

/// The time was up before anything was sent.
pub(crate) fn unsent(what: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{what}, and nothing was sent; allow more time or try later"),
    )
}

/// Timers panic without a runtime, so without one nothing is begun.
pub(crate) fn need_runtime() -> Result<(), Error> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::configuration(
            "the client needs a tokio runtime with its timer on: call it from within one, or use the feature `blocking`",
        )),
    }
}
