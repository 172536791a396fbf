//! The token that all calls share: one renewal at a time, whoever asks and whoever gives up.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::auth::token::{State, Token};
use crate::error::{Error, ErrorKind};
use crate::random::Random;
use crate::time::Clock;

/// How long after a failed early renewal the next one may start.
const PAUSE: Duration = Duration::from_secs(10);
/// A service that refuses every token is asked for another no more often than this.
const STANDOFF: Duration = Duration::from_secs(1);

type Outcome = Result<Arc<Token>, Error>;
type Waiting = Shared<BoxFuture<'static, Outcome>>;

/// Makes a token: from the one before, if it can be refreshed, else anew.
pub(crate) trait Renew: Send + Sync + 'static {
    fn renew(&self, before: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>>;

    /// Whether there is no other token to be had than the first.
    fn is_final(&self) -> bool;
}

/// The current token and the renewal under way. Every renewal is a task of its own, so it goes on when the caller that
/// started it is dropped, and all who wait get its outcome.
pub(crate) struct TokenCache {
    renew: Arc<dyn Renew>,
    slot: Arc<Slot>,
}

/// What the calls and the task of a renewal have in common.
struct Slot {
    current: ArcSwapOption<Token>,
    flight: Mutex<Flight>,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
}

#[derive(Default)]
struct Flight {
    under_way: Option<(Waiting, AbortHandle)>,
    /// No early renewal starts before this.
    not_before: Duration,
    /// When a token was last renewed. The first sign-in is no renewal.
    renewed_at: Option<Duration>,
}

impl TokenCache {
    pub(crate) fn new(renew: Arc<dyn Renew>, clock: Arc<dyn Clock>, random: Arc<Random>) -> Self {
        let slot = Slot {
            current: ArcSwapOption::empty(),
            flight: Mutex::default(),
            clock,
            random,
        };
        Self {
            renew,
            slot: Arc::new(slot),
        }
    }

    /// The current token, if it is good and not to be renewed yet.
    // Not inlined, so that the benchmarks can count it by itself.
    #[inline(never)]
    pub(crate) fn good(&self) -> Option<Arc<Token>> {
        let token = Guard::into_inner(self.slot.current.load())?;
        let state = token.state(self.slot.clock.monotonic());
        matches!(state, State::Fresh).then_some(token)
    }

    /// A token that has not expired: the current one, or the outcome of the one renewal under way.
    pub(crate) async fn token(&self) -> Outcome {
        // A runtime that shuts down takes its renewal with it; the client may be used on another.
        for _ in 0..2 {
            let waiting = match self.slot.now() {
                Now::Good(token) => return Ok(token),
                Now::Due(token) => {
                    self.renew_early();
                    return Ok(token);
                }
                Now::Lacking => self.join()?,
            };
            match waiting.await {
                Err(error) if error.kind() == ErrorKind::Cancelled => {}
                outcome => return outcome,
            }
        }
        Err(cancelled())
    }

    /// Takes the service's word that it refuses this token, and tells whether another is to be had: there is one already,
    /// or there will be.
    pub(crate) fn reject(&self, token: &Arc<Token>) -> bool {
        let flight = self.slot.flight();
        let is_current = self
            .slot
            .current
            .load()
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, token));
        if !is_current {
            return true;
        }
        if self.renew.is_final() {
            return false;
        }
        let now = self.slot.clock.monotonic();
        if flight
            .renewed_at
            .is_some_and(|last| now < last.saturating_add(STANDOFF))
        {
            return false;
        }
        self.slot.current.store(Some(Arc::new(token.rejected())));
        true
    }

    /// The renewal under way, or a new one.
    fn join(&self) -> Result<Waiting, Error> {
        let mut flight = self.slot.flight();
        if let Some(waiting) = flight.under_way() {
            return Ok(waiting.clone());
        }
        // A renewal may have ended between the look at the current token and the lock.
        match self.slot.now() {
            Now::Good(token) | Now::Due(token) => {
                Ok(std::future::ready(Ok(token)).boxed().shared())
            }
            Now::Lacking => self.start(&mut flight, false),
        }
    }

    /// Starts a renewal in the background, unless one is under way or has failed just now.
    fn renew_early(&self) {
        let mut flight = self.slot.flight();
        let is_under_way = flight.under_way().is_some();
        let is_too_soon = self.slot.clock.monotonic() < flight.not_before;
        if !is_under_way && !is_too_soon && matches!(self.slot.now(), Now::Due(_)) {
            // Without a runtime there is no background: the token is then renewed when it has expired.
            let _ = self.start(&mut flight, true);
        }
    }

    fn start(&self, flight: &mut Flight, is_early: bool) -> Result<Waiting, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::configuration("the client needs a tokio runtime: call it from within one")
        })?;
        let before = self.slot.current.load_full();
        if before.is_some() {
            flight.renewed_at = Some(self.slot.clock.monotonic());
        }
        let renewal = self.renew.renew(before);
        let slot = Arc::clone(&self.slot);
        let (send, receive) = oneshot::channel();
        let task = runtime.spawn(async move {
            // A provider or a hook of the caller's may panic; that is no reason to leave those who wait in the dark.
            let outcome = match AssertUnwindSafe(renewal).catch_unwind().await {
                Ok(outcome) => outcome.map(Arc::new),
                Err(_) => Err(Error::configuration(
                    "the token provider, or a hook, panicked during the sign-in",
                )),
            };
            slot.land(&outcome, is_early);
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

/// How the current token stands.
enum Now {
    Good(Arc<Token>),
    /// Good, and to be renewed.
    Due(Arc<Token>),
    Lacking,
}

impl Slot {
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Now {
        let Some(token) = Guard::into_inner(self.current.load()) else {
            return Now::Lacking;
        };
        match token.state(self.clock.monotonic()) {
            State::Fresh => Now::Good(token),
            State::Due => Now::Due(token),
            State::Expired => Now::Lacking,
        }
    }

    /// Ends a renewal: its token becomes the current one. If it failed early, the token that still works stays.
    fn land(&self, outcome: &Outcome, is_early: bool) {
        let mut flight = self.flight();
        flight.under_way = None;
        match outcome {
            Ok(token) => self.current.store(Some(Arc::clone(token))),
            Err(_) if is_early => {
                let pause = PAUSE.mul_f64(1.0 + self.random.share() / 2.0);
                flight.not_before = self.clock.monotonic().saturating_add(pause);
            }
            Err(_) => {}
        }
    }
}

impl Flight {
    /// The renewal under way. One whose task has ended and that has not landed was lost with its runtime.
    fn under_way(&self) -> Option<&Waiting> {
        let (waiting, task) = self.under_way.as_ref()?;
        (!task.is_finished()).then_some(waiting)
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
        if let Some((_, task)) = self.slot.flight().under_way.take() {
            task.abort();
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.slot.now() {
            Now::Good(_) => "good",
            Now::Due(_) => "due",
            Now::Lacking => "lacking",
        };
        f.debug_struct("TokenCache")
            .field("token", &state)
            .finish_non_exhaustive()
    }
}
