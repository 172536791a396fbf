//! Restores.

use std::time::Duration;

use cloudally_gen::extra::Extra;
use cloudally_gen::id::JobId;
use cloudally_gen::operations::{CREATE_RESTORE_REQUEST, GET_RESTORE_STATUS};
use cloudally_gen::types::{RestoreJob, RestoreRequest};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::api::{path_id, resource};
use crate::call::Failed;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;
use crate::response::{Head, Response};
use crate::retry::policy::RetryPolicy;
use crate::wait::Wait;

resource! {
    /// Restores: ask for one, and wait for it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use std::time::Duration;
    /// let task = client.tasks().list().limit(1).all().await?.remove(0);
    /// let mut request = cloudally::types::RestoreRequest::default();
    /// request.task_id = task.id;
    /// request.entity_name = Some("ann@acme.example.com".to_owned());
    /// let restore = client.restores().create(&request).await?;
    /// # sandbox.advance(Duration::from_secs(3600));
    /// let job = restore.wait(Duration::from_secs(3600)).await?;
    /// println!("{:?}", job.status);
    /// # Ok(())
    /// # }
    /// ```
    Restores
}

impl Restores {
    /// Asks for a restore: `POST /v1/restore` (spec). It is sent at most once: again only if the
    /// connection could not be made, or if the token was refused and so the request not looked at.
    /// What is known of the request and of the answer is inferred; fields that the request does not name go into its
    /// `extra`; a name that stands in both is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`] if the outcome is not known: the restore may have been accepted.
    /// [`ErrorKind::AcceptedWithoutId`] if it was, but its id is not told. Or if the request is refused.
    pub fn create(&self, request: &RestoreRequest) -> Reply<RestoreHandle> {
        let restores = self.clone();
        let request = request.clone();
        Reply::new(async move { restores.send(without_doubles(&request)?).await })
    }

    async fn send(&self, request: &RestoreRequest) -> Result<Response<RestoreHandle>, Error> {
        let sent = self.client.call(&CREATE_RESTORE_REQUEST, |raw| {
            let body = request.clone();
            async move { raw.create_restore_request().body(body).send().await }
        });
        let (job, head, heard) = match sent.await {
            Ok(answer) => (answer.value, answer.head, None),
            Err(failed) => accepted(failed)?,
        };
        let id = job
            .job_id
            .clone()
            .filter(|id| !id.as_str().is_empty())
            .or_else(|| id_of_location(head.headers()));
        match id {
            Some(id) => {
                let handle = RestoreHandle {
                    restores: self.clone(),
                    id,
                    job,
                    is_new: true,
                };
                Ok(Response::new(handle, head))
            }
            None => {
                let what = "the restore was accepted, but the answer does not say under which id; look for it in the portal";
                let error = Error::new(ErrorKind::AcceptedWithoutId, what)
                    .operation_id(CREATE_RESTORE_REQUEST.id)
                    .answered(head)
                    .with_job(Some(job));
                Err(match heard {
                    Some(heard) => error.caused_by(heard),
                    None => error,
                })
            }
        }
    }

    /// The state of a restore: `GET /v1/restore/{jobId}` (spec; its fields are inferred).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// # let task = client.tasks().list().limit(1).all().await?.remove(0).id.ok_or("no id")?;
    /// # let request = cloudally::types::RestoreRequest::new(task);
    /// # let id = client.restores().create(&request).await?.id().clone();
    /// let job = client.restores().status(id).await?;
    /// println!("{:?}, {:?} %", job.status, job.progress);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none with this id, or if the call fails.
    pub fn status(&self, job_id: impl Into<JobId>) -> Reply<RestoreJob> {
        let restores = self.clone();
        let id = path_id(&GET_RESTORE_STATUS, job_id.into());
        Reply::new(async move { restores.look(id?).await })
    }

    async fn look(&self, id: String) -> Result<Response<RestoreJob>, Error> {
        let answer = self.client.call(&GET_RESTORE_STATUS, |raw| {
            let id = id.clone();
            async move { raw.get_restore_status().job_id(id).send().await }
        });
        match answer.await {
            Ok(answer) => Ok(answer),
            // Nothing is known of the fields of a job, so none of them makes or breaks the read.
            Err(failed) if failed.error.kind() == ErrorKind::Decode => {
                let job = serde_json::from_slice(&failed.body)
                    .ok()
                    .and_then(RestoreJob::from_value);
                match (job, failed.head) {
                    (Some(job), Some(head)) => Ok(Response::new(job, *head)),
                    _ => Err(failed.error),
                }
            }
            Err(failed) => Err(failed.error),
        }
    }

    /// A restore that was created earlier, maybe by another program.
    #[must_use]
    pub fn job(&self, job_id: impl Into<JobId>) -> RestoreHandle {
        RestoreHandle {
            restores: self.clone(),
            id: job_id.into(),
            job: RestoreJob::default(),
            is_new: false,
        }
    }

    /// A restore that was [saved](RestoreHandle), maybe by another program.
    #[must_use]
    pub fn resume(&self, saved: SavedRestore) -> RestoreHandle {
        RestoreHandle {
            restores: self.clone(),
            id: saved.job_id,
            job: saved.created,
            is_new: false,
        }
    }

    pub(crate) fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self {
            client: self.client.with_retry(policy),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// A name in `extra` that a field has, too, would be sent twice, and which of the two counts would be the service's guess.
fn without_doubles(request: &RestoreRequest) -> Result<&RestoreRequest, Error> {
    let mut fields = request.clone();
    fields.extra = Extra::default();
    let fields = serde_json::to_value(&fields).unwrap_or_default();
    match request.extra.keys().find(|name| fields.get(name).is_some()) {
        None => Ok(request),
        Some(name) => {
            let what = format!(
                "`{name}` is given as a field and in `extra`; keep one of them, nothing was sent"
            );
            Err(Error::new(ErrorKind::InvalidRequest, what).operation_id(CREATE_RESTORE_REQUEST.id))
        }
    }
}

/// A 2xx says that the restore was accepted, whatever else of the answer cannot be read. What can be is kept, and so is
/// why the rest cannot.
fn accepted(failed: Failed) -> Result<(RestoreJob, Head, Option<Error>), Error> {
    match failed.head {
        Some(head) if head.is_success() => {
            let job = serde_json::from_slice(&failed.body)
                .ok()
                .and_then(RestoreJob::from_value);
            Ok((job.unwrap_or_default(), *head, Some(failed.error)))
        }
        _ => Err(failed.error),
    }
}

/// The id at the end of a `Location`, where a 201 usually says it (inferred).
fn id_of_location(headers: &HeaderMap) -> Option<JobId> {
    let location = headers.get(http::header::LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let id = path.trim_end_matches('/').rsplit_once("/restore/")?.1;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    // It is encoded again when it becomes a part of a path.
    Some(percent_decode_str(id).decode_utf8().ok()?.as_ref().into())
}

/// A restore that was accepted. It can be saved, and resumed by another program: it serialises into what a
/// [`SavedRestore`] is read from.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// # let request = cloudally::types::RestoreRequest::default();
/// use std::time::Duration;
/// let restore = client.restores().create(&request).await?;
/// std::fs::write("restore.json", serde_json::to_string(&restore)?)?;
/// // Later, and elsewhere:
/// let saved = serde_json::from_str(&std::fs::read_to_string("restore.json")?)?;
/// let job = client.restores().resume(saved).wait(Duration::from_secs(3600)).await?;
/// println!("{:?}", job.outcome());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RestoreHandle {
    restores: Restores,
    id: JobId,
    job: RestoreJob,
    /// Whether it was created just now.
    is_new: bool,
}

/// What a [`RestoreHandle`] serialises into: give it to [`Restores::resume`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SavedRestore {
    /// The id of the restore.
    pub job_id: JobId,
    /// What the answer told of it when it was created.
    #[serde(default, deserialize_with = "job_of_any_form")]
    pub created: RestoreJob,
}

/// A job was read from whatever form it came in, and is read from what it was written as in the same way: the id alone is
/// what must not be lost.
fn job_of_any_form<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RestoreJob, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(RestoreJob::from_value(value).unwrap_or_default())
}

impl From<&RestoreHandle> for SavedRestore {
    fn from(handle: &RestoreHandle) -> Self {
        Self {
            job_id: handle.id.clone(),
            created: handle.job.clone(),
        }
    }
}

impl Serialize for RestoreHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SavedRestore::from(self).serialize(serializer)
    }
}

impl RestoreHandle {
    /// The id, by which the restore can be found again.
    #[must_use]
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// What the answer told of the restore when it was created; nothing, if it told nothing.
    #[must_use]
    pub fn created(&self) -> &RestoreJob {
        &self.job
    }

    /// How the restore stands now.
    ///
    /// # Errors
    /// If the call fails.
    pub fn status(&self) -> Reply<RestoreJob> {
        self.restores.status(&self.id)
    }

    /// Waits until the restore is done, at most this long. Failures that may pass are waited out, and so is a restore that
    /// is not known for the first seconds after it was created.
    pub fn wait(&self, longest: Duration) -> Wait {
        Wait::new(self.restores.clone(), self.id.clone(), self.is_new, longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_saved_restore_is_read_whatever_the_job_was_made_of() {
        for job in [
            serde_json::json!({"progress": "40 %", "status": 7, "new": [1]}),
            serde_json::json!({"jobId": 7, "progress": 40.5}),
            serde_json::json!(null),
            serde_json::json!("odd"),
        ] {
            let created = RestoreJob::from_value(job.clone()).unwrap_or_default();
            let saved = SavedRestore {
                job_id: "J-1".into(),
                created,
            };
            let text = serde_json::to_string(&saved).unwrap();
            assert_eq!(
                serde_json::from_str::<SavedRestore>(&text).unwrap(),
                saved,
                "{text}"
            );
        }
        let old: SavedRestore = serde_json::from_str(r#"{"jobId": "J-1", "later": 1}"#).unwrap();
        assert_eq!(old.job_id, "J-1");
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        let mut request = RestoreRequest::default();
        request.extra.insert("taskId".to_owned(), "other".into());
        assert!(without_doubles(&request).is_ok());
        request.task_id = Some("this".into());
        let error = without_doubles(&request).unwrap_err();
        assert!(error.to_string().contains("`taskId`"), "{error}");
    }

    #[test]
    fn a_location_tells_the_id() {
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
                id_of_location(&headers),
                expected.map(JobId::from),
                "{location}"
            );
        }
    }
}
