//! Restore jobs.
//!
//! Evidence: spec for the paths, inferred for everything else.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::data::{Origin, Stream, uuid};

/// The `entityName` whose restore fails.
const FAILING_ENTITY: &str = "fail";

/// The number of jobs that are kept.
const REMEMBERED: usize = 10_000;

/// The percentage of its duration that a job spends as `PENDING`.
const PENDING_UNTIL: i128 = 10;

#[derive(Debug)]
pub(crate) struct Restores {
    duration: Duration,
    jobs: Mutex<Jobs>,
}

#[derive(Debug)]
struct Jobs {
    rng: ChaCha8Rng,
    by_id: HashMap<String, Job>,
    order: VecDeque<String>,
}

/// A job. Its size does not depend on the request, so that the number of jobs bounds the memory.
#[derive(Debug)]
struct Job {
    created: Timestamp,
    account: Arc<Account>,
    target: Option<Target>,
    fails: bool,
}

/// The hash of a task and an entity.
type Target = [u8; 32];

/// A restore request, and the account that sent it.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) account: Arc<Account>,
    pub(crate) task: Option<&'a str>,
    pub(crate) entity: Option<&'a str>,
}

impl Request<'_> {
    /// Returns the hash of the target, or `None` for a request without a task, which conflicts with
    /// no other.
    fn target(&self) -> Option<Target> {
        let (task, entity) = (self.task?, self.entity);
        let text = serde_json::json!([task, entity]).to_string();
        Some(Sha256::digest(text).into())
    }
}

/// The same task and entity are being restored already.
#[derive(Debug)]
pub(crate) struct Conflict;

/// A job as the service serves it.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    pub(crate) job_id: String,
    status: &'static str,
    /// The progress in percent.
    progress: i128,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

impl Restores {
    pub(crate) fn new(origin: Origin, duration: Duration) -> Self {
        Self {
            duration,
            jobs: Mutex::new(Jobs {
                rng: origin.rng(Stream::Restores),
                by_id: HashMap::new(),
                order: VecDeque::new(),
            }),
        }
    }

    /// Starts a job, unless one for the same task and entity is running.
    pub(crate) fn create(&self, request: Request<'_>, now: Timestamp) -> Result<JobView, Conflict> {
        let target = request.target();
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = |job: &Job| percent(now.duration_since(job.created), self.duration) < 100;
        let is_same = |job: &Job| job.target == target && runs(job);
        if target.is_some() && jobs.by_id.values().any(is_same) {
            return Err(Conflict);
        }
        let id = uuid(&mut jobs.rng);
        let job = Job {
            created: now,
            target,
            fails: request.entity == Some(FAILING_ENTITY),
            account: request.account,
        };
        let view = job.view(id.clone(), self.duration, now);
        jobs.by_id.insert(id.clone(), job);
        jobs.order.push_back(id);
        if jobs.order.len() > REMEMBERED
            && let Some(oldest) = jobs.order.pop_front()
        {
            jobs.by_id.remove(&oldest);
        }
        Ok(view)
    }

    /// Returns the job with this id, if the account created it.
    pub(crate) fn get(&self, id: &str, account: &Account, now: Timestamp) -> Option<JobView> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs.by_id.get(id)?;
        (job.account.credentials.email == account.credentials.email)
            .then(|| job.view(id.to_owned(), self.duration, now))
    }
}

impl Job {
    /// Returns the job's state, which follows from the time alone, so that nothing has to run in
    /// the background.
    fn view(&self, job_id: String, duration: Duration, now: Timestamp) -> JobView {
        let (status, progress, message) = match (
            percent(now.duration_since(self.created), duration),
            self.fails,
        ) {
            (..PENDING_UNTIL, _) => ("PENDING", 0, None),
            (progress @ ..100, _) => ("IN_PROGRESS", progress, None),
            (_, false) => ("COMPLETED", 100, None),
            (_, true) => ("FAILED", 99, Some("The entity could not be restored")),
        };
        JobView {
            job_id,
            status,
            progress,
            message,
        }
    }
}

/// Returns the elapsed part of `total` in percent, from 0 to 100.
fn percent(elapsed: SignedDuration, total: Duration) -> i128 {
    let total = i128::try_from(total.as_nanos()).unwrap_or(i128::MAX);
    (elapsed.as_nanos().max(0) * 100)
        .checked_div(total)
        .unwrap_or(100)
        .min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_stay_in_range() {
        let second = Duration::from_secs(1);
        assert_eq!(percent(SignedDuration::from_millis(-5), second), 0);
        assert_eq!(percent(SignedDuration::from_millis(555), second), 55);
        assert_eq!(percent(SignedDuration::MAX, second), 100);
        assert_eq!(percent(SignedDuration::MAX, Duration::MAX), 49);
        assert_eq!(percent(SignedDuration::ZERO, Duration::ZERO), 100);
    }
}
