//! The errors that a typed mock responds with.

use std::panic::AssertUnwindSafe;

use cloudally::testing::{MockServerExt, MockService};
use cloudally::{ErrorKind, RetryPolicy};
use cloudally_contract::setup::status_of;
use serde_json::{Value, json};

use crate::typed_mocks::{client, message};

#[tokio::test]
async fn a_mock_fails_as_the_service_does() {
    for (status, kind) in [
        (400, ErrorKind::BadRequest),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (599, ErrorKind::Server),
    ] {
        let service = MockService::start();
        service.get_backup_task(|_, then| {
            then.error(status, "Not \"today\"");
        });
        let client = client(&service).with_retry_policy(RetryPolicy::never());
        let error = client.backups().get("BT-1").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(status_of(&error), Some(status));
        assert_eq!(error.server_message(), Some("Not \"today\""));
    }
}

#[tokio::test]
async fn a_mocked_error_can_have_headers_and_the_form_of_the_service() {
    let service = MockService::start();
    service.list_partner_tasks(|when, then| {
        when.page(None);
        let then = then.error(429, "Slowly").into_inner();
        then.header("retry-after", "7");
    });
    let response = reqwest::get(format!("{}/v1/partners/tasks", service.url()));
    let response = response.await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = json!({"status": 429, "error": "Too Many Requests", "message": "Slowly"});
    assert_eq!(response.json::<Value>().await.unwrap(), body);
}

#[test]
fn a_mocked_error_has_the_status_of_one() {
    for status in [0, 200, 302, 600] {
        let service = MockService::start();
        let planned = std::panic::catch_unwind(AssertUnwindSafe(|| {
            service.get_partner(|_, then| {
                then.error(status, "");
            });
        }));
        let told = message(planned.unwrap_err());
        let expected = format!("{status} is not an error status");
        assert!(told.contains(&expected), "{told}");
    }
}
