//! Responses that are not what their status says: an error under 200, a web page, a status that
//! nobody documents.

use cloudally::{ErrorKind, RetryPolicy};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls::{self, restore_request};
use cloudally_contract::service::Service;
use serde_json::{Value, json};

/// Errors in the form of the service.
fn envelopes(status: u16) -> [Value; 3] {
    [
        json!({"status": status, "error": "Some Error", "message": "No luck", "path": "/v1", "timestamp": "2026-03-02T06:00:00Z"}),
        json!({"status": status, "message": "No luck"}),
        json!({"message": "No luck", "status": status, "trace": "at com.example"}),
    ]
}

#[tokio::test]
async fn a_read_takes_an_error_under_200_for_the_status_that_it_names() {
    for call in calls::all() {
        if !call.may_repeat() || call.is_sign_in() {
            continue;
        }
        for (status, kind) in [
            (400, ErrorKind::BadRequest),
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Server),
        ] {
            for body in envelopes(status) {
                let mut script = call.before();
                script.push(Answer::ok(&body));
                let service = Service::answering(script);
                let builder = service.builder().retry_policy(RetryPolicy::never());
                let error = (call.run)(builder.build().unwrap()).await.unwrap_err();
                assert_eq!(error.kind(), kind, "{} {body}: {error}", call.id);
                assert_eq!(error.server_message(), Some("No luck"), "{}", call.id);
                assert!(error.to_string().contains("200"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_read_that_fails_under_200_is_retried_like_any_other() {
    let call = calls::of("listPartnerTasks");
    let mut script = call.before();
    script.push(Answer::ok(
        &json!({"status": 503, "error": "Service Unavailable"}),
    ));
    script.push(call.good());
    let service = Service::answering(script);
    assert_eq!((call.run)(service.client()).await.unwrap(), call.returns);
}

#[tokio::test]
async fn a_refused_sign_in_under_200_is_a_refused_sign_in() {
    let body = json!({"status": 401, "error": "Unauthorized", "message": "Bad credentials"});
    let service = Service::answering([Answer::ok(&body)]);
    let error = service.client().sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(error.server_message(), Some("Bad credentials"));
}

#[tokio::test]
async fn a_sign_in_without_a_token_says_why() {
    for body in [
        json!({"message": "A second factor is required", "mfaRequired": true}),
        json!({"accessToken": null, "error": {"message": "A second factor is required"}}),
        json!({"accessToken": "", "detail": "A second factor is required"}),
    ] {
        let service = Service::answering([Answer::ok(&body)]);
        let error = service.client().sign_in().await.unwrap_err();
        let shown = error.to_string();
        assert!(shown.contains("A second factor is required"), "{shown}");
        assert!(shown.contains("no access token"), "{shown}");
    }
}

#[tokio::test]
async fn what_does_not_say_that_a_restore_was_accepted_is_an_unknown_outcome() {
    let mut answers = vec![
        Answer::html(200),
        Answer::html(201),
        Answer::html(202),
        Answer::empty(101),
        Answer::empty(200),
        Answer::empty(299).header("content-type", "text/html"),
        Answer::empty(600),
        Answer::json(600, &json!({"jobId": "J-1"})),
        Answer::empty(999),
    ];
    let marked = "\u{feff}<html><body>Sign in</body></html>";
    answers.push(Answer::text(201, marked));
    for status in [200, 201, 202] {
        for code in [400, 503] {
            answers.extend(envelopes(code).map(|body| Answer::json(status, &body)));
        }
    }
    for answer in answers {
        let service = Service::signed_in([answer.clone()]);
        let restore = service.client().restores().create(restore_request()).await;
        let error = restore.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::OutcomeUnknown,
            "{answer:?}: {error}"
        );
        assert!(!error.is_retryable(), "{answer:?}");
    }
}

#[tokio::test]
async fn the_job_of_an_accepted_restore_is_found_wherever_it_is_named() {
    let uuid = "0b8d7a1c-3e57-4f0a-9c1e-55d0b0a6f3e2";
    for (answer, id) in [
        (Answer::json(201, &json!({"restoreId": "J-1"})), "J-1"),
        (
            Answer::json(201, &json!({"id": 7, "status": "PENDING"})),
            "7",
        ),
        (Answer::json(201, &json!({"data": {"jobId": "J-1"}})), "J-1"),
        (
            Answer::json(200, &json!({"success": true, "data": {"id": "J-1"}})),
            "J-1",
        ),
        (Answer::json(201, &json!({"data": uuid})), uuid),
        (Answer::json(201, &json!(uuid)), uuid),
        (Answer::json(201, &json!(12)), "12"),
        (
            Answer::empty(202).header("location", "/v1/restore/J-1"),
            "J-1",
        ),
        (
            Answer::json(201, &json!({"status": "PENDING", "message": "x"}))
                .header("location", "restore/J-1"),
            "J-1",
        ),
    ] {
        let service = Service::signed_in([answer.clone()]);
        let restore = service.client().restores().create(restore_request()).await;
        assert_eq!(restore.unwrap().id(), id, "{answer:?}");
    }
}

#[tokio::test]
async fn a_call_by_path_is_never_judged() {
    let body = json!({"status": 500, "error": "not one of ours"});
    let service = Service::signed_in([Answer::ok(&body)]);
    let request = service
        .client()
        .request(cloudally::reqwest::Method::GET, "/v1/new");
    assert_eq!(request.json::<Value>().await.unwrap(), body);
}
