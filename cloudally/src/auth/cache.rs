//! The token that all calls share. There is one renewal at a time, however many callers wait for it
//! and whichever of them give up.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, Shared, select};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tracing::{Instrument, Span};

use crate::auth::token::{State, Token};
use crate::error::{Error, ErrorKind};
use crate::random::Random;
use crate::runtime::{has_shut_down, require_runtime, stands_still};
use crate::time::{AsyncSleep, Clock};
use crate::trace;

/// How long after a failed early renewal the next one can start.
const EARLY_RETRY_DELAY: Duration = Duration::from_secs(10);
/// How long a failed sign-in is held, so that callers who come in meanwhile do not repeat it. The
/// time doubles while the service keeps refusing, because many refused sign-ins may lock an
/// account.
const MIN_HOLD: Duration = Duration::from_secs(1);
const MAX_HOLD: Duration = Duration::from_secs(5 * 60);
/// The longest `Retry-After` of a sign-in that is obeyed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);
/// A token that is refused sooner than this after its renewal is not replaced before. The time
/// doubles while new tokens keep being refused: two programs with one login may end each other's.
const MIN_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(60);

type Renewed = Result<Arc<Token>, Error>;
type SharedRenewal = Shared<BoxFuture<'static, Renewed>>;

/// Makes a token: by refreshing the previous one if possible, else by signing in.
pub(crate) trait Renew: Send + Sync + 'static {
    fn renew(&self, previous: Option<Arc<Token>>) -> BoxFuture<'static, Result<Token, Error>>;

    /// Whether the first token is the only one there can be.
    fn is_final(&self) -> bool;

    /// Whether a failure is held. A function of the program may have other credentials the next
    /// time.
    fn holds_failures(&self) -> bool;
}

/// The current token, and the renewal in flight.
///
/// A renewal is a spawned task, so it continues when the caller that started it is dropped, and
/// everyone who waits gets its result.
pub(crate) struct TokenCache {
    renew: Arc<dyn Renew>,
    slot: Arc<Slot>,
}

/// The state that calls and the renewal task share.
struct Slot {
    current: ArcSwapOption<Token>,
    inflight: Mutex<Inflight>,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn AsyncSleep>,
    random: Arc<Random>,
}

#[derive(Default)]
struct Inflight {
    renewal: Option<Arc<Renewal>>,
    /// The number of the last renewal that was started.
    started: u64,
    /// No early renewal starts before this time.
    not_before: Duration,
    /// When a token was last renewed. The first sign-in does not count.
    renewed_at: Option<Duration>,
    /// How long after its renewal the current token is kept, even if it is refused.
    pause: Duration,
    /// Whether the current token was refused within the pause.
    is_refused_early: bool,
    /// How many renewals in a row were refused.
    refusals: u32,
    held: Option<Held>,
}

/// A renewal in flight, and the runtime that drives it.
struct Renewal {
    outcome: SharedRenewal,
    task: AbortHandle,
    runtime: Handle,
    span: Span,
}

/// The failure of a renewal, which is the result of all that follow until a point in time.
struct Held {
    error: Error,
    until: Duration,
}

impl TokenCache {
    pub(crate) fn new(
        renew: Arc<dyn Renew>,
        clock: Arc<dyn Clock>,
        sleep: Arc<dyn AsyncSleep>,
        random: Arc<Random>,
    ) -> Self {
        let slot = Slot {
            current: ArcSwapOption::empty(),
            inflight: Mutex::default(),
            clock,
            sleep,
            random,
        };
        Self {
            renew,
            slot: Arc::new(slot),
        }
    }

    /// The current token, if it is valid and not due for renewal.
    // Not inlined, so that the benchmarks can count its instructions.
    #[inline(never)]
    pub(crate) fn fresh(&self) -> Option<Arc<Token>> {
        let token = Guard::into_inner(self.slot.current.load())?;
        let state = token.state(self.slot.clock.monotonic());
        matches!(state, State::Fresh).then_some(token)
    }

    /// A token that has not expired: the current one, or the result of the renewal in flight.
    pub(crate) async fn token(&self) -> Renewed {
        loop {
            let renewal = match self.slot.current() {
                Current::Fresh(token) => return Ok(token),
                Current::Due(token) => {
                    self.renew_early();
                    return Ok(token);
                }
                Current::Missing => match self.join()? {
                    Joined::Ended(token) => return Ok(token),
                    Joined::Renewal(renewal) => renewal,
                },
            };
            Span::current().follows_from(&renewal.span);
            let outcome = renewal.outcome.clone();
            // A function of the program is never called twice at once, however long it takes.
            let is_patient = !self.renew.holds_failures();
            let outcome = if is_patient || renewal.runtime.id() == require_runtime()?.id() {
                outcome.await
            } else {
                let sleep = &*self.slot.sleep;
                // Boxed, for hardly a caller needs it and all would carry it.
                let stands_still = Box::pin(stands_still(&renewal.runtime, sleep));
                match select(outcome, stands_still).await {
                    Either::Left((outcome, _)) => outcome,
                    Either::Right(_) => Err(cancelled()),
                }
            };
            match outcome {
                // It ended with the runtime of another caller, and this one may do better.
                Err(error) if error.kind() == ErrorKind::Cancelled => {
                    if has_shut_down(&require_runtime()?) {
                        return Err(error);
                    }
                    self.slot.inflight().give_up(&renewal);
                }
                outcome => return outcome,
            }
        }
    }

    /// Whether a refused token cannot be replaced.
    pub(crate) fn is_final(&self) -> bool {
        self.renew.is_final()
    }

    /// Discards a token that the service refused, and returns zero: a different one is available now,
    /// or after a renewal that can start now. A token that was made a moment ago stays; the time
    /// after which it can be discarded is then returned.
    pub(crate) fn reject(&self, token: &Arc<Token>) -> Duration {
        let mut inflight = self.slot.inflight();
        let current = self.slot.current.load();
        if current
            .as_ref()
            .is_none_or(|current| !Arc::ptr_eq(current, token))
        {
            return Duration::ZERO;
        }
        let pause = inflight.pause.max(MIN_PAUSE);
        if let Some(renewed_at) = inflight.renewed_at {
            let end = renewed_at.saturating_add(pause);
            let left = end.saturating_sub(self.slot.clock.monotonic());
            if !left.is_zero() {
                inflight.is_refused_early = true;
                return left;
            }
        }
        inflight.pause = if std::mem::take(&mut inflight.is_refused_early) {
            let doubled = pause.mul_f64(2.0 + self.slot.random.jitter() / 2.0);
            doubled.min(MAX_PAUSE)
        } else {
            MIN_PAUSE
        };
        self.slot.current.store(Some(Arc::new(token.rejected())));
        Duration::ZERO
    }

    /// The renewal in flight, or a new one.
    fn join(&self) -> Result<Joined, Error> {
        let mut inflight = self.slot.inflight();
        if let Some(renewal) = inflight.renewal() {
            return Ok(Joined::Renewal(Arc::clone(renewal)));
        }
        // A renewal may have ended between reading the current token and taking the lock.
        match self.slot.current() {
            Current::Fresh(token) | Current::Due(token) => Ok(Joined::Ended(token)),
            Current::Missing => match self.slot.held(&inflight) {
                Some(error) => Err(error),
                None => self.start(&mut inflight, false).map(Joined::Renewal),
            },
        }
    }

    /// Starts a renewal in the background, unless one is in flight or has just failed.
    fn renew_early(&self) {
        let mut inflight = self.slot.inflight();
        let is_inflight = inflight.renewal().is_some();
        let is_too_soon = self.slot.clock.monotonic() < inflight.not_before
            || self.slot.held(&inflight).is_some();
        if !is_inflight && !is_too_soon && matches!(self.slot.current(), Current::Due(_)) {
            // Without a runtime there is no background; the token is then renewed once it has
            // expired.
            let _ = self.start(&mut inflight, true);
        }
    }

    fn start(&self, inflight: &mut Inflight, is_early: bool) -> Result<Arc<Renewal>, Error> {
        let runtime = require_runtime()?;
        let previous = self.slot.current.load_full();
        if previous.is_some() {
            inflight.renewed_at = Some(self.slot.clock.monotonic());
        }
        let renewal = self.renew.renew(previous);
        let slot = Arc::clone(&self.slot);
        let holds_failures = self.renew.holds_failures();
        inflight.started += 1;
        let number = inflight.started;
        let (send, receive) = oneshot::channel();
        let span = trace::renewal();
        let renewing = async move {
            // A provider or callback of the program may panic, and everyone who waits must learn of
            // it.
            let renewed = match AssertUnwindSafe(renewal).catch_unwind().await {
                Ok(renewed) => renewed.map(Arc::new),
                Err(_) => Err(Error::new(
                    ErrorKind::Internal,
                    "the token provider, or another callback of the program, panicked during the sign-in",
                )),
            };
            if let Err(error) = &renewed {
                trace::ended(&Span::current(), error);
            }
            slot.complete(number, &renewed, is_early, holds_failures);
            // There may be nobody left who waits.
            let _ = send.send(renewed);
        };
        let task = runtime.spawn(renewing.instrument(span.clone()));
        let outcome = receive
            .map(|received| received.unwrap_or_else(|_| Err(cancelled())))
            .boxed()
            .shared();
        let renewal = Arc::new(Renewal {
            outcome,
            task: task.abort_handle(),
            runtime,
            span,
        });
        inflight.renewal = Some(Arc::clone(&renewal));
        Ok(renewal)
    }
}

/// What a caller without a token waits for.
enum Joined {
    Renewal(Arc<Renewal>),
    /// A renewal that ended meanwhile, with this token.
    Ended(Arc<Token>),
}

/// The current token and its state.
enum Current {
    Fresh(Arc<Token>),
    /// Valid, and due for renewal.
    Due(Arc<Token>),
    Missing,
}

impl Slot {
    fn inflight(&self) -> MutexGuard<'_, Inflight> {
        self.inflight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Current {
        let Some(token) = Guard::into_inner(self.current.load()) else {
            return Current::Missing;
        };
        match token.state(self.clock.monotonic()) {
            State::Fresh => Current::Fresh(token),
            State::Due => Current::Due(token),
            State::Expired => Current::Missing,
        }
    }

    /// The failure that is held, with the time until which it is.
    fn held(&self, inflight: &Inflight) -> Option<Error> {
        let held = inflight.held.as_ref()?;
        let left = held.until.checked_sub(self.clock.monotonic())?;
        if left.is_zero() {
            return None;
        }
        let now = self.clock.now();
        let until = now.checked_add(left).unwrap_or(jiff::Timestamp::MAX);
        let until = until.round(jiff::Unit::Second).unwrap_or(until);
        let detail = held.error.detail();
        let detail = format!("{detail}; the next sign-in is made after {until}");
        let error = held.error.clone().reclassified(held.error.kind(), detail);
        Some(error.with_retry_after(Some(left)))
    }

    /// Completes a renewal: its token becomes the current one. If it failed ahead of expiry, the
    /// token that still works stays.
    ///
    /// One that was given up meanwhile changes nothing: another one has begun.
    fn complete(&self, number: u64, renewed: &Renewed, is_early: bool, holds_failures: bool) {
        let mut inflight = self.inflight();
        if inflight.started != number {
            return;
        }
        inflight.renewal = None;
        let error = match renewed {
            Ok(token) => {
                self.current.store(Some(Arc::clone(token)));
                inflight.refusals = 0;
                inflight.held = None;
                return;
            }
            Err(error) => error,
        };
        let now = self.clock.monotonic();
        if is_early {
            let delay = EARLY_RETRY_DELAY.mul_f64(1.0 + self.random.jitter() / 2.0);
            inflight.not_before = now.saturating_add(delay);
        }
        let has_reached = !matches!(error.kind(), ErrorKind::Connect | ErrorKind::Internal);
        if holds_failures && has_reached {
            // The service responded, and the same sign-in will probably fail again.
            let is_refusal = !error.is_retryable();
            inflight.refusals = if is_refusal {
                inflight.refusals.saturating_add(1)
            } else {
                0
            };
            inflight.held = Some(Held {
                error: error.clone(),
                until: now.saturating_add(hold(error, inflight.refusals)),
            });
        }
    }
}

/// How long a failure is held, the last of so many refusals in a row.
fn hold(error: &Error, refusals: u32) -> Duration {
    if let Some(retry_after) = error.retry_after() {
        return retry_after.clamp(MIN_HOLD, MAX_RETRY_AFTER);
    }
    let doublings = refusals.saturating_sub(1);
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    MIN_HOLD.saturating_mul(factor).min(MAX_HOLD)
}

impl Inflight {
    /// The renewal in flight. One whose task ended without completing it was lost with its runtime.
    fn renewal(&self) -> Option<&Arc<Renewal>> {
        let renewal = self.renewal.as_ref()?;
        (!renewal.task.is_finished()).then_some(renewal)
    }

    /// Forgets a renewal that was lost with its runtime, which its task may not show yet.
    fn give_up(&mut self, lost: &Renewal) {
        let is_lost = |renewal: &mut Arc<Renewal>| renewal.outcome.ptr_eq(&lost.outcome);
        if let Some(lost) = self.renewal.take_if(is_lost) {
            lost.task.abort();
        }
    }
}

fn cancelled() -> Error {
    Error::new(
        ErrorKind::Cancelled,
        "the sign-in was abandoned because its runtime shut down; call again",
    )
}

impl Drop for TokenCache {
    fn drop(&mut self) {
        if let Some(renewal) = self.slot.inflight().renewal.take() {
            renewal.task.abort();
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.slot.current() {
            Current::Fresh(_) => "fresh",
            Current::Due(_) => "due",
            Current::Missing => "missing",
        };
        f.debug_struct("TokenCache")
            .field("token", &state)
            .finish_non_exhaustive()
    }
}
