//! Restores from a plain thread.

use std::time::Duration;

use cloudally::api::SavedRestore;
use cloudally::types::RestoreRequest;
use cloudally::{Error, ErrorKind};
use cloudally_sandbox::Sandbox;

use crate::service::sandbox;
use cloudally_contract::accounts::patient;

const LONG: Duration = Duration::from_secs(600);

fn request(sandbox: &Sandbox, entity: &str) -> RestoreRequest {
    let mut request = RestoreRequest::default();
    request.task_id = sandbox.tasks()[0]["id"].as_str().map(Into::into);
    request.entity_name = Some(entity.to_owned());
    request
}

#[test]
fn a_restore_is_followed_to_its_end() {
    let sandbox = sandbox();
    let client = patient(&sandbox).build_blocking().unwrap();
    let request = request(&sandbox, "ann@example.com");
    let restore = client.restores().create(request.clone()).unwrap();
    assert_eq!(restore.initial_job().job_id.as_ref(), Some(restore.id()));
    let status = restore.status().unwrap();
    assert_eq!(status.status.unwrap().to_string(), "PENDING");
    let states: Result<Vec<_>, Error> = restore.wait(LONG).states().collect();
    let mut told: Vec<_> = states.unwrap().into_iter().collect();
    told.dedup_by_key(|job| job.status.clone());
    let told: Vec<_> = told
        .iter()
        .map(|job| job.status.as_ref().unwrap())
        .collect();
    assert_eq!(
        told.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["PENDING", "IN_PROGRESS", "COMPLETED"]
    );
    let done = restore.wait(LONG).done().unwrap();
    assert_eq!(done.status.unwrap().to_string(), "COMPLETED");
    let again = client.restores().status(restore.id()).unwrap();
    assert_eq!(again.status.unwrap().to_string(), "COMPLETED");
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
}

#[test]
fn a_saved_restore_is_resumed_by_another_client() {
    let sandbox = sandbox();
    let first = patient(&sandbox).build_blocking().unwrap();
    let restore = first.restores().create(request(&sandbox, "ann")).unwrap();
    let stored = serde_json::to_string(&restore).unwrap();
    let (id, created) = (restore.id().clone(), restore.initial_job().clone());
    drop((restore, first));
    let saved: SavedRestore = serde_json::from_str(&stored).unwrap();
    let second = patient(&sandbox).build_blocking().unwrap();
    let resumed = second.restores().resume(saved).unwrap();
    assert_eq!((resumed.id(), resumed.initial_job()), (&id, &created));
    let interval = Duration::from_secs(2);
    let done = resumed.wait(LONG).interval(interval).done().unwrap();
    assert_eq!(done.job_id, Some(id.clone()));
    let job = second.restores().job(id).status().unwrap();
    assert_eq!(job.status, done.status);
}

#[test]
fn a_restore_that_fails_is_an_error_with_its_last_state_and_ends_the_states() {
    let sandbox = sandbox();
    let client = patient(&sandbox).build_blocking().unwrap();
    let restore = client.restores().create(request(&sandbox, "fail")).unwrap();
    let mut states = restore.wait(LONG).states();
    let error = states.by_ref().find_map(Result::err).unwrap();
    assert!(states.next().is_none());
    for error in [error, restore.wait(LONG).done().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::JobFailed);
        let message = error.job().unwrap().message.as_deref();
        assert_eq!(message, Some("The entity could not be restored"));
    }
}

#[test]
fn a_wait_that_is_too_short_says_how_the_restore_stands() {
    let sandbox = sandbox();
    let client = patient(&sandbox).build_blocking().unwrap();
    let restore = client.restores().create(request(&sandbox, "ann")).unwrap();
    let error = restore.wait(Duration::from_secs(9)).done().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let job = error.job().unwrap();
    assert_eq!(job.status.as_ref().unwrap().to_string(), "IN_PROGRESS");
    restore.wait(LONG).done().unwrap();
}
