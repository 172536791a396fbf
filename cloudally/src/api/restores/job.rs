//! Reads the state of a restore job.

use cloudally_gen::id::JobId;
use cloudally_gen::json;
use cloudally_gen::operations::{GET_RESTORE_STATUS, GetRestoreStatus};
use cloudally_gen::types::RestoreJob;
use serde_json::Value;

use crate::api::path_id;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// Reads the state of a job. Nothing is known of the fields of a job, so none of them makes it
/// fail.
pub(super) async fn read_job(client: &Client, id: &JobId) -> Result<Response<RestoreJob>, Error> {
    let endpoint = GetRestoreStatus {
        job_id: path_id(&GET_RESTORE_STATUS, id)?,
    };
    let failed = match client.send(&endpoint, |request| request).await {
        Ok(response) => return Ok(response.map(unwrapped)),
        Err(failed) => failed,
    };
    let is_undecodable = failed.error.kind() == ErrorKind::Decode && !failed.is_foreign;
    let job = is_undecodable
        .then(|| json::decode(&failed.body).ok())
        .flatten()
        .and_then(RestoreJob::from_value);
    match (job, failed.parts) {
        (Some(job), Some(parts)) => Ok(Response::new(unwrapped(job), *parts)),
        _ => Err(failed.error.with_subject(format!("job {id}"))),
    }
}

/// The job within a `data` wrapper, or the job as it is. Evidence: inferred.
pub(super) fn unwrapped(mut job: RestoreJob) -> RestoreJob {
    if job.job_id.is_some() || !job.extra.get("data").is_some_and(Value::is_object) {
        return job;
    }
    let data = job.extra.remove("data");
    data.and_then(RestoreJob::from_value).unwrap_or_default()
}
