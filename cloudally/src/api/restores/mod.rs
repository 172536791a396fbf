//! Restores: create one, wait for it, and find it again in another program.

mod handle;
mod job;
mod job_id;
mod prepare;
mod saved;
mod wait;

pub use self::handle::RestoreHandle;
pub use self::prepare::PreparedRestore;
pub use self::saved::SavedRestore;
#[cfg(feature = "restore-record")]
pub(crate) use self::wait::check_interval;
pub use self::wait::{RestoreStates, RestoreWaiter};

use std::sync::Arc;

use cloudally_gen::id::JobId;
use cloudally_gen::operations::CREATE_RESTORE_REQUEST;
use cloudally_gen::types::{RestoreJob, RestoreRequest};

use crate::api::resource;
use crate::call::Call;
use crate::error::{Error, ErrorKind};

resource! {
    /// Creates restores and waits for them.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use std::time::Duration;
    /// use cloudally::types::RestoreRequest;
    /// let task = client.tasks().list().max_items(1).collect().await?.remove(0);
    /// let task_id = task.id.ok_or("a task without an id")?;
    /// let request = RestoreRequest::new(task_id).with_entity_name("ann@acme.example.com");
    /// let restore = client.restores().create(request).await?;
    /// # sandbox.advance(Duration::from_secs(3600));
    /// let job = restore.wait(Duration::from_secs(3600)).await?;
    /// println!("{:?}", job.status);
    /// # Ok(())
    /// # }
    /// ```
    Restores
}

impl Restores {
    /// Requests a restore: `POST /v1/restore`.
    ///
    /// The request is sent at most once: it is repeated only if no connection could be made, or if
    /// the service refused the token, and so did not look at the request. Fields that
    /// [`RestoreRequest`] does not name go into its `extra`.
    ///
    /// A program that dies while it waits for the response loses the restore, because no operation
    /// lists restores. [`prepare`](Self::prepare) avoids that.
    ///
    /// [Evidence](crate#evidence): spec for the path, inferred for the fields of request and
    /// response.
    ///
    /// # Errors
    /// - [`ErrorKind::OutcomeUnknown`]: the restore may have been accepted. Look in the portal
    ///   before you send it again.
    /// - [`ErrorKind::MissingJobId`]: it was accepted, and the response does not name its job.
    /// - [`ErrorKind::InvalidInput`]: nothing is set, the task id is empty, or a name is set as a
    ///   field and in `extra`.
    /// - Otherwise as with every call, and then nothing is restored. The error of a failed call
    ///   names the task.
    pub fn create(&self, request: RestoreRequest) -> Call<RestoreHandle> {
        match self.prepare(request) {
            Ok(prepared) => prepared.send(),
            Err(error) => Call::new(std::future::ready(Err(error))),
        }
    }

    /// Checks a request for a restore, and returns it in a form that can be stored before it is
    /// sent.
    ///
    /// If the program dies before it has stored the job, another one can [`resume`](Self::resume)
    /// what was stored, and learns what was requested.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if nothing is set, the task id is empty, or a name is set as a
    /// field and in `extra`.
    pub fn prepare(&self, request: RestoreRequest) -> Result<PreparedRestore, Error> {
        PreparedRestore::new(&self.client, request)
    }

    /// Reads the state of a restore job: `GET /v1/restore/{jobId}`.
    ///
    /// [Evidence](crate#evidence): spec for the path, inferred for the fields.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let task = client.tasks().list().max_items(1).collect().await?.remove(0).id.ok_or("no id")?;
    /// # let request = cloudally::types::RestoreRequest::new(task);
    /// # let id = client.restores().create(request).await?.id().clone();
    /// let job = client.restores().status(id).await?;
    /// println!("{:?}, {:?} %", job.status, job.progress);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none with this id; [`ErrorKind::InvalidInput`] if the id
    /// cannot be one; otherwise as with every call. The error names the job.
    pub fn status(&self, job_id: impl Into<JobId>) -> Call<RestoreJob> {
        self.job(job_id).status()
    }

    /// Returns a handle of a restore that was created earlier, by its job id.
    #[must_use]
    pub fn job(&self, job_id: impl Into<JobId>) -> RestoreHandle {
        RestoreHandle {
            client: self.client.clone(),
            id: job_id.into(),
            initial_job: RestoreJob::default(),
            request: None,
            prepared_at: None,
            is_new: false,
        }
    }

    /// Returns a handle of a restore that was [saved](SavedRestore), perhaps by another program.
    /// Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::OutcomeUnknown`] if only the request was saved: it may have been sent or not.
    /// The error says what was requested; look for it in the portal, and only if it is not there
    /// [`create`](Self::create) it from [`SavedRestore::request`].
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let request = cloudally::types::RestoreRequest::new("T-1");
    /// # let stored = serde_json::to_string(&client.restores().prepare(request)?)?;
    /// use cloudally::ErrorKind;
    /// let saved = serde_json::from_str(&stored)?;
    /// match client.restores().resume(saved) {
    ///     Ok(restore) => println!("job {}", restore.id()),
    ///     Err(error) if error.kind() == ErrorKind::OutcomeUnknown => println!("{error}"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, saved: SavedRestore) -> Result<RestoreHandle, Error> {
        let Some(id) = saved.job_id else {
            return Err(unknown_intent(&saved));
        };
        Ok(RestoreHandle {
            client: self.client.clone(),
            id,
            initial_job: saved.initial_job,
            request: saved.request.map(Arc::new),
            prepared_at: saved.prepared_at.and_then(|at| at.instant()),
            is_new: false,
        })
    }
}

/// The error of a restore of which only the request was stored.
fn unknown_intent(saved: &SavedRestore) -> Error {
    let request = saved.request.as_ref();
    let task = request.and_then(|request| request.task_id.as_ref());
    let entity = request.and_then(|request| request.entity_name.as_deref());
    let task = task.map_or_else(String::new, |id| format!(" of the task {id}"));
    let entity = entity.map_or_else(String::new, |name| format!(", entity {name}"));
    let at = saved.prepared_at.as_ref();
    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
    let detail = format!(
        "a restore{task}{entity} was prepared{at}, and whether it was sent is unknown; look in the portal before you send it again"
    );
    Error::new(ErrorKind::OutcomeUnknown, detail).with_operation(CREATE_RESTORE_REQUEST.id)
}
