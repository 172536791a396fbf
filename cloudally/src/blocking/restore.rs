//! Restores that are waited for.

use std::future::IntoFuture;
use std::iter::FusedIterator;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::list::next;
use super::runtime::Runtime;
use crate::api::SavedRestore;
use crate::error::Error;
use crate::types::{JobId, RestoreJob};
use crate::{api, wait};

/// A restore that was accepted; see [`RestoreHandle`](api::RestoreHandle).
///
/// ```no_run
/// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// let mut request = cloudally::types::RestoreRequest::default();
/// request.task_id = Some("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10".into());
/// let restore = client.restores().create(&request)?;
/// println!("{:?}", restore.wait(Duration::from_secs(3600)).done()?.status);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RestoreHandle {
    handle: api::RestoreHandle,
    runtime: Arc<Runtime>,
}

impl RestoreHandle {
    pub(super) fn new(handle: api::RestoreHandle, runtime: &Arc<Runtime>) -> Self {
        Self {
            handle,
            runtime: Arc::clone(runtime),
        }
    }

    /// The id, by which the restore can be found again.
    #[must_use]
    pub fn id(&self) -> &JobId {
        self.handle.id()
    }

    /// What the answer told of the restore when it was created.
    #[must_use]
    pub fn created(&self) -> &RestoreJob {
        self.handle.created()
    }

    /// How the restore stands now.
    ///
    /// # Errors
    /// If the call fails, or within an asynchronous runtime.
    pub fn status(&self) -> Result<RestoreJob, Error> {
        self.runtime.wait(self.handle.status())
    }

    /// Waits until the restore is done, at most this long; see [`RestoreHandle::wait`](api::RestoreHandle::wait).
    pub fn wait(&self, longest: Duration) -> Wait {
        Wait {
            wait: self.handle.wait(longest),
            runtime: Arc::clone(&self.runtime),
        }
    }
}

impl From<&RestoreHandle> for SavedRestore {
    fn from(handle: &RestoreHandle) -> Self {
        Self::from(&handle.handle)
    }
}

impl Serialize for RestoreHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.handle.serialize(serializer)
    }
}

/// Watches a restore; see [`Wait`](crate::Wait).
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing until `done` or `states` is called"]
pub struct Wait {
    wait: wait::Wait,
    runtime: Arc<Runtime>,
}

impl Wait {
    /// How long to wait between two looks; see [`Wait::interval`](crate::Wait::interval).
    pub fn interval(self, interval: Duration) -> Self {
        Self {
            wait: self.wait.interval(interval),
            runtime: self.runtime,
        }
    }

    /// Waits for the end of the job, and gives its last state.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`](crate::ErrorKind::JobFailed),
    /// [`ErrorKind::WaitedTooLong`](crate::ErrorKind::WaitedTooLong), the error of a look that cannot be mended by
    /// waiting, or within an asynchronous runtime.
    pub fn done(self) -> Result<RestoreJob, Error> {
        self.runtime.wait(self.wait.into_future())
    }

    /// The states of the job as they are seen; see [`Wait::states`](crate::Wait::states).
    pub fn states(self) -> States {
        States {
            states: self.wait.states(),
            runtime: self.runtime,
            is_over: false,
        }
    }
}

/// The states of a restore, as an iterator.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct States {
    states: wait::States,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl FusedIterator for States {}

impl Iterator for States {
    type Item = Result<RestoreJob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        next(&self.runtime, &mut self.states, &mut self.is_over)
    }
}
