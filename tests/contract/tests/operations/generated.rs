//! Any generated operation, called with all that the SDK does for its own methods.

use cloudally::ErrorKind;
use cloudally::raw::operations::{CreateRestoreRequest, GetBackupTask, ListPartnerTasks};
use cloudally::types::RestoreRequest;
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use serde_json::json;

#[tokio::test]
async fn a_read_is_renewed_and_retried_and_its_parameters_are_sent_each_time() {
    let page = json!({"page": 1, "totalPages": 1, "total": 1, "data": [{"id": "T-1"}]});
    let token = fixtures::full("access_token");
    let service = Service::signed_in([
        Answer::spring(401, "expired"),
        Answer::json(200, &token),
        Answer::spring(503, "busy"),
        Answer::ok(&page),
    ]);
    let call = service
        .client()
        .operation(ListPartnerTasks, |request| request.page_size(10_u32));
    let response = call.with_response().await.unwrap();
    assert_eq!(response.parts.status(), 200);
    assert_eq!(response.value.data.unwrap()[0].id, Some("T-1".into()));
    let read = || Request::get("/v1/partners/tasks").query([("pageSize", "10")]);
    let seen = service.seen();
    assert_eq!(seen.len(), 5, "a sign-in, a renewal and three reads");
    for request in [&seen[1], &seen[3], &seen[4]] {
        assert_eq!(request.query, read().query);
    }
}

#[tokio::test]
async fn a_mutation_is_sent_once_whatever_happens() {
    let service = Service::signed_in([Answer::spring(503, "busy")]);
    let operation = CreateRestoreRequest {
        body: RestoreRequest::new("T-1").into(),
    };
    let call = service.client().operation(operation, |request| request);
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert_eq!(error.operation(), Some("createRestoreRequest"));
    assert_eq!(service.seen().len(), 2, "the sign-in and one request");
}

#[tokio::test]
async fn an_invalid_parameter_is_named_and_nothing_is_sent() {
    let service = Service::signed_in([]);
    let client = service.client();
    let call = client.operation(ListPartnerTasks, |request| request.page_size(u64::MAX));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("page_size"), "{error}");
    assert_eq!(service.seen().len(), 1, "the sign-in");
}

#[tokio::test]
async fn a_required_parameter_is_a_field_of_the_operation() {
    let service = Service::signed_in([Answer::ok(&json!({"id": "BT-1"}))]);
    let operation = GetBackupTask {
        task_id: "BT-1".to_owned(),
    };
    let task = service.client().operation(operation, |request| request);
    assert_eq!(task.await.unwrap().id, Some("BT-1".into()));
    assert_eq!(service.seen()[1].path, "/v1/backup-tasks/BT-1");
}

/// An error about one thing of many names it.
#[tokio::test]
async fn errors_name_the_thing_they_are_about() {
    let refused = || Answer::spring(404, "none");
    let service = Service::signed_in([refused(), refused(), refused(), refused(), refused()]);
    let client = service.client();
    let accounts = client.partners().reseller_accounts("P-2").collect();
    for (error, subject) in [
        (client.backups().get("BT-7").await.err(), "backup task BT-7"),
        (
            client.partners().reseller("P-1").await.err(),
            "reseller P-1",
        ),
        (accounts.await.err(), "reseller P-2"),
        (client.restores().status("J-1").await.err(), "job J-1"),
        (
            client
                .restores()
                .create(RestoreRequest::new("T-1"))
                .await
                .err(),
            "task T-1",
        ),
    ] {
        let error = error.unwrap();
        assert_eq!(error.subject(), Some(subject));
        assert!(
            error.to_string().contains(&format!("({subject})")),
            "{error}"
        );
    }
}
