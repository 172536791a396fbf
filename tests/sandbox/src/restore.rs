//! Restore jobs. What is known of the real ones is that they exist: all of this is inferred.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::data::{Origin, Stream, uuid};

/// A job begins to work when this part of its time has gone by, in percent.
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
}

#[derive(Debug, Clone, Copy)]
struct Job {
    created: Timestamp,
    fails: bool,
}

/// A job as the service shows it.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    pub(crate) job_id: String,
    status: &'static str,
    /// Percent.
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
            }),
        }
    }

    pub(crate) fn create(&self, fails: bool, now: Timestamp) -> JobView {
        let job = Job {
            created: now,
            fails,
        };
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let id = uuid(&mut jobs.rng);
        jobs.by_id.insert(id.clone(), job);
        job.view(id, self.duration, now)
    }

    pub(crate) fn get(&self, id: &str, now: Timestamp) -> Option<JobView> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs.by_id.get(id)?;
        Some(job.view(id.to_owned(), self.duration, now))
    }
}

impl Job {
    /// The state follows from the time alone, so that nothing has to run in the background.
    fn view(self, job_id: String, duration: Duration, now: Timestamp) -> JobView {
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

/// How much of `total` has gone by, from 0 to 100.
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
