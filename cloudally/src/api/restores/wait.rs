//! Polls a restore job until it is done.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use cloudally_gen::id::JobId;
use cloudally_gen::models::RestoreOutcome;
use cloudally_gen::operations::GET_RESTORE_STATUS;
use cloudally_gen::types::RestoreJob;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::job::read_job;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::retry::retry_after::retry_after;

/// The shortest interval between two polls.
const MIN_INTERVAL: Duration = Duration::from_millis(100);
/// How long after its creation a job may be unknown: the server that accepted it may not be the one
/// that is polled.
const PROPAGATION: Duration = Duration::from_secs(10);
/// How many polls in a row can be answered by something that is not the service, such as a gateway
/// that is being restarted.
const MAX_FOREIGN: u32 = 3;
/// How long the last poll may take, which is made when the time is up.
const LAST_POLL: Duration = Duration::from_secs(1);

/// Waits for a restore: await it for the last state, or stream [`states`](Self::states) for all of
/// them.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// let mut states = client.restores().job("J-1").wait(Duration::from_secs(3600)).states();
/// while let Some(job) = states.try_next().await? {
///     println!("{:?} {:?}%", job.status, job.progress);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a waiter does nothing until it is awaited or streamed"]
pub struct RestoreWaiter {
    client: Client,
    job_id: JobId,
    /// Whether the job was created just now.
    is_new: bool,
    max_wait: Duration,
    interval: Duration,
}

impl RestoreWaiter {
    pub(super) fn new(client: Client, job_id: JobId, is_new: bool, max_wait: Duration) -> Self {
        Self {
            client,
            job_id,
            is_new,
            max_wait,
            interval: Duration::from_secs(5),
        }
    }

    /// Sets the interval between two polls; 5 s by default. With less than 100 ms, waiting is an
    /// [`ErrorKind::InvalidInput`].
    ///
    /// Up to a tenth is added at random, and a longer `Retry-After` of the service is obeyed.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Streams the states of the job as they are polled. The last one is that in which the job is
    /// done.
    ///
    /// A job that failed or was not done in time ends the stream with an error that
    /// [holds it](Error::job).
    pub fn states(self) -> RestoreStates {
        let started = self.client.transport().clock.monotonic();
        let next = match check_interval(self.interval) {
            Ok(()) => Step::Poll,
            Err(error) => Step::Fail(error),
        };
        let polling = Polling {
            waiter: self,
            started,
            last: None,
            foreign: 0,
            next,
        };
        RestoreStates(stream::unfold(polling, Polling::advance).fuse().boxed())
    }
}

impl IntoFuture for RestoreWaiter {
    type Output = Result<RestoreJob, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// Waits until the job is done, and returns its last state.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`] if the job failed, [`ErrorKind::WaitTimeout`] if it was not done in
    /// time, or the error of a poll that waiting cannot fix.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut states = self.states();
            let mut last = RestoreJob::default();
            while let Some(state) = states.try_next().await? {
                last = state;
            }
            Ok(last)
        })
    }
}

/// The states of a restore, as a stream; see [`RestoreWaiter::states`].
#[must_use = "a stream does nothing until it is polled"]
pub struct RestoreStates(BoxStream<'static, Result<RestoreJob, Error>>);

impl RestoreStates {
    /// Returns the next state, or `None` after the last one.
    ///
    /// # Errors
    /// As when the [`RestoreWaiter`] is awaited.
    pub async fn next(&mut self) -> Option<Result<RestoreJob, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the next state, or `Ok(None)` after the last one.
    ///
    /// # Errors
    /// As when the [`RestoreWaiter`] is awaited.
    pub async fn try_next(&mut self) -> Result<Option<RestoreJob>, Error> {
        self.next().await.transpose()
    }
}

impl Stream for RestoreStates {
    type Item = Result<RestoreJob, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for RestoreStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RestoreStates")
    }
}

struct Polling {
    waiter: RestoreWaiter,
    started: Duration,
    last: Option<RestoreJob>,
    /// How many of the last polls were answered by something that is not the service.
    foreign: u32,
    next: Step,
}

enum Step {
    Poll,
    Pause {
        /// The failure of the last poll, if it failed.
        failure: Option<Error>,
        retry_after: Duration,
    },
    Fail(Error),
    Stop,
}

impl Polling {
    async fn advance(mut self) -> Option<(Result<RestoreJob, Error>, Self)> {
        let client = self.waiter.client.clone();
        let transport = client.transport();
        loop {
            let elapsed = transport.clock.monotonic().saturating_sub(self.started);
            let left = self.waiter.max_wait.saturating_sub(elapsed);
            match std::mem::replace(&mut self.next, Step::Stop) {
                Step::Stop => return None,
                Step::Fail(error) => return Some((Err(error), self)),
                Step::Pause { failure, .. } if left.is_zero() => {
                    let error = wait_timeout(&self.waiter.job_id, self.last.clone(), failure);
                    return Some((Err(error), self));
                }
                Step::Pause { retry_after, .. } => {
                    let interval = self.waiter.interval.max(retry_after);
                    let pause = pause(interval, left, transport.random.jitter());
                    transport.sleep.sleep(pause).await;
                    self.next = Step::Poll;
                }
                Step::Poll => {
                    // The last poll is made at the deadline itself, and may take a moment.
                    let deadline = client.policy().deadline.min(left.max(LAST_POLL));
                    let policy = client.policy().deadline(deadline);
                    let polled =
                        read_job(&client.with_retry_policy(policy), &self.waiter.job_id).await;
                    let is_propagating = self.waiter.is_new && elapsed < PROPAGATION;
                    let now = transport.clock.now();
                    if let Some(state) = self.evaluate(polled, is_propagating, now) {
                        return Some((state, self));
                    }
                }
            }
        }
    }

    /// Decides what a poll means. A failure that may pass says nothing about the job.
    fn evaluate(
        &mut self,
        polled: Result<Response<RestoreJob>, Error>,
        is_propagating: bool,
        now: jiff::Timestamp,
    ) -> Option<Result<RestoreJob, Error>> {
        let Response { value: job, parts } = match polled {
            Ok(response) => response,
            Err(error) => {
                let is_unknown_yet =
                    is_propagating && self.last.is_none() && error.kind() == ErrorKind::NotFound;
                self.foreign = if is_foreign(&error) {
                    self.foreign + 1
                } else {
                    0
                };
                let is_passing = error.is_retryable() || is_unknown_yet;
                if !is_passing && !(1..MAX_FOREIGN).contains(&self.foreign) {
                    return Some(Err(error.with_job(self.last.clone())));
                }
                self.next = Step::Pause {
                    retry_after: error.retry_after().unwrap_or_default(),
                    failure: Some(error),
                };
                return None;
            }
        };
        self.foreign = 0;
        self.last = Some(job.clone());
        Some(match job.outcome() {
            RestoreOutcome::Done => Ok(job),
            RestoreOutcome::Failed => Err(job_failed(&self.waiter.job_id, job)),
            _ => {
                self.next = Step::Pause {
                    failure: None,
                    retry_after: retry_after(parts.headers(), now).unwrap_or_default(),
                };
                Ok(job)
            }
        })
    }
}

/// Refuses an interval between two polls that is too short.
pub(crate) fn check_interval(interval: Duration) -> Result<(), Error> {
    if interval >= MIN_INTERVAL {
        return Ok(());
    }
    let what = format!("the poll interval is {interval:?}; set at least {MIN_INTERVAL:?}");
    Err(Error::invalid_input(what).with_operation(GET_RESTORE_STATUS.id))
}

/// Whether the response was a web page, a redirect or nothing: no state of a job is one, and no
/// field of a job makes reading it fail.
fn is_foreign(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Decode | ErrorKind::UnexpectedRedirect
    )
}

/// The interval and up to a tenth more, within the time that is left.
fn pause(interval: Duration, left: Duration, jitter: f64) -> Duration {
    let interval = interval.min(left);
    interval
        .saturating_add(interval.mul_f64(jitter.clamp(0.0, 1.0) / 10.0))
        .min(left)
}

fn wait_timeout(id: &JobId, last: Option<RestoreJob>, failure: Option<Error>) -> Error {
    let detail = match &last {
        Some(job) => {
            let status = job
                .status
                .as_ref()
                .map_or("unknown", |status| status.as_str());
            format!("the restore was not done in time (last state: {status}); wait again later")
        }
        None => "the restore could not be polled in time; wait again later".to_owned(),
    };
    let error = Error::new(ErrorKind::WaitTimeout, detail)
        .with_operation(GET_RESTORE_STATUS.id)
        .with_subject(format!("job {id}"))
        .with_job(last);
    match failure {
        Some(failure) => error.with_cause(failure),
        None => error,
    }
}

fn job_failed(id: &JobId, job: RestoreJob) -> Error {
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
    let detail = format!("the restore ended as {status}{why}");
    Error::new(ErrorKind::JobFailed, detail)
        .with_operation(GET_RESTORE_STATUS.id)
        .with_subject(format!("job {id}"))
        .with_job(Some(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_and_bounded() {
        let second = Duration::from_secs(1);
        for (interval, left, jitter, expected) in [
            (second, 60 * second, 0.0, second),
            (second, 60 * second, 1.0, Duration::from_millis(1_100)),
            (second, second / 2, 1.0, second / 2),
            (Duration::MAX, Duration::MAX, 1.0, Duration::MAX),
            (Duration::MAX, second, 1.0, second),
        ] {
            assert_eq!(
                pause(interval, left, jitter),
                expected,
                "{interval:?} {left:?}"
            );
        }
    }
}
