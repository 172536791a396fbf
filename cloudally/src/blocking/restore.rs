//! Restores, waited for by blocking.

use std::future::IntoFuture;
use std::iter::FusedIterator;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::list::next;
use super::runtime::Runtime;
use crate::api;
use crate::api::SavedRestore;
use crate::error::Error;
#[cfg(feature = "restore-record")]
use crate::restore_record::{Recording, RestoreRecord};
use crate::types::{JobId, RestoreJob, RestoreRequest};

/// A restore that was accepted; see [`RestoreHandle`](api::RestoreHandle).
///
/// # Examples
///
/// ```no_run
/// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// let request = cloudally::types::RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10");
/// let restore = client.restores().create(request)?;
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

    /// Returns the id of the job.
    #[must_use]
    pub fn id(&self) -> &JobId {
        self.handle.id()
    }

    /// Returns what the response that created the job says about it.
    #[must_use]
    pub fn initial_job(&self) -> &RestoreJob {
        self.handle.initial_job()
    }

    /// Returns what was requested; see [`RestoreHandle::request`](api::RestoreHandle::request).
    #[must_use]
    pub fn request(&self) -> Option<&RestoreRequest> {
        self.handle.request()
    }

    /// Reads the current state of the job.
    ///
    /// # Errors
    /// As with [`RestoreHandle::status`](api::RestoreHandle::status), and within an asynchronous
    /// runtime.
    pub fn status(&self) -> Result<RestoreJob, Error> {
        self.runtime.wait(self.handle.status())
    }

    /// Waits until the job is done, for at most `max_wait`; see
    /// [`RestoreHandle::wait`](api::RestoreHandle::wait).
    pub fn wait(&self, max_wait: Duration) -> RestoreWaiter {
        RestoreWaiter {
            wait: self.handle.wait(max_wait),
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

/// A restore that was checked and not yet sent; see [`PreparedRestore`](api::PreparedRestore).
#[derive(Debug)]
#[must_use = "a prepared restore is not sent until `send` is called"]
pub struct PreparedRestore {
    prepared: api::PreparedRestore,
    runtime: Arc<Runtime>,
}

impl PreparedRestore {
    pub(super) fn new(prepared: api::PreparedRestore, runtime: &Arc<Runtime>) -> Self {
        Self {
            prepared,
            runtime: Arc::clone(runtime),
        }
    }

    /// Returns what will be requested.
    #[must_use]
    pub fn request(&self) -> &RestoreRequest {
        self.prepared.request()
    }

    /// Sends the request, waits for at most `max_wait`, and records it; see
    /// [`record`](crate::restore_record::record).
    ///
    /// # Errors
    /// As there, and within an asynchronous runtime.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// let request = cloudally::types::RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10");
    /// let prepared = client.restores().prepare(request)?;
    /// let hour = Duration::from_secs(3600);
    /// let record = prepared.record(hour, |recording| recording.purpose("ticket 4711"))?;
    /// println!("{}", record.to_markdown());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "restore-record")]
    #[cfg_attr(docsrs, doc(cfg(feature = "restore-record")))]
    pub fn record(
        self,
        max_wait: Duration,
        change: impl FnOnce(Recording) -> Recording,
    ) -> Result<RestoreRecord, Error> {
        let recording = change(crate::restore_record::record(self.prepared, max_wait));
        self.runtime.wait(recording.into_future())
    }

    /// Sends the request, at most once; see [`PreparedRestore::send`](api::PreparedRestore::send).
    ///
    /// # Errors
    /// As with [`Restores::create`](api::Restores::create), and within an asynchronous runtime.
    pub fn send(self) -> Result<RestoreHandle, Error> {
        let handle = self.runtime.wait(self.prepared.send())?;
        Ok(RestoreHandle::new(handle, &self.runtime))
    }
}

impl From<&PreparedRestore> for SavedRestore {
    fn from(prepared: &PreparedRestore) -> Self {
        Self::from(&prepared.prepared)
    }
}

impl Serialize for PreparedRestore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.prepared.serialize(serializer)
    }
}

/// Waits for a restore; see [`RestoreWaiter`](crate::api::RestoreWaiter).
#[derive(Clone, Debug)]
#[must_use = "a waiter does nothing until `done` or `states` is called"]
pub struct RestoreWaiter {
    wait: api::RestoreWaiter,
    runtime: Arc<Runtime>,
}

impl RestoreWaiter {
    /// Sets the interval between two polls; see
    /// [`RestoreWaiter::interval`](crate::api::RestoreWaiter::interval).
    pub fn interval(self, interval: Duration) -> Self {
        Self {
            wait: self.wait.interval(interval),
            runtime: self.runtime,
        }
    }

    /// Blocks until the job is done, and returns its last state.
    ///
    /// # Errors
    /// [`ErrorKind::JobFailed`](crate::ErrorKind::JobFailed) if the job failed,
    /// [`ErrorKind::WaitTimeout`](crate::ErrorKind::WaitTimeout) if it was not done in time, the
    /// error of a poll that waiting cannot fix, or within an asynchronous runtime.
    pub fn done(self) -> Result<RestoreJob, Error> {
        self.runtime.wait(self.wait.into_future())
    }

    /// Iterates over the states of the job as they are polled; see
    /// [`RestoreWaiter::states`](crate::api::RestoreWaiter::states).
    pub fn states(self) -> RestoreStates {
        RestoreStates {
            states: self.wait.states(),
            runtime: self.runtime,
            is_over: false,
        }
    }
}

/// The states of a restore, as an iterator.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct RestoreStates {
    states: api::RestoreStates,
    runtime: Arc<Runtime>,
    is_over: bool,
}

impl FusedIterator for RestoreStates {}

impl Iterator for RestoreStates {
    type Item = Result<RestoreJob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        next(&self.runtime, &mut self.states, &mut self.is_over)
    }
}
