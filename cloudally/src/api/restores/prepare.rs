//! A restore that was checked and not yet sent.

use std::sync::Arc;

use cloudally_gen::extra::Extra;
use cloudally_gen::id::JobId;
use cloudally_gen::json;
use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, CreateRestoreRequest};
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use http::StatusCode;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::handle::RestoreHandle;
use super::job::unwrapped;
use super::job_id::{bare_job_id, find_job_id, id_in_location};
use super::saved::SavedRestore;
use crate::attempt::FailedCall;
use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::response::{Response, ResponseParts};

/// A restore that was checked and not yet sent; see
/// [`Restores::prepare`](super::Restores::prepare).
///
/// It serialises as a [`SavedRestore`]. Store it before it is sent: no operation lists restores, so
/// a program that dies between the request and the moment when it stores the job would leave no
/// trace of it.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// # let request = cloudally::types::RestoreRequest::new("T-1");
/// let prepared = client.restores().prepare(request)?;
/// std::fs::write("restore.json", serde_json::to_string(&prepared)?)?; // what will be requested
/// let restore = prepared.send().await?;
/// std::fs::write("restore.json", serde_json::to_string(&restore)?)?; // and the job
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a prepared restore is not sent until `send` is awaited"]
pub struct PreparedRestore {
    client: Client,
    request: Arc<RestoreRequest>,
    prepared_at: jiff::Timestamp,
}

impl PreparedRestore {
    pub(super) fn new(client: &Client, request: RestoreRequest) -> Result<Self, Error> {
        check(&request)?;
        Ok(Self {
            client: client.clone(),
            request: Arc::new(request),
            prepared_at: client.transport().clock.now(),
        })
    }

    /// Returns what will be requested.
    #[must_use]
    pub fn request(&self) -> &RestoreRequest {
        &self.request
    }

    #[cfg(feature = "restore-record")]
    pub(crate) fn prepared_at(&self) -> jiff::Timestamp {
        self.prepared_at
    }

    #[cfg(feature = "restore-record")]
    pub(crate) fn transport(&self) -> &crate::transport::Transport {
        self.client.transport()
    }

    /// Sends the request, at most once; see [`Restores::create`](super::Restores::create).
    ///
    /// It is consumed, so that it cannot be sent twice by mistake. If it fails with a kind that
    /// says that nothing was carried out, remove what was stored, and prepare it again.
    ///
    /// # Errors
    /// As with [`Restores::create`](super::Restores::create).
    pub fn send(self) -> Call<RestoreHandle> {
        Call::new(async move {
            let request = Arc::clone(&self.request);
            let sent = self.send_once().await;
            sent.map_err(|error| match &request.task_id {
                Some(id) => error.with_subject(format!("task {id}")),
                None => error,
            })
        })
    }

    async fn send_once(self) -> Result<Response<RestoreHandle>, Error> {
        let endpoint = CreateRestoreRequest {
            body: Arc::clone(&self.request),
        };
        let accepted = match self.client.send(&endpoint, |request| request).await {
            Ok(response) => Accepted::from(response),
            Err(failed) => Accepted::despite(failed)?,
        };
        let Some(id) = accepted.job_id(&self.request) else {
            return Err(missing_job_id(accepted));
        };
        let Accepted { job, parts, .. } = accepted;
        let handle = RestoreHandle {
            client: self.client,
            id,
            initial_job: job,
            request: Some(self.request),
            prepared_at: Some(self.prepared_at),
            is_new: true,
        };
        Ok(Response::new(handle, parts))
    }
}

impl From<&PreparedRestore> for SavedRestore {
    fn from(prepared: &PreparedRestore) -> Self {
        Self::new(Some(&prepared.request), Some(prepared.prepared_at), None)
    }
}

impl Serialize for PreparedRestore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SavedRestore::from(self).serialize(serializer)
    }
}

/// Refuses a request that says nothing, and a name in `extra` that is also set as a field: both
/// would be sent, and the service would pick one.
fn check(request: &RestoreRequest) -> Result<(), Error> {
    let refuse = |what: std::fmt::Arguments<'_>| {
        Err(Error::invalid_input(what).with_operation(CREATE_RESTORE_REQUEST.id))
    };
    if *request == RestoreRequest::default() {
        return refuse(format_args!(
            "the restore request has no field; set at least `task_id`"
        ));
    }
    if request
        .task_id
        .as_ref()
        .is_some_and(|id| id.as_str().trim().is_empty())
    {
        return refuse(format_args!("the task id is empty"));
    }
    if request.extra.is_empty() {
        return Ok(());
    }
    let mut fields = request.clone();
    fields.extra = Extra::default();
    let fields = serde_json::to_value(&fields).unwrap_or_default();
    match request.extra.keys().find(|name| fields.get(name).is_some()) {
        None => Ok(()),
        Some(name) => refuse(format_args!(
            "`{name}` is set as a field and in `extra`; keep one of them"
        )),
    }
}

/// A response that says that a restore was accepted.
struct Accepted {
    job: RestoreJob,
    /// The body, if it is no job.
    bare: Option<Value>,
    parts: ResponseParts,
    /// Why the response cannot be read.
    problem: Option<Error>,
}

impl From<Response<RestoreJob>> for Accepted {
    fn from(response: Response<RestoreJob>) -> Self {
        let job = unwrapped(response.value);
        Self {
            bare: job.extra.get("data").cloned(),
            job,
            parts: response.parts,
            problem: None,
        }
    }
}

impl Accepted {
    /// Reads what can be read of a response that is not as documented. Some statuses say that the
    /// restore was accepted, whatever became of the body; another success does if it is JSON. A web
    /// page or an error does not.
    fn despite(failed: FailedCall) -> Result<Self, Error> {
        let Some(parts) = failed.parts.filter(|parts| parts.status().is_success()) else {
            return Err(failed.error);
        };
        let is_created = parts.status() == StatusCode::CREATED;
        let is_telling = is_created || matches!(parts.status().as_u16(), 202 | 204 | 205);
        let names_a_job = is_created && id_in_location(parts.headers()).is_some();
        let body: Option<Value> = json::decode(&failed.body).ok();
        if failed.is_foreign && !names_a_job || !is_telling && body.is_none() {
            return Err(failed.error);
        }
        let text = || std::str::from_utf8(&failed.body).ok().map(Value::from);
        let body = body.or_else(text).filter(|_| !failed.is_foreign);
        let (job, bare) = match body {
            Some(job @ Value::Object(_)) => {
                let job = RestoreJob::from_value(job).map(unwrapped);
                let job = job.unwrap_or_default();
                let bare = job.extra.get("data").cloned();
                (job, bare)
            }
            bare => (RestoreJob::default(), bare),
        };
        Ok(Self {
            job,
            bare,
            parts: *parts,
            problem: Some(failed.error),
        })
    }

    fn job_id(&self, request: &RestoreRequest) -> Option<JobId> {
        let named = find_job_id(&self.job, self.parts.headers(), request);
        named.or_else(|| bare_job_id(self.bare.as_ref()?, request))
    }
}

fn missing_job_id(accepted: Accepted) -> Error {
    let detail = "the restore was accepted, and the response does not name its job; look for it in the portal";
    let error = Error::new(ErrorKind::MissingJobId, detail)
        .with_operation(CREATE_RESTORE_REQUEST.id)
        .with_parts(accepted.parts)
        .with_job(Some(accepted.job));
    match accepted.problem {
        Some(problem) => error.with_cause(problem),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_set_twice_is_refused() {
        let request = RestoreRequest::default().with_extra("taskId", "other");
        assert!(check(&request).is_ok());
        let error = check(&request.with_task_id("this")).unwrap_err();
        assert!(error.to_string().contains("`taskId`"), "{error}");
    }

    #[test]
    fn a_request_that_says_nothing_is_refused() {
        for (request, named) in [
            (RestoreRequest::default(), "no field"),
            (RestoreRequest::new(" "), "task id is empty"),
        ] {
            let error = check(&request).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(check(&RestoreRequest::default().with_extra("new", 1)).is_ok());
    }
}
