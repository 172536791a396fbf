//! A restore that was checked and not yet sent.

use std::sync::Arc;

use cloudally_gen::extra::Extra;
use cloudally_gen::id::JobId;
use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, CreateRestoreRequest};
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};

use super::handle::RestoreHandle;
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

    /// Sends the request, at most once; see [`Restores::create`](super::Restores::create).
    ///
    /// It is consumed, so that it cannot be sent twice by mistake. If it fails with a kind that
    /// says that nothing was carried out, remove what was stored, and prepare it again.
    ///
    /// # Errors
    /// As with [`Restores::create`](super::Restores::create).
    pub fn send(self) -> Call<RestoreHandle> {
        Call::new(async move {
            let task = self.request.task_id.clone();
            let sent = self.send_once().await;
            sent.map_err(|error| match task {
                Some(id) => error.with_subject(format!("task {id}")),
                None => error,
            })
        })
    }

    async fn send_once(self) -> Result<Response<RestoreHandle>, Error> {
        let body = &self.request;
        let sent = self
            .client
            .send::<CreateRestoreRequest, _>(|request| request.body(Arc::clone(body)));
        let (job, parts, problem) = match sent.await {
            Ok(response) => (response.value, response.parts, None),
            Err(failed) => accepted(failed)?,
        };
        let id = job
            .job_id
            .clone()
            .filter(|id| !id.as_str().is_empty())
            .or_else(|| id_from_location(parts.headers()));
        let Some(id) = id else {
            return Err(missing_job_id(job, parts, problem));
        };
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

/// Any success says that the restore was accepted, even if the response cannot be decoded. What can
/// be read is kept, and so is the reason why the rest cannot.
fn accepted(failed: FailedCall) -> Result<(RestoreJob, ResponseParts, Option<Error>), Error> {
    match failed.parts {
        Some(parts) if parts.status().is_success() => {
            let job = serde_json::from_slice(&failed.body)
                .ok()
                .and_then(RestoreJob::from_value);
            Ok((job.unwrap_or_default(), *parts, Some(failed.error)))
        }
        _ => Err(failed.error),
    }
}

fn missing_job_id(job: RestoreJob, parts: ResponseParts, problem: Option<Error>) -> Error {
    let detail = "the restore was accepted, and the response does not name its job; look for it in the portal";
    let error = Error::new(ErrorKind::MissingJobId, detail)
        .with_operation(CREATE_RESTORE_REQUEST.id)
        .with_parts(parts)
        .with_job(Some(job));
    match problem {
        Some(problem) => error.with_cause(problem),
        None => error,
    }
}

/// The id at the end of a `Location`, where a 201 usually has it. Evidence: inferred.
fn id_from_location(headers: &HeaderMap) -> Option<JobId> {
    let location = headers.get(http::header::LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let id = path.trim_end_matches('/').rsplit_once("/restore/")?.1;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    // It is encoded again when it becomes part of a path.
    Some(percent_decode_str(id).decode_utf8().ok()?.as_ref().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

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

    #[test]
    fn the_id_is_read_from_the_location() {
        for (location, expected) in [
            ("/v1/restore/J-1", Some("J-1")),
            ("https://api.cloudally.com/v1/restore/J-1/?a=b", Some("J-1")),
            ("/v1/restore/J%201", Some("J 1")),
            ("/v1/restore/", None),
            ("/v1/restore/J-1/items", None),
            ("/elsewhere/J-1", None),
        ] {
            let headers = HeaderMap::from_iter([(
                http::header::LOCATION,
                HeaderValue::from_static(location),
            )]);
            assert_eq!(
                id_from_location(&headers),
                expected.map(JobId::from),
                "{location}"
            );
        }
    }
}
