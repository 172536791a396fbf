//! A restore that one program saves and another waits for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use cloudally::api::SavedRestore;
use cloudally::types::{RestoreOutcome, RestoreRequest};
use cloudally::{Client, Credentials, ErrorKind};
use cloudally_contract::answer::Answer;
use cloudally_contract::clock::HandClock;
use cloudally_contract::fixtures;
use cloudally_contract::service::Service;
use cloudally_contract::sleep::NoWait;
use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn it_is_saved_as_its_id_and_what_was_told_of_it() {
    let full = fixtures::full("restore_job");
    let service = Service::signed_in([Answer::json(201, &full)]).await;
    let restores = service.client().restores();
    let restore = restores.create(&RestoreRequest::default()).await.unwrap();
    let written = serde_json::to_value(&restore).unwrap();
    let id = restore.id().as_str();
    assert_eq!(written["jobId"], id);
    assert_eq!(written["created"]["jobId"], id);
    assert_eq!(written.as_object().unwrap().len(), 2, "{written}");

    let text = serde_json::to_string(&restore).unwrap();
    let saved: SavedRestore = serde_json::from_str(&text).unwrap();
    assert_eq!(saved, SavedRestore::from(&restore));
    assert_eq!(&saved.created, restore.created());
    assert_eq!(serde_json::to_value(&saved).unwrap(), written);
    let resumed = restores.resume(saved);
    assert_eq!(serde_json::to_value(&resumed).unwrap(), written);
}

#[test]
fn what_another_version_saved_is_read() {
    for saved in [
        json!({"jobId": "J-1"}),
        json!({"jobId": "J-1", "created": {}}),
        json!({"jobId": "J-1", "created": {"status": "NEW_STATE", "new": [1]}, "savedAt": "2026-03-02", "v": 2}),
    ] {
        let read: SavedRestore = serde_json::from_value(saved.clone()).unwrap();
        assert_eq!(read.job_id, "J-1");
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again["created"]["new"], saved["created"]["new"]);
    }
    let number: SavedRestore = serde_json::from_value(json!({"jobId": 7})).unwrap();
    assert_eq!(number.job_id, "7");
    for none in [
        json!({}),
        json!({"created": {"jobId": "J-1"}}),
        json!("J-1"),
    ] {
        let error = serde_json::from_value::<SavedRestore>(none);
        error.expect_err("there is no id");
    }
}

/// What is saved by hand may have an id that is none.
#[tokio::test]
async fn an_id_that_is_none_is_refused_before_anything_is_sent() {
    let service = Service::answering([]).await;
    let restores = service.client().restores();
    for id in ["", "..", "a\\b"] {
        let saved: SavedRestore = serde_json::from_value(json!({"jobId": id})).unwrap();
        let restore = restores.resume(saved);
        let error = restore.status().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        let error = restore.wait(LONG).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    service.assert_saw([]);
}

async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().restore_duration(Duration::from_secs(20));
    builder.start().await.unwrap()
}

/// A client of a program of its own: with its own time, which takes the sandbox's along, and its own token.
fn program(sandbox: &Sandbox) -> Client {
    let (there, here) = (sandbox.clock().clone(), HandClock::default());
    let own = here.clone();
    let sleep = NoWait::meanwhile(move |wait| {
        there.advance(wait);
        own.advance(wait);
    });
    let account = sandbox.portal_user();
    Client::builder()
        .base_url(sandbox.url())
        .credentials(Credentials::portal(account.email(), account.password()))
        .clock(Arc::new(here))
        .sleep(Arc::new(sleep))
        .build()
        .unwrap()
}

async fn saved(sandbox: &Sandbox, entity: &str) -> String {
    let mut request = RestoreRequest::default();
    request.task_id = sandbox.tasks()[0]["id"].as_str().map(Into::into);
    request.entity_name = Some(entity.to_owned());
    let restores = program(sandbox).restores();
    let restore = restores.create(&request).await.unwrap();
    serde_json::to_string(&restore).unwrap()
}

#[tokio::test]
async fn another_program_waits_for_it_to_its_end() {
    let sandbox = sandbox().await;
    let text = saved(&sandbox, "ann@example.com").await;
    let restore = program(&sandbox)
        .restores()
        .resume(serde_json::from_str(&text).unwrap());
    assert_eq!(restore.created().outcome(), RestoreOutcome::Running);
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
    let restore = program(&sandbox)
        .restores()
        .resume(serde_json::from_str(&text).unwrap());
    let error = restore.wait(LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JobFailed);
    assert_eq!(error.job().unwrap().job_id.as_ref(), Some(restore.id()));
}

/// Many programs may wait for one restore, and one that gives up can save it once more.
#[tokio::test]
async fn it_can_be_saved_again_by_whoever_gave_up() {
    let sandbox = sandbox().await;
    let text = saved(&sandbox, "ann@example.com").await;
    let restores = program(&sandbox).restores();
    let restore = restores.resume(serde_json::from_str(&text).unwrap());
    let error = restore.wait(Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitedTooLong);
    let again: Value = serde_json::to_value(&restore).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(&text).unwrap());
    let other = program(&sandbox).restores();
    let other = other.resume(serde_json::from_value(again).unwrap());
    assert_eq!(
        other.wait(LONG).await.unwrap().outcome(),
        RestoreOutcome::Done
    );
}
