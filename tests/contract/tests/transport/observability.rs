//! Spans and events: a span for each call and one for each attempt below it, sign-in and refresh
//! included, with the names and attributes that are promised.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudally::reqwest::Method;
use cloudally::types::RestoreRequest;
use opentelemetry_semantic_conventions::attribute;
use serde_json::Value;

use cloudally_contract::capture::{Capture, Told};
use cloudally_contract::server::{Server, Step, json, message};
use cloudally_contract::setup::{
    READ, REFRESH, SECOND, SIGN_IN, builder, profile, read, renewing, settle, signed_in, tokens,
    with_one_retry, with_token,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

/// The attributes that OpenTelemetry's HTTP conventions require of a client span,
/// and of those that they require under a condition or recommend, the ones that are used.
const REQUIRED: [&str; 4] = [
    attribute::HTTP_REQUEST_METHOD,
    attribute::SERVER_ADDRESS,
    attribute::SERVER_PORT,
    attribute::URL_FULL,
];
const CONDITIONAL: [&str; 4] = [
    attribute::HTTP_RESPONSE_STATUS_CODE,
    attribute::ERROR_TYPE,
    attribute::HTTP_REQUEST_RESEND_COUNT,
    attribute::URL_TEMPLATE,
];
/// What the subscriber makes of it, and what is the client's own.
const OWN: [&str; 4] = [
    "otel.kind",
    "otel.name",
    "otel.status_code",
    "cloudally.request_id",
];
const OF_A_CALL: [&str; 6] = [
    "otel.kind",
    "otel.name",
    "otel.status_code",
    "cloudally.operation",
    "cloudally.page",
    "error.type",
];
const OF_AN_EVENT: [&str; 6] = [
    "message",
    "attempt",
    "error.type",
    "delay_ms",
    "passes",
    "cloudally.operation",
];

#[track_caller]
fn allowed(told: &Told, allowed: &[&str]) {
    for name in told.fields.keys() {
        let name = name.trim_end_matches(" before");
        assert!(allowed.contains(&name), "{name} of {told:?}");
    }
}

/// Every span and event of the client has the attributes of the conventions, and no other.
#[track_caller]
fn keeps_the_conventions(capture: &Capture) {
    for told in capture.all() {
        if !told.target.starts_with("cloudally") {
            continue;
        }
        match (told.name.as_str(), told.id) {
            (_, None) => allowed(&told, &OF_AN_EVENT),
            ("cloudally.attempt", _) => {
                let all = [REQUIRED.as_slice(), &CONDITIONAL, &OWN].concat();
                allowed(&told, &all);
                for name in REQUIRED {
                    assert!(told.fields.contains_key(name), "{name}: {told:?}");
                }
                assert_eq!(told.fields["otel.kind"], "\"client\"");
                let status = told.fields.get("http.response.status_code");
                let is_failed = told.fields.contains_key("error.type");
                if status.is_some_and(|status| status.as_str() >= "400") {
                    assert_eq!(told.fields["error.type"].trim_matches('"'), status.unwrap());
                }
                assert!(status.is_some() || is_failed, "{told:?}");
                assert_eq!(
                    told.fields.contains_key("otel.status_code"),
                    is_failed,
                    "{told:?}"
                );
                assert_ne!(
                    told.fields.get("http.request.resend_count"),
                    Some(&"0".to_owned())
                );
            }
            ("cloudally.call" | "cloudally.token_renewal", _) => {
                allowed(&told, &OF_A_CALL);
                assert_eq!(told.fields["otel.kind"], "\"internal\"");
            }
            (name, _) => panic!("{name} is no span of ours"),
        }
    }
}

#[tokio::test]
async fn the_trace_of_a_call_shows_its_attempts_the_refresh_and_the_retry() {
    let (capture, _guard) = Capture::start();
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), None),
        REFRESH => tokens("t1", Some("r1"), None),
        READ => match reads.fetch_add(1, Ordering::SeqCst) {
            0 => vec![Step::Write(message(503, &[("x-request-id", "q-1")], "{}"))],
            1 => json(401, "{}"),
            2 => vec![Step::Reset],
            _ => profile(),
        },
        _ => json(500, "{}"),
    });
    let builder = builder(server.url()).sleep(Arc::new(NoWait::default()));
    let client = builder.clock(Arc::new(FakeClock::new())).build().unwrap();
    in_time("a read", read(&client)).await.unwrap();
    let restore = client.restores().create(RestoreRequest::new("T-1"));
    in_time("a restore", restore).await.unwrap_err();
    settle().await;

    let expected = "\
cloudally.call otel.name=getPartner <- cloudally.token_renewal <- cloudally.token_renewal
  cloudally.attempt otel.name=GET /v1/partners http.response.status_code=503 error.type=503
  DEBUG the attempt failed and will be repeated error.type=503
  cloudally.attempt otel.name=GET /v1/partners http.request.resend_count=1 http.response.status_code=401 error.type=401
  WARN the service refused the access token
  DEBUG the attempt failed and will be repeated error.type=401
  cloudally.attempt otel.name=GET /v1/partners http.request.resend_count=2 error.type=ConnectionLost
  DEBUG the attempt failed and will be repeated error.type=ConnectionLost
  cloudally.attempt otel.name=GET /v1/partners http.request.resend_count=3 http.response.status_code=200
cloudally.token_renewal
  cloudally.call otel.name=partnerLogin
    cloudally.attempt otel.name=POST /auth/partner http.response.status_code=200
cloudally.token_renewal
  cloudally.call otel.name=refreshToken
    cloudally.attempt otel.name=POST /auth/refresh http.response.status_code=200
cloudally.call otel.name=createRestoreRequest error.type=OutcomeUnknown
  cloudally.attempt otel.name=POST /v1/restore http.response.status_code=500 error.type=500
";
    assert_eq!(capture.tree(), expected);
    keeps_the_conventions(&capture);
    let attempts = capture.spans("cloudally.attempt");
    let read = attempts
        .iter()
        .find(|span| span.fields.contains_key("cloudally.request_id"));
    assert_eq!(read.unwrap().fields["cloudally.request_id"], "\"q-1\"");
}

#[tokio::test]
async fn a_spent_budget_is_a_warning_and_only_what_failed_has_an_error() {
    let (capture, _guard) = Capture::start();
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |_| match reads.fetch_add(1, Ordering::SeqCst) {
        0 | 2 => json(503, "{}"),
        _ => profile(),
    });
    let client = with_one_retry(&server);
    in_time("a read", read(&client)).await.unwrap();
    in_time("a read", read(&client)).await.unwrap_err();
    let expected = "\
cloudally.call otel.name=getPartner <- cloudally.token_renewal
  cloudally.attempt otel.name=GET /v1/partners http.response.status_code=503 error.type=503
  DEBUG the attempt failed and will be repeated error.type=503
  cloudally.attempt otel.name=GET /v1/partners http.request.resend_count=1 http.response.status_code=200
cloudally.token_renewal
cloudally.call otel.name=getPartner error.type=Server
  cloudally.attempt otel.name=GET /v1/partners http.response.status_code=503 error.type=503
  WARN the attempt failed and is not repeated, because the retry budget is spent error.type=503
";
    assert_eq!(capture.tree(), expected);
    keeps_the_conventions(&capture);
}

#[tokio::test]
async fn the_pages_of_a_list_are_numbered_and_its_restart_is_a_warning() {
    let (capture, _guard) = Capture::start();
    let pages = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let body = match pages.fetch_add(1, Ordering::SeqCst) {
            0 => r#"{"page": 1, "totalPages": 2, "total": 3, "data": [{"id": "a"}, {"id": "b"}]}"#,
            1 => r#"{"page": 2, "totalPages": 2, "total": 2, "data": []}"#,
            _ => r#"{"page": 1, "totalPages": 1, "total": 1, "data": [{"id": "a"}]}"#,
        };
        json(200, body)
    });
    let client = with_token(&server).build().unwrap();
    let list = client.tasks().list().page_size(2).prefetch(false);
    let tasks = in_time("a list", list.collect().restarts(1)).await.unwrap();
    assert_eq!(tasks.len(), 1);
    let calls = capture.spans("cloudally.call");
    let pages: Vec<_> = calls
        .iter()
        .map(|call| call.fields["cloudally.page"].as_str())
        .collect();
    assert_eq!(pages, ["1", "2", "1"]);
    let warnings: Vec<_> = capture
        .all()
        .into_iter()
        .filter(|told| told.level == "WARN")
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(
        warnings[0].fields["cloudally.operation"],
        "\"listPartnerTasks\""
    );
    keeps_the_conventions(&capture);
}

#[tokio::test]
async fn a_url_is_told_without_what_is_not_for_a_log() {
    let (capture, _guard) = Capture::start();
    let server = Server::start(|_| json(200, "{\"data\": []}"));
    let client = with_token(&server).build().unwrap();
    in_time("a list", client.tasks().list().page_size(7).collect())
        .await
        .unwrap();
    in_time("a job", client.restores().status("J-1"))
        .await
        .unwrap();
    let request = client
        .request(Method::GET, "/v1/canary/path")
        .query("canary-name", "canary");
    in_time("a request", request.json::<Value>()).await.unwrap();
    let urls: Vec<_> = capture
        .spans("cloudally.attempt")
        .iter()
        .map(|span| {
            span.fields["url.full"]
                .trim_matches('"')
                .replace(&server.url(), "")
        })
        .collect();
    assert_eq!(
        urls,
        [
            "/v1/partners/tasks?pageSize=REDACTED",
            "/v1/restore/J-1",
            "/REDACTED?REDACTED=REDACTED",
        ]
    );
    let all = format!("{:?}", capture.all());
    assert!(!all.contains("canary"), "{all}");
    keeps_the_conventions(&capture);
}

#[tokio::test]
async fn a_renewal_in_the_background_has_a_trace_of_its_own() {
    let (capture, _guard) = Capture::start();
    let server = renewing(100);
    let (client, clock) = signed_in(&server).await;
    clock.advance(90 * SECOND);
    in_time("the new token", async {
        while server.count(|request| request.token() == "t1") == 0 {
            read(&client).await.unwrap();
        }
    })
    .await;
    let renewal = "\
cloudally.token_renewal
  cloudally.call otel.name=refreshToken
    cloudally.attempt otel.name=POST /auth/refresh http.response.status_code=200
";
    assert!(capture.tree().contains(renewal), "{}", capture.tree());
}
