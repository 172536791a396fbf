//! Waits for a restore until it is done.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use cloudally_gen::id::JobId;
use cloudally_gen::models::RestoreOutcome;
use cloudally_gen::operations::GET_RESTORE_STATUS;
use cloudally_gen::types::RestoreJob;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};

use crate::api::Restores;
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::retry::after::retry_after;

/// The least time between two looks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// How long after its creation a restore may be unknown: the service that accepted it may not be the one that is asked.
const SETTLING: Duration = Duration::from_secs(10);
/// How long a look may take when the time is up.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// Watches a restore: await it for the last state, or stream it for all of them.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// use futures_util::TryStreamExt;
/// let mut states = client.restores().job("J-1").wait(Duration::from_secs(3600)).states();
/// while let Some(job) = states.try_next().await? {
///     println!("{:?} {:?}%", job.status, job.progress);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing until it is awaited or streamed"]
pub struct Wait {
    restores: Restores,
    job_id: JobId,
    /// Whether it was created just now.
    is_new: bool,
    longest: Duration,
    interval: Duration,
}

impl Wait {
    pub(crate) fn new(restores: Restores, job_id: JobId, is_new: bool, longest: Duration) -> Self {
        Self {
            restores,
            job_id,
            is_new,
            longest,
            interval: Duration::from_secs(5),
        }
    }

    /// How long to wait between two looks; 5 s by default and at least 100 ms. Up to a tenth more is added at random, and
    /// the service's own wish to wait counts if it is longer.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The states of the job as they are seen, the last one being that in which it is done. A job that failed, or that
    /// is not done in time, ends the stream with an error that holds it.
    pub fn states(self) -> States {
        let start = self.restores.client().transport().clock.monotonic();
        let watch = Watch {
            wait: self,
            start,
            last: None,
            next: Next::Look,
        };
        States(stream::unfold(watch, Watch::step).fuse().boxed())
    }
}

impl IntoFuture for Wait {
    type Output = Result<RestoreJob, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// Waits for the end of the job, and gives its last state.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`], [`ErrorKind::WaitedTooLong`], or the error of a look that cannot be mended by waiting.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut states = self.states();
            let mut last = RestoreJob::default();
            while let Some(state) = states.next().await {
                last = state?;
            }
            Ok(last)
        })
    }
}

/// The states of a restore; see [`Wait::states`].
#[must_use = "a stream does nothing until it is polled"]
pub struct States(BoxStream<'static, Result<RestoreJob, Error>>);

impl Stream for States {
    type Item = Result<RestoreJob, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("States")
    }
}

struct Watch {
    wait: Wait,
    start: Duration,
    last: Option<RestoreJob>,
    next: Next,
}

enum Next {
    Look,
    /// With the failure of the look before, if it failed, and what the service asked for.
    Pause(Option<Error>, Duration),
    Stop,
}

impl Watch {
    async fn step(mut self) -> Option<(Result<RestoreJob, Error>, Self)> {
        let client = self.wait.restores.client().clone();
        let transport = client.transport();
        loop {
            let elapsed = transport.clock.monotonic().saturating_sub(self.start);
            let left = self.wait.longest.saturating_sub(elapsed);
            match std::mem::replace(&mut self.next, Next::Stop) {
                Next::Stop => return None,
                Next::Pause(failure, _) if left.is_zero() => {
                    return Some((Err(too_long(self.last.clone(), failure)), self));
                }
                Next::Pause(_, asked) => {
                    let pause = pause(
                        self.wait.interval.max(asked),
                        left,
                        transport.random.share(),
                    );
                    transport.sleep.sleep(pause).await;
                    self.next = Next::Look;
                }
                Next::Look => {
                    // The last look is at the deadline itself, and it may take a moment.
                    let deadline = client.policy().deadline.min(left.max(LAST_LOOK));
                    let restores = self
                        .wait
                        .restores
                        .with_retry(client.policy().deadline(deadline));
                    let look = restores.status(&self.wait.job_id).with_response();
                    let state = look.await;
                    let is_settling = self.wait.is_new && elapsed < SETTLING;
                    if let Some(seen) = self.take(state, is_settling, transport.clock.now()) {
                        return Some((seen, self));
                    }
                }
            }
        }
    }

    /// What a look comes to. A failure that may pass is no news of the job.
    fn take(
        &mut self,
        state: Result<Response<RestoreJob>, Error>,
        is_settling: bool,
        now: jiff::Timestamp,
    ) -> Option<Result<RestoreJob, Error>> {
        match state {
            Err(error)
                if error.is_retryable()
                    || (is_settling
                        && self.last.is_none()
                        && error.kind() == ErrorKind::NotFound) =>
            {
                let asked = error.retry_after().unwrap_or_default();
                self.next = Next::Pause(Some(error), asked);
                None
            }
            Err(error) => Some(Err(error.with_job(self.last.clone()))),
            Ok(Response { value: job, head }) => {
                self.last = Some(job.clone());
                match job.outcome() {
                    RestoreOutcome::Done => Some(Ok(job)),
                    RestoreOutcome::Failed => Some(Err(failed(job))),
                    _ => {
                        let asked = retry_after(head.headers(), now).unwrap_or_default();
                        self.next = Next::Pause(None, asked);
                        Some(Ok(job))
                    }
                }
            }
        }
    }
}

/// The interval and up to a tenth more, within what is left; never so short that the service is asked without pause.
fn pause(interval: Duration, left: Duration, share: f64) -> Duration {
    let interval = interval.max(SHORTEST_PAUSE).min(left);
    interval
        .saturating_add(interval.mul_f64(share.clamp(0.0, 1.0) / 10.0))
        .min(left)
}

fn too_long(last: Option<RestoreJob>, failure: Option<Error>) -> Error {
    let what = match &last {
        Some(_) => "the restore is not done in the time given; look at it again later",
        None => "the restore could not be looked at in the time given; look at it again later",
    };
    let error = Error::new(ErrorKind::WaitedTooLong, what)
        .operation_id(GET_RESTORE_STATUS.id)
        .with_job(last);
    match failure {
        Some(failure) => error.caused_by(failure),
        None => error,
    }
}

fn failed(job: RestoreJob) -> Error {
    let status = job
        .status
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let why = job
        .message
        .as_deref()
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    Error::new(
        ErrorKind::JobFailed,
        format!("the restore ended as {status}{why}"),
    )
    .operation_id(GET_RESTORE_STATUS.id)
    .with_job(Some(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_bounded_and_never_nothing() {
        let second = Duration::from_secs(1);
        for (interval, left, share, expected) in [
            (second, 60 * second, 0.0, second),
            (second, 60 * second, 1.0, Duration::from_millis(1_100)),
            (second, second / 2, 1.0, second / 2),
            (Duration::ZERO, 60 * second, 0.0, SHORTEST_PAUSE),
            (Duration::MAX, Duration::MAX, 1.0, Duration::MAX),
            (Duration::MAX, second, 1.0, second),
        ] {
            assert_eq!(
                pause(interval, left, share),
                expected,
                "{interval:?} {left:?}"
            );
        }
    }
}
