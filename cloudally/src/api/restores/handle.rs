//! A restore that was accepted.

use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::id::JobId;
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use serde::{Serialize, Serializer};

use super::job::read_job;
use super::saved::SavedRestore;
use super::wait::RestoreWaiter;
use crate::call::Call;
use crate::client::Client;

/// A restore that was accepted.
///
/// It serialises as a [`SavedRestore`], from which another program can
/// [resume](super::Restores::resume) it.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// # let request = cloudally::types::RestoreRequest::new("T-1");
/// use std::time::Duration;
/// let restore = client.restores().create(request).await?;
/// std::fs::write("restore.json", serde_json::to_string(&restore)?)?;
/// // Later, in another program:
/// let saved = serde_json::from_str(&std::fs::read_to_string("restore.json")?)?;
/// let job = client.restores().resume(saved)?.wait(Duration::from_secs(3600)).await?;
/// println!("{:?}", job.outcome());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RestoreHandle {
    pub(super) client: Client,
    pub(super) id: JobId,
    pub(super) initial_job: RestoreJob,
    pub(super) request: Option<Arc<RestoreRequest>>,
    pub(super) prepared_at: Option<jiff::Timestamp>,
    /// Whether the job was created just now.
    pub(super) is_new: bool,
}

impl RestoreHandle {
    /// Returns the id of the job.
    #[must_use]
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// Returns what the response that created the job says about it, which may be nothing.
    #[must_use]
    pub fn initial_job(&self) -> &RestoreJob {
        &self.initial_job
    }

    /// Returns what was requested, if this program or the one that saved the restore requested it.
    #[must_use]
    pub fn request(&self) -> Option<&RestoreRequest> {
        self.request.as_deref()
    }

    /// Reads the current state of the job.
    ///
    /// # Errors
    /// As with [`Restores::status`](super::Restores::status).
    pub fn status(&self) -> Call<RestoreJob> {
        let (client, id) = (self.client.clone(), self.id.clone());
        Call::new(async move { read_job(&client, &id).await })
    }

    /// Waits until the job is done, for at most `max_wait`, and up to 1 s more for a last poll.
    ///
    /// Polls that fail in a way that may pass are repeated, and so are those that do not find the
    /// job in the first 10 s after it was created, and up to two in a row that are answered with a
    /// web page, a redirect or nothing.
    pub fn wait(&self, max_wait: Duration) -> RestoreWaiter {
        RestoreWaiter::new(self.client.clone(), self.id.clone(), self.is_new, max_wait)
    }
}

impl From<&RestoreHandle> for SavedRestore {
    fn from(handle: &RestoreHandle) -> Self {
        let job = Some((&handle.id, &handle.initial_job));
        Self::new(handle.request.as_deref(), handle.prepared_at, job)
    }
}

impl Serialize for RestoreHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SavedRestore::from(self).serialize(serializer)
    }
}
