//! A restore that one program saves and another waits for.

use std::time::Duration;

use cloudally::ErrorKind;
use cloudally::api::{RestoreHandle, SavedRestore};
use cloudally::types::{RestoreOutcome, RestoreRequest};
use cloudally_contract::accounts::patient;
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::service::Service;
use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn it_is_saved_with_its_job_and_what_was_requested() {
    let full = fixtures::full("restore_job");
    let service = Service::signed_in([Answer::json(201, &full)]);
    let restores = service.client().restores();
    let request = RestoreRequest::new("T-1").with_entity_name("ann@example.com");
    let restore = restores.create(request.clone()).await.unwrap();
    let written = serde_json::to_value(&restore).unwrap();
    let id = restore.id().as_str();
    assert_eq!(
        (&written["version"], &written["jobId"]),
        (&json!(1), &json!(id))
    );
    assert_eq!(written["initialJob"]["jobId"], id);
    assert_eq!(written["request"], serde_json::to_value(&request).unwrap());

    let text = serde_json::to_string(&restore).unwrap();
    let saved: SavedRestore = serde_json::from_str(&text).unwrap();
    assert_eq!(saved, SavedRestore::from(&restore));
    assert_eq!(&saved.initial_job, restore.initial_job());
    assert_eq!(serde_json::to_value(&saved).unwrap(), written);
    let resumed = restores.resume(saved).unwrap();
    assert_eq!(resumed.request(), Some(&request));
    assert_eq!(serde_json::to_value(&resumed).unwrap(), written);
}

#[test]
fn fields_of_a_later_release_are_ignored_and_other_versions_refused() {
    for saved in [
        json!({"version": 1, "jobId": "J-1"}),
        json!({"version": 1, "jobId": "J-1", "initialJob": {}}),
        json!({"version": 1, "jobId": "J-1", "initialJob": {"status": "NEW_STATE", "new": [1]}, "savedAt": "2026-03-02"}),
    ] {
        let read: SavedRestore = serde_json::from_value(saved.clone()).unwrap();
        assert_eq!(read.job_id, Some("J-1".into()));
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again["initialJob"]["new"], saved["initialJob"]["new"]);
    }
    let number = json!({"version": 1, "jobId": 7});
    let number: SavedRestore = serde_json::from_value(number).unwrap();
    assert_eq!(number.job_id, Some("7".into()));
    for none in [
        json!({}),
        json!({"jobId": "J-1"}),
        json!({"version": 2, "jobId": "J-1"}),
        json!({"version": 1, "initialJob": {"jobId": "J-1"}}),
        json!("J-1"),
    ] {
        let error = serde_json::from_value::<SavedRestore>(none.clone());
        assert!(error.is_err(), "{none}");
    }
}

/// A program that dies while the request is under way leaves what it stored before it was sent.
#[tokio::test]
async fn what_was_prepared_and_perhaps_sent_is_not_lost() {
    let full = fixtures::full("restore_job");
    let service = Service::signed_in([Answer::json(201, &full)]);
    let restores = service.client().restores();
    let request = RestoreRequest::new("T-1").with_entity_name("ann@example.com");
    let prepared = restores.prepare(request.clone()).unwrap();
    let stored = serde_json::to_string(&prepared).unwrap();
    assert_eq!(prepared.request(), &request);

    let saved: SavedRestore = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        (&saved.request, &saved.job_id),
        (&Some(request.clone()), &None)
    );
    assert!(
        saved
            .prepared_at
            .as_ref()
            .is_some_and(|at| at.instant().is_some())
    );
    let error = restores.resume(saved).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(!error.is_retryable());
    for named in ["T-1", "ann@example.com", "portal"] {
        assert!(error.to_string().contains(named), "{error}");
    }

    assert!(service.seen().is_empty(), "nothing is sent before `send`");
    let restore = prepared.send().await.unwrap();
    assert_eq!(restore.request(), Some(&request));
}

/// An id in a stored restore may have been edited.
#[tokio::test]
async fn an_invalid_id_is_refused_before_anything_is_sent() {
    let service = Service::answering([]);
    let restores = service.client().restores();
    for id in ["", "..", "a\\b"] {
        let saved = json!({"version": 1, "jobId": id});
        let restore = restores
            .resume(serde_json::from_value(saved).unwrap())
            .unwrap();
        let error = restore.status().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let error = restore.wait(LONG).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    service.assert_saw([]);
}

async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder()
        .ragged()
        .restore_duration(Duration::from_secs(20));
    builder.start().await.unwrap()
}

async fn saved(sandbox: &Sandbox, entity: &str) -> String {
    let mut request = RestoreRequest::default();
    request.task_id = sandbox.tasks()[0]["id"].as_str().map(Into::into);
    request.entity_name = Some(entity.to_owned());
    let restores = patient(sandbox).build().unwrap().restores();
    let restore = restores.create(request.clone()).await.unwrap();
    serde_json::to_string(&restore).unwrap()
}

/// The restore in another program.
fn resumed(sandbox: &Sandbox, text: &str) -> RestoreHandle {
    let restores = patient(sandbox).build().unwrap().restores();
    restores
        .resume(serde_json::from_str(text).unwrap())
        .unwrap()
}

#[tokio::test]
async fn another_program_waits_for_it_to_its_end() {
    let sandbox = sandbox().await;
    let text = saved(&sandbox, "ann@example.com").await;
    let restore = resumed(&sandbox, &text);
    assert_eq!(restore.initial_job().outcome(), RestoreOutcome::Running);
    let job = restore.wait(LONG).await.unwrap();
    assert_eq!(job.outcome(), RestoreOutcome::Done);
    assert_eq!(job.job_id.as_ref(), Some(restore.id()));
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
    assert_eq!(sandbox.request_count("login"), 2);
}

#[tokio::test]
async fn and_learns_of_its_failure() {
    let sandbox = sandbox().await;
    let text = saved(&sandbox, "fail").await;
    let restore = resumed(&sandbox, &text);
    let error = restore.wait(LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JobFailed);
    assert_eq!(error.job().unwrap().job_id.as_ref(), Some(restore.id()));
}

/// Many programs may wait for one restore, and one that gives up can save it once more.
#[tokio::test]
async fn it_can_be_saved_again_by_whoever_gave_up() {
    let sandbox = sandbox().await;
    let text = saved(&sandbox, "ann@example.com").await;
    let restores = patient(&sandbox).build().unwrap().restores();
    let restore = restores
        .resume(serde_json::from_str(&text).unwrap())
        .unwrap();
    let error = restore.wait(Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let again: Value = serde_json::to_value(&restore).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(&text).unwrap());
    let other = patient(&sandbox).build().unwrap().restores();
    let other = other
        .resume(serde_json::from_value(again).unwrap())
        .unwrap();
    assert_eq!(
        other.wait(LONG).await.unwrap().outcome(),
        RestoreOutcome::Done
    );
}
