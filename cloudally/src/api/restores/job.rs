//! Reads the state of a restore job.

use cloudally_gen::id::JobId;
use cloudally_gen::operations::{GET_RESTORE_STATUS, GetRestoreStatus};
use cloudally_gen::types::RestoreJob;

use crate::api::path_id;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// Reads the state of a job. Nothing is known of the fields of a job, so none of them makes it
/// fail.
pub(super) async fn read_job(client: &Client, id: &JobId) -> Result<Response<RestoreJob>, Error> {
    let path_id = path_id(&GET_RESTORE_STATUS, id)?;
    let sent = client.send::<GetRestoreStatus, _>(|request| request.job_id(path_id.clone()));
    let failed = match sent.await {
        Ok(response) => return Ok(response),
        Err(failed) => failed,
    };
    let is_undecodable = failed.error.kind() == ErrorKind::Decode;
    let job = is_undecodable
        .then(|| serde_json::from_slice(&failed.body).ok())
        .flatten()
        .and_then(RestoreJob::from_value);
    match (job, failed.parts) {
        (Some(job), Some(parts)) => Ok(Response::new(job, *parts)),
        _ => Err(failed.error.with_subject(format!("job {id}"))),
    }
}
