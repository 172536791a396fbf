//! Status and headers, with every kind of call and of page.

use cloudally::types::RestoreRequest;
use cloudally::{Call, Client, Error};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::fixtures;
use cloudally_contract::made_up::{CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN};
use cloudally_contract::service::Service;
use cloudally_contract::setup::status_of;
use futures_util::TryStreamExt;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};

fn told(answer: Answer) -> Answer {
    answer.header("x-request-id", "r-17").header("x-more", "m")
}

/// Makes the call twice: the value with the head is that without, and the head is the answer's.
async fn check<T: Serialize + Send + 'static>(
    signed_in: bool,
    status: u16,
    body: Value,
    call: impl Fn(&Client) -> Call<T>,
) {
    let answer = told(Answer::json(status, &body));
    let mut script = vec![answer.clone(), answer];
    if signed_in {
        script.insert(0, Answer::signed_in());
    }
    let service = Service::answering(script);
    let client = service.client();
    let plain = call(&client).await.unwrap();
    let response = call(&client).with_response().await.unwrap();
    let written = |value: &T| serde_json::to_value(value).unwrap();
    assert_eq!(written(&response.value), written(&plain));
    let head = response.parts;
    assert_eq!(
        (head.status().as_u16(), head.request_id()),
        (status, Some("r-17"))
    );
    assert_eq!(head.headers().get("x-more").unwrap(), "m");
    assert_eq!(head.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn every_call_has_its_response() {
    let body = fixtures::full;
    check(true, 200, body("partner"), |client| {
        client.partners().profile()
    })
    .await;
    let details = fixtures::reseller_details();
    check(true, 200, details, |client| {
        client.partners().reseller("P-2001")
    })
    .await;
    check(true, 200, body("backup_task"), |client| {
        client.backups().get("BT-1")
    })
    .await;
    check(true, 200, body("restore_job"), |client| {
        client.restores().status("J-1")
    })
    .await;
    check(true, 200, body("restore_job"), |client| {
        client.restores().job("J-1").status()
    })
    .await;
    check(true, 200, body("reseller"), |client| {
        client.resellers().profile()
    })
    .await;
    check(true, 202, json!({"a": 1}), |client| {
        client.request(Method::POST, "/v1/new").json::<Value>()
    })
    .await;
    check(true, 200, json!([]), |client| {
        client.request(Method::GET, "/v1/new").bytes()
    })
    .await;
}

#[tokio::test]
async fn every_sign_in_by_hand_has_its_response() {
    let body = || fixtures::full("access_token");
    check(false, 200, body(), |client| {
        client.authentication().login(EMAIL, PASSWORD)
    })
    .await;
    check(false, 200, body(), |client| {
        client
            .authentication()
            .partner_login(CLIENT_ID, CLIENT_SECRET)
    })
    .await;
    check(false, 200, body(), |client| {
        let by_hand = client.authentication();
        by_hand.partner_login_as(CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD)
    })
    .await;
    check(false, 200, body(), |client| {
        client.authentication().refresh_token(REFRESH_TOKEN)
    })
    .await;
}

#[tokio::test]
async fn a_restore_has_its_response_however_the_id_is_told() {
    let location = |answer: Answer| answer.header("location", "/v1/restore/J-1");
    for (status, answer) in [
        (200, Answer::json(200, &json!({"jobId": "J-1"}))),
        (201, Answer::json(201, &json!({"jobId": "J-1"}))),
        (202, location(Answer::json(202, &json!({})))),
        (201, location(Answer::empty(201))),
        (201, location(Answer::html(201))),
    ] {
        let service = Service::signed_in([told(answer)]);
        let restores = service.client().restores();
        let create = restores.create(RestoreRequest::new("T-1"));
        let response = create.with_response().await.unwrap();
        assert_eq!(response.value.id(), "J-1");
        assert_eq!(response.parts.status(), status);
        assert_eq!(response.parts.request_id(), Some("r-17"));
        let restore = response.map(|handle| handle.id().clone());
        assert_eq!(
            (restore.value.as_str(), restore.parts.status().as_u16()),
            ("J-1", status)
        );
    }
}

#[tokio::test]
async fn the_head_is_that_of_the_answer_that_counted() {
    let good = Answer::ok(&fixtures::full("partner"));
    let service = Service::signed_in([
        Answer::spring(503, "busy").header("x-request-id", "r-1"),
        Answer::spring(401, "old").header("x-request-id", "r-2"),
        Answer::signed_in().header("x-request-id", "r-3"),
        good.header("x-request-id", "r-4"),
    ]);
    let profile = service.client().partners().profile().with_response();
    let head = profile.await.unwrap().parts;
    assert_eq!(
        (head.status().as_u16(), head.request_id()),
        (200, Some("r-4"))
    );
}

#[tokio::test]
async fn the_id_of_a_request_is_found_under_each_of_its_names() {
    for name in [
        "x-request-id",
        "X-Correlation-ID",
        "x-amzn-requestid",
        "x-amz-cf-id",
    ] {
        let answer = Answer::ok(&json!({})).header(name, "r-9");
        let service = Service::signed_in([answer]);
        let response = service.client().partners().profile().with_response();
        assert_eq!(
            response.await.unwrap().parts.request_id(),
            Some("r-9"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn each_page_has_its_head() {
    let page = |number: u64| {
        let body = json!({"page": number, "totalPages": 2, "total": 2, "data": [{"id": number.to_string()}]});
        Answer::ok(&body).header("x-request-id", &format!("r-{number}"))
    };
    let script = [page(1), page(2)];
    let service = Service::signed_in(script.clone());
    let list = || service.client().tasks().list().page_size(1);
    let pages: Vec<_> = list().pages().try_collect().await.unwrap();
    let heads = pages
        .iter()
        .map(|page| (page.parts.status().as_u16(), page.parts.request_id()));
    let heads: Vec<_> = heads.collect();
    assert_eq!(heads, [(200, Some("r-1")), (200, Some("r-2"))]);
    service.answers_next([Answer::signed_in(), page(1)]);
    assert_eq!(list().page().await.unwrap().parts.request_id(), Some("r-1"));
}

/// For every operation, a failure and an answer that cannot be read.
#[tokio::test]
async fn every_error_has_the_head_of_its_answer() {
    for call in calls::all() {
        let service = Service::answering(call.before());
        let client = service.client();
        if !call.is_sign_in() {
            client.sign_in().await.unwrap();
        }
        let unreadable = Answer::json(200, &json!("text"));
        for (status, answer) in [(409, Answer::spring(409, "no")), (200, unreadable)] {
            if status == 200 && call.id == "createRestoreRequest" {
                continue;
            }
            service.answers_next([told(answer)]);
            let error: Error = (call.run)(client.clone()).await.unwrap_err();
            let head = error
                .response_parts()
                .unwrap_or_else(|| panic!("{}: {error:?}", call.id));
            assert_eq!(head.status(), status, "{}", call.id);
            assert_eq!(head.headers()["x-more"], "m", "{}", call.id);
            assert_eq!(head.request_id(), Some("r-17"), "{}", call.id);
            assert_eq!(error.request_id(), Some("r-17"), "{}", call.id);
            assert_eq!(status_of(&error), Some(status), "{}", call.id);
        }
    }
}
