//! Restores: the request, and every form of its answer.

use std::time::Duration;

use cloudally::types::{RestoreRequest, RestoreState};
use cloudally::{ErrorKind, RetryPolicy};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls::restore_request;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use serde_json::json;

use crate::after_sign_in;

fn sent() -> Request {
    Request::post("/v1/restore", fixtures::full("restore_request"))
}

#[tokio::test]
async fn a_restore_goes_out_with_what_the_type_does_not_name() {
    let service = Service::signed_in([Answer::json(201, &fixtures::full("restore_job"))]);
    let mut request = RestoreRequest::default();
    request.task_id = Some("BT-1".into());
    request.extra.insert("mode".to_owned(), json!(null));
    service
        .client()
        .restores()
        .create(request.clone())
        .await
        .unwrap();
    service.assert_saw(after_sign_in([Request::post(
        "/v1/restore",
        json!({"taskId": "BT-1", "mode": null}),
    )]));
}

#[tokio::test]
async fn the_job_of_the_answer_tells_the_id() {
    let answer =
        Answer::json(201, &fixtures::full("restore_job")).header("location", "/v1/restore/another");
    let service = Service::signed_in([answer]);
    let restore = service
        .client()
        .restores()
        .create(restore_request())
        .await
        .unwrap();
    assert_eq!(restore.id(), "J-1");
    let job = restore.initial_job();
    assert_eq!(job.status, Some(RestoreState::InProgress));
    assert_eq!(
        (job.progress, job.message.as_deref()),
        (Some(40), Some("40 of 100"))
    );
    assert_eq!(job.extra["startedBy"], "ann@acme.example.com");
    service.assert_saw(after_sign_in([sent()]));
}

#[tokio::test]
async fn without_a_job_the_location_tells_the_id() {
    for answer in [
        Answer::empty(201),
        Answer::html(201),
        Answer::json(201, &json!({})),
        Answer::json(201, &json!({"jobId": null})),
        Answer::json(201, &json!([])),
        Answer::json(201, &json!({"progress": "half"})),
    ] {
        let answer = answer.header("location", "https://api.example.com/v1/restore/J-9");
        let service = Service::signed_in([answer.clone()]);
        let restore = service.client().restores().create(restore_request()).await;
        assert_eq!(restore.unwrap().id(), "J-9", "{answer:?}");
        service.assert_saw(after_sign_in([sent()]));
    }
}

#[tokio::test]
async fn another_success_than_the_documented_one_is_accepted_too() {
    for status in [200, 202] {
        let service = Service::signed_in([Answer::json(status, &fixtures::full("restore_job"))]);
        let restore = service.client().restores().create(restore_request()).await;
        assert_eq!(restore.unwrap().id(), "J-1", "{status}");
        service.assert_saw(after_sign_in([sent()]));
    }
}

#[tokio::test]
async fn an_answer_without_any_id_says_that_the_restore_was_accepted() {
    for answer in [
        Answer::empty(201),
        Answer::empty(204),
        Answer::json(201, &json!({"status": "PENDING"})),
        Answer::json(200, &json!({"ok": true})),
        Answer::json(201, &json!("OK")),
        Answer::json(201, &json!({"id": restore_request().task_id})),
        Answer::json(201, &json!({"status": 400, "message": "x", "jobId": null})),
        Answer::empty(201).header("location", "/elsewhere"),
    ] {
        let service = Service::signed_in([answer.clone()]);
        let restore = service.client().restores().create(restore_request()).await;
        let error = restore.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingJobId, "{answer:?}");
        assert_eq!(error.operation(), Some("createRestoreRequest"));
        assert!(!error.is_retryable(), "{answer:?}");
        service.assert_saw(after_sign_in([sent()]));
    }
}

#[tokio::test]
async fn a_wait_looks_until_the_restore_is_done_and_no_further() {
    let state = |status: &str| Answer::ok(&json!({"jobId": "J-1", "status": status}));
    let service = Service::signed_in([
        state("PENDING"),
        state("HALF_DONE"),
        Answer::empty(404).header("retry-after", "1"),
    ]);
    let restore = service.client().restores().job("J-1");
    let error = restore.wait(Duration::from_secs(3600)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.job().unwrap().status,
        Some(RestoreState::Unknown("HALF_DONE".to_owned()))
    );

    let service = Service::signed_in([state("PENDING"), state("COMPLETED")]);
    let restore = service.client().restores().job("J-1");
    let job = restore.wait(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(job.status, Some(RestoreState::Completed));
    let look = Request::get("/v1/restore/J-1");
    service.assert_saw(after_sign_in([look.clone(), look]));
    let waits = service.sleep.waits();
    assert_eq!(waits.len(), 1);
    assert!(waits[0] >= Duration::from_secs(5), "{waits:?}");
}

#[tokio::test]
async fn a_wait_survives_a_gateway_that_answers_in_the_place_of_the_service() {
    let state = |status: &str| Answer::ok(&json!({"data": {"jobId": "J-1", "status": status}}));
    let foreign = [
        Answer::html(200),
        Answer::empty(302).header("location", "/login"),
        Answer::empty(204),
        Answer::html(502),
        Answer::ok(&json!({"status": 503, "message": "Restarting"})),
    ];
    for answer in &foreign {
        let service = Service::signed_in([
            answer.clone(),
            answer.clone(),
            state("IN_PROGRESS"),
            answer.clone(),
            state("COMPLETED"),
        ]);
        let builder = service.builder().retry_policy(RetryPolicy::never());
        let restore = builder.build().unwrap().restores().job("J-1");
        let job = restore.wait(Duration::from_secs(3600)).await;
        assert_eq!(
            job.unwrap().status,
            Some(RestoreState::Completed),
            "{answer:?}"
        );
    }
    for answer in &foreign[..3] {
        let service = Service::signed_in(std::iter::repeat_n(answer.clone(), 3));
        let restore = service.client().restores().job("J-1");
        let error = restore.wait(Duration::from_secs(3600)).await.unwrap_err();
        assert_eq!(error.subject(), Some("job J-1"), "{answer:?}: {error}");
        assert!(!error.is_timeout(), "{answer:?}: {error}");
    }
}
