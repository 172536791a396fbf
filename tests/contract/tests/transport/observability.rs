//! One span for each call and one event for each attempt, sign-in and refresh included, with the
//! fields that are allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudally::types::RestoreRequest;

use crate::capture::{Capture, Told};
use crate::server::{Server, Step, json, message};
use crate::setup::{
    READ, REFRESH, SECOND, SIGN_IN, builder, profile, read, renewing, settle, signed_in, tokens,
    with_one_retry,
};
use crate::time::{FakeClock, NoWait, in_time};

const OF_A_SPAN: [&str; 8] = [
    "otel.kind",
    "cloudally.operation",
    "http.request.method",
    "url.template",
    "http.response.status_code",
    "http.request.resend_count",
    "cloudally.request_id",
    "error.type",
];
const OF_AN_EVENT: [&str; 7] = [
    "message",
    "attempt",
    "http.response.status_code",
    "cloudally.request_id",
    "error.type",
    "delay_ms",
    "retry_budget_spent",
];

fn allowed(told: &Told, allowed: &[&str]) {
    for name in told.fields.keys() {
        let name = name.trim_end_matches(" before");
        assert!(allowed.contains(&name), "{name} of {told:?}");
    }
}

/// A service whose reads fail in three ways, the last time on a fresh connection too, and then
/// succeed.
fn service() -> Server {
    let reads = AtomicUsize::new(0);
    Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), None),
        REFRESH => tokens("t1", Some("r1"), None),
        READ => match reads.fetch_add(1, Ordering::SeqCst) {
            0 => vec![Step::Write(message(503, &[("x-request-id", "q-1")], "{}"))],
            1 => json(401, "{}"),
            2 | 3 => vec![Step::Reset],
            _ => profile(),
        },
        _ => json(500, "{}"),
    })
}

#[tokio::test]
async fn there_is_one_span_per_call_and_one_event_per_attempt() {
    let (capture, _guard) = Capture::start();
    let server = service();
    let builder = builder(server.url()).sleep(Arc::new(NoWait::default()));
    let client = builder.clock(Arc::new(FakeClock::new())).build().unwrap();
    in_time("a read", read(&client)).await.unwrap_err();
    in_time("a read", read(&client)).await.unwrap();
    client
        .restores()
        .create(RestoreRequest::new("T-1"))
        .await
        .unwrap_err();
    settle().await;

    let calls = capture.calls();
    let summary: Vec<_> = calls
        .iter()
        .map(|(span, events)| (span.fields["cloudally.operation"].as_str(), events.len()))
        .collect();
    let expected = [
        ("\"getPartner\"", 4),
        ("\"partnerLogin\"", 1),
        ("\"refreshToken\"", 1),
        ("\"getPartner\"", 1),
        ("\"createRestoreRequest\"", 1),
    ];
    assert_eq!(summary, expected);
    for (span, events) in &calls {
        allowed(span, &OF_A_SPAN);
        events.iter().for_each(|event| allowed(event, &OF_AN_EVENT));
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event.fields["attempt"], (number + 1).to_string());
        }
    }
    let (span, events) = &calls[0];
    assert_eq!(span.fields["http.request.method"], "\"GET\"");
    assert_eq!(span.fields["url.template"], "\"/v1/partners\"");
    assert_eq!(span.fields["http.request.resend_count"], "3");
    assert_eq!(span.fields["error.type"], "\"ConnectionLost\"");
    assert_eq!(events[0].fields["cloudally.request_id"], "\"q-1\"");
    assert_eq!(events[0].fields["http.response.status_code"], "503");
    assert!(events[0].fields.contains_key("delay_ms"));
    assert_eq!(
        events[1].fields["delay_ms"], "0",
        "a refused token is replaced at once"
    );
    assert_eq!(
        events[2].fields["delay_ms"], "0",
        "a stale connection is left at once"
    );
    assert!(
        !events[3].fields.contains_key("delay_ms"),
        "that was the last"
    );
    let own = capture.all();
    let own = own
        .iter()
        .filter(|told| told.target.starts_with("cloudally"))
        .count();
    assert_eq!(own, 5 + 8, "and nothing else is told");
}

#[tokio::test]
async fn only_a_call_that_failed_in_the_end_has_an_error() {
    let (capture, _guard) = Capture::start();
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |_| match reads.fetch_add(1, Ordering::SeqCst) {
        0 | 2 => json(503, "{}"),
        _ => profile(),
    });
    let client = with_one_retry(&server);
    in_time("a read", read(&client)).await.unwrap();
    in_time("a read", read(&client)).await.unwrap_err();

    let calls = capture.calls();
    let (span, events) = &calls[0];
    assert!(!span.fields.contains_key("error.type"), "{span:?}");
    assert_eq!(events[0].fields["error.type"], "\"Server\"");
    assert!(!events[0].fields.contains_key("retry_budget_spent"));
    let (span, events) = &calls[1];
    assert_eq!(span.fields["error.type"], "\"Server\"");
    assert_eq!(events[0].fields["retry_budget_spent"], "true");
}

#[tokio::test]
async fn a_renewal_in_the_background_has_a_span_of_its_own() {
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
    let calls = capture.calls();
    let refreshes: Vec<_> = calls
        .iter()
        .filter(|(span, _)| span.fields["cloudally.operation"] == "\"refreshToken\"")
        .collect();
    assert_eq!((refreshes.len(), refreshes[0].1.len()), (1, 1));
    assert_eq!(refreshes[0].0.fields["http.response.status_code"], "200");
}
