//! Restore jobs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Api, small, small_as_partner, standing_still, started};

async fn state(api: &Api, location: &str) -> (String, u64) {
    let job = api.get(location).await.json();
    let status = job["status"].as_str().unwrap().to_owned();
    (status, job["progress"].as_u64().unwrap())
}

fn is(status: &str, progress: u64) -> (String, u64) {
    (status.to_owned(), progress)
}

#[tokio::test]
async fn a_restore_goes_through_its_states() {
    let sandbox = started(standing_still().restore_duration(Duration::from_secs(100))).await;
    let api = Api::portal_user(&sandbox).await;
    let answer = api
        .post(
            "/v1/restore",
            &json!({"taskId": sandbox.backup_tasks()[0]["id"]}),
        )
        .await;
    assert_eq!(answer.status, 201);
    let job = answer.json();
    assert_eq!(
        answer.location(),
        format!("/v1/restore/{}", job["jobId"].as_str().unwrap())
    );
    assert_eq!(
        job,
        json!({"jobId": job["jobId"], "status": "PENDING", "progress": 0})
    );
    assert_eq!(api.get(answer.location()).await.json(), job);

    sandbox.advance(Duration::from_secs(9));
    assert_eq!(state(&api, answer.location()).await, is("PENDING", 0));
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(state(&api, answer.location()).await, is("IN_PROGRESS", 10));
    sandbox.advance(Duration::from_secs(45));
    assert_eq!(state(&api, answer.location()).await, is("IN_PROGRESS", 55));
    sandbox.advance(Duration::from_secs(44));
    assert_eq!(state(&api, answer.location()).await, is("IN_PROGRESS", 99));
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(state(&api, answer.location()).await, is("COMPLETED", 100));
    sandbox.advance(Duration::from_secs(1000));
    assert_eq!(state(&api, answer.location()).await, is("COMPLETED", 100));
}

#[tokio::test]
async fn a_restore_can_fail() {
    let (sandbox, api) = small_as_partner().await;
    let answer = api
        .post("/v1/restore", &json!({"entityName": "fail"}))
        .await;
    assert_eq!(answer.status, 201);
    sandbox.advance(Duration::from_secs(2));
    assert_eq!(state(&api, answer.location()).await, is("IN_PROGRESS", 66));
    sandbox.advance(Duration::from_secs(1));
    let job = api.get(answer.location()).await.json();
    assert_eq!(job["status"], "FAILED");
    assert!(job["message"].is_string());
}

#[tokio::test]
async fn the_task_must_exist() {
    let (sandbox, api) = small_as_partner().await;
    for (body, status) in [
        (json!({}), 201),
        (
            json!({"taskId": sandbox.tasks()[3]["id"], "anything": ["else"]}),
            201,
        ),
        (json!({"taskId": "unknown"}), 404),
        (json!({"taskId": 7}), 400),
        (json!({"taskId": null}), 201),
        (json!({"entityName": 7}), 400),
        (json!({"snapshotDate": "20260301"}), 400),
        (json!({"snapshotDate": 9_223_372_036_854_775_808_u64}), 400),
        (json!({"snapshotDate": 1e19}), 400),
        // As a smaller integer is read.
        (json!({"snapshotDate": -9_223_372_036_854_775_808.0}), 400),
        (json!({"snapshotDate": i64::MIN}), 201),
        (json!({"snapshotDate": 20260301}), 201),
        (json!({"snapshotDate": 20260301.0}), 201),
        (json!({"snapshotDate": null}), 201),
        (json!([]), 400),
        (Value::Null, 400),
    ] {
        let answer = api.post("/v1/restore", &body).await;
        assert_eq!(answer.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_restore_of_no_duration_is_done_at_once() {
    let sandbox = started(standing_still().restore_duration(Duration::ZERO)).await;
    let api = Api::partner(&sandbox).await;
    let answer = api.post("/v1/restore", &json!({})).await;
    assert_eq!(answer.json()["status"], "COMPLETED");
}

#[tokio::test]
async fn the_same_cannot_be_restored_twice_at_once() {
    let (sandbox, api) = small_as_partner().await;
    let body = |entity: &str| json!({"taskId": sandbox.tasks()[0]["id"], "entityName": entity});
    assert_eq!(api.post("/v1/restore", &body("a")).await.status, 201);
    let answer = api.post("/v1/restore", &body("a")).await;
    answer.is_error(409, "Conflict", "/v1/restore");
    assert_eq!(api.post("/v1/restore", &body("b")).await.status, 201);
    sandbox.advance(Duration::from_secs(3));
    assert_eq!(api.post("/v1/restore", &body("a")).await.status, 201);
}

#[tokio::test]
async fn a_restore_is_its_accounts_alone() {
    let sandbox = small().await;
    let partner = Api::partner(&sandbox).await;
    let answer = partner.post("/v1/restore", &json!({})).await;
    for other in [
        Api::portal_user(&sandbox).await,
        Api::distributor(&sandbox).await,
    ] {
        let answer = other.get(answer.location()).await;
        assert_eq!(answer.status, 404);
    }
    assert_eq!(partner.get(answer.location()).await.status, 200);
}
