//! Waits for a restore until it is done.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use cloudally_gen::models::RestoreOutcome;
use cloudally_gen::types::RestoreJob;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};

use crate::api::Restores;
use crate::error::{Error, ErrorKind};

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
    job_id: String,
    longest: Duration,
    interval: Duration,
}

impl Wait {
    pub(crate) fn new(restores: Restores, job_id: String, longest: Duration) -> Self {
        Self {
            restores,
            job_id,
            longest,
            interval: Duration::from_secs(5),
        }
    }

    /// How long to wait between two looks; 5 s by default. Up to a tenth more is added at random.
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
        States(stream::unfold(watch, Watch::step).boxed())
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
    Pause,
    Stop,
}

impl Watch {
    async fn step(mut self) -> Option<(Result<RestoreJob, Error>, Self)> {
        let transport = std::sync::Arc::clone(self.wait.restores.client().transport());
        loop {
            let left = self
                .wait
                .longest
                .saturating_sub(transport.clock.monotonic().saturating_sub(self.start));
            match self.next {
                Next::Stop => return None,
                Next::Pause if left.is_zero() => {
                    self.next = Next::Stop;
                    let error = Error::new(
                        ErrorKind::WaitedTooLong,
                        "the restore is not done in the time given; it goes on, so look at it again later",
                    );
                    return Some((Err(error.with_job(self.last.clone())), self));
                }
                // The last look is at the deadline itself, however short the rest is.
                Next::Pause => {
                    let share = transport.random.share();
                    let pause = self.wait.interval.mul_f64(1.0 + share / 10.0).min(left);
                    transport.sleep.sleep(pause).await;
                    self.next = Next::Look;
                }
                Next::Look => {
                    let state = self.wait.restores.status(&self.wait.job_id).await;
                    if let Some(seen) = self.take(state) {
                        return Some((seen, self));
                    }
                }
            }
        }
    }

    /// What a look comes to. A failure that may pass is no news of the job.
    fn take(&mut self, state: Result<RestoreJob, Error>) -> Option<Result<RestoreJob, Error>> {
        match state {
            Err(error) if error.is_retryable() => {
                self.next = Next::Pause;
                None
            }
            Err(error) => {
                self.next = Next::Stop;
                Some(Err(error.with_job(self.last.clone())))
            }
            Ok(job) => {
                self.last = Some(job.clone());
                let (next, seen) = match job.outcome() {
                    RestoreOutcome::Done => (Next::Stop, Ok(job)),
                    RestoreOutcome::Failed => (Next::Stop, Err(failed(job))),
                    _ => (Next::Pause, Ok(job)),
                };
                self.next = next;
                Some(seen)
            }
        }
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
    .with_job(Some(job))
}
