//! The token that all calls share: one renewal at a time, whoever asks and whoever gives up.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::auth::token::{State, Token};
use crate::error::{Error, ErrorKind};
use crate::time::Clock;

/// How long after a failed early renewal the next one may start.
const PAUSE: Duration = Duration::from_secs(10);

type Outcome = Result<Arc<Token>, Error>;

/// Makes a token: from the one before, if it can be refreshed, else anew.
pub(crate) trait Renew: Send + Sync + 'static {
    fn renew(&self, before: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>>;
}

/// The current token and the renewal under way. Every renewal is a task of its own, so it goes on when the caller that
/// started it is dropped, and all who wait get its outcome.
pub(crate) struct TokenCache {
    current: Arc<ArcSwapOption<Token>>,
    flight: Mutex<Flight>,
    renew: Arc<dyn Renew>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Flight {
    under_way: Option<(Shared<BoxFuture<'static, Outcome>>, AbortHandle)>,
    /// When an early renewal last started.
    early: Option<Duration>,
}

impl TokenCache {
    pub(crate) fn new(renew: Arc<dyn Renew>, clock: Arc<dyn Clock>) -> Self {
        Self {
            current: Arc::default(),
            flight: Mutex::default(),
            renew,
            clock,
        }
    }

    /// A token that has not expired: the current one, or the outcome of the one renewal under way.
    pub(crate) async fn token(&self) -> Outcome {
        // A runtime that shuts down takes its renewal with it; the client may be used on another.
        for _ in 0..2 {
            let flight = {
                let current = self.current.load();
                match current
                    .as_ref()
                    .map(|token| (token, token.state(self.clock.monotonic())))
                {
                    Some((token, State::Fresh)) => return Ok(Arc::clone(token)),
                    Some((token, State::Due)) => {
                        let token = Arc::clone(token);
                        self.renew_early();
                        return Ok(token);
                    }
                    Some((_, State::Expired)) | None => self.join()?,
                }
            };
            match flight.await {
                Err(error) if error.kind() == ErrorKind::Cancelled => {}
                outcome => return outcome,
            }
        }
        Err(cancelled())
    }

    /// Marks this token as refused by the service, unless another has taken its place already.
    pub(crate) fn reject(&self, token: &Arc<Token>) {
        self.current
            .compare_and_swap(token, Some(Arc::new(token.rejected())));
    }

    /// The renewal under way, or a new one.
    fn join(&self) -> Result<Shared<BoxFuture<'static, Outcome>>, Error> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((under_way, task)) = &flight.under_way {
            // One that has its outcome belongs to an earlier token, except for those who already wait for it.
            if !task.is_finished() && under_way.peek().is_none() {
                return Ok(under_way.clone());
            }
        }
        // It may have ended between the look at the current token and the lock.
        if let Some(token) = self.current.load_full()
            && token.state(self.clock.monotonic()) != State::Expired
        {
            let done: BoxFuture<'static, Outcome> = Box::pin(std::future::ready(Ok(token)));
            return Ok(done.shared());
        }
        self.start(&mut flight)
    }

    /// Starts a renewal in the background, unless one is under way or has been tried just now.
    fn renew_early(&self) {
        let now = self.clock.monotonic();
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        let is_under_way = flight
            .under_way
            .as_ref()
            .is_some_and(|(_, task)| !task.is_finished());
        let is_too_soon = flight
            .early
            .is_some_and(|last| now < last.saturating_add(PAUSE));
        let is_due = self
            .current
            .load()
            .as_ref()
            .is_some_and(|token| token.state(now) == State::Due);
        if !is_under_way && !is_too_soon && is_due {
            flight.early = Some(now);
            // Without a runtime there is no background: the token is then renewed when it has expired.
            let _ = self.start(&mut flight);
        }
    }

    fn start(&self, flight: &mut Flight) -> Result<Shared<BoxFuture<'static, Outcome>>, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::configuration("the client needs a tokio runtime: call it from within one")
        })?;
        let renewal = self.renew.renew(self.current.load_full());
        let current = Arc::clone(&self.current);
        let (send, receive) = oneshot::channel();
        let task = runtime.spawn(async move {
            let outcome = renewal.await.map(Arc::new);
            if let Ok(token) = &outcome {
                current.store(Some(Arc::clone(token)));
            }
            // Nobody may be waiting any more.
            let _ = send.send(outcome);
        });
        let waiting = receive
            .map(|received| received.unwrap_or_else(|_| Err(cancelled())))
            .boxed()
            .shared();
        flight.under_way = Some((waiting.clone(), task.abort_handle()));
        Ok(waiting)
    }
}

fn cancelled() -> Error {
    Error::new(
        ErrorKind::Cancelled,
        "the sign-in was given up, because its runtime shut down; call again",
    )
}

impl Drop for TokenCache {
    fn drop(&mut self) {
        let flight = self
            .flight
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, task)) = &flight.under_way {
            task.abort();
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self
            .current
            .load()
            .as_ref()
            .map(|token| token.state(self.clock.monotonic()));
        f.debug_struct("TokenCache")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
