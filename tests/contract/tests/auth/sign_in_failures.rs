//! A sign-in that fails: its failure is held, so that an account is not locked by many refused
//! sign-ins, and a service that recovers is found again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cloudally::{Client, ErrorKind, RetryPolicy};

use cloudally_contract::server::{Gate, Server, Step, json, message, reply};
use cloudally_contract::setup::{
    SECOND, SIGN_IN, builder, impatient, many, profile, read, status_of, tokens,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

/// A service whose sign-in gives this response until the switch is set.
fn refusing(response: Vec<Step>) -> (Server, Arc<AtomicBool>) {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = Arc::clone(&is_up);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN if !up.load(Ordering::SeqCst) => response.clone(),
        SIGN_IN => tokens("t", None, Some(100)),
        _ => profile(),
    });
    (server, is_up)
}

/// The seconds between the sign-ins that calls make which come four times a second.
async fn gaps(client: &Client, server: &Server, clock: &FakeClock, count: usize) -> Vec<u64> {
    let mut gaps = Vec::new();
    let mut quarters = 0;
    let mut seen = server.count_of(SIGN_IN);
    while gaps.len() < count {
        clock.advance(SECOND / 4);
        quarters += 1;
        in_time("the error", read(client)).await.unwrap_err();
        let sign_ins = server.count_of(SIGN_IN);
        assert!(sign_ins <= seen + 1, "no call signs in twice");
        if sign_ins > seen {
            gaps.push(quarters / 4);
            (seen, quarters) = (sign_ins, 0);
        }
    }
    gaps
}

#[tokio::test]
async fn a_refused_sign_in_is_repeated_ever_more_rarely() {
    let page = message(200, &[("content-type", "text/html")], "<html>");
    for (response, kind) in [
        (
            json(401, r#"{"message": "no"}"#),
            ErrorKind::Unauthenticated,
        ),
        (json(403, "{}"), ErrorKind::Forbidden),
        (json(400, "{}"), ErrorKind::BadRequest),
        (json(200, "{}"), ErrorKind::Decode),
        (vec![Step::Write(page)], ErrorKind::Decode),
    ] {
        let (server, is_up) = refusing(response);
        let clock = FakeClock::new();
        let client = impatient(&server, &clock);
        for _ in 0..500 {
            let error = in_time("the error", read(&client)).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.operation()),
                (kind, Some("partnerLogin"))
            );
        }
        assert_eq!(server.requests().len(), 1, "{kind:?}");
        let gaps = gaps(&client, &server, &clock, 11).await;
        assert_eq!(
            gaps,
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
            "{kind:?}"
        );

        is_up.store(true, Ordering::SeqCst);
        in_time("the held error", read(&client)).await.unwrap_err();
        clock.advance(300 * SECOND);
        in_time("recovery", read(&client)).await.unwrap();

        // Success starts over.
        is_up.store(false, Ordering::SeqCst);
        clock.advance(200 * SECOND);
        in_time("the error", read(&client)).await.unwrap_err();
        clock.advance(SECOND);
        is_up.store(true, Ordering::SeqCst);
        in_time("recovery", read(&client)).await.unwrap();
    }
}

#[tokio::test]
async fn a_held_error_says_until_when() {
    let (server, _) = refusing(json(401, r#"{"message": "no"}"#));
    let clock = FakeClock::new();
    let client = impatient(&server, &clock);
    let first = read(&client).await.unwrap_err();
    assert_eq!(first.retry_after(), None);
    clock.advance(SECOND / 4);
    let held = read(&client).await.unwrap_err();
    assert_eq!(held.retry_after(), Some(SECOND * 3 / 4));
    assert_eq!(
        (held.status(), held.server_message()),
        (first.status(), Some("no"))
    );
    let text = held.to_string();
    assert!(
        text.contains("the next sign-in is made after 2026-03-02T12:00:01Z"),
        "{text}"
    );
}

#[tokio::test]
async fn the_service_can_ask_for_up_to_a_quarter_of_an_hour() {
    for (asked, expected) in [("600", 600), ("0", 1), ("86400", 900)] {
        let (server, _) = refusing(reply(429, &[("retry-after", asked)], "{}"));
        let clock = FakeClock::new();
        let once = RetryPolicy::never();
        let client = impatient(&server, &clock).with_retry_policy(once);
        let error = in_time("the error", read(&client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        let sign_ins = server.count_of(SIGN_IN);
        clock.advance(expected * SECOND - SECOND / 4);
        in_time("the held error", read(&client)).await.unwrap_err();
        assert_eq!(server.count_of(SIGN_IN), sign_ins, "{asked}");
        clock.advance(SECOND / 4);
        in_time("the error", read(&client)).await.unwrap_err();
        assert!(server.count_of(SIGN_IN) > sign_ins, "{asked}");
    }
}

#[tokio::test]
async fn a_sign_in_outlives_the_deadline_of_the_calls_that_wait_for_it() {
    let gate = Gate::new();
    let held = gate.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => [vec![Step::Wait(held.clone())], tokens("t", None, None)].concat(),
        _ => profile(),
    });
    let short = RetryPolicy::default().deadline(Duration::from_millis(50));
    let client = builder(server.url()).retry_policy(short).build().unwrap();
    for result in futures_util::future::join_all(many(&client, 13)).await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
    }
    server.seen(SIGN_IN, 1).await;
    gate.open();
    let patient = client.with_retry_policy(RetryPolicy::default());
    in_time("a call after the sign-in", read(&patient))
        .await
        .unwrap();
    assert_eq!(server.count_of(SIGN_IN), 1);
}

#[tokio::test]
async fn a_sign_in_goes_on_while_the_service_fails() {
    let sign_ins = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN if sign_ins.fetch_add(1, Ordering::SeqCst) < 7 => json(503, "{}"),
        SIGN_IN => tokens("t", None, None),
        _ => profile(),
    });
    let client = impatient(&server, &FakeClock::new());
    in_time("the call", read(&client)).await.unwrap();
    assert_eq!(server.count_of(SIGN_IN), 8);
}

#[tokio::test]
async fn a_sign_in_that_fails_for_good_ends_by_the_deadline_and_is_reported_as_what_it_is() {
    let server = Server::start(|_| json(503, "{}"));
    let clock = FakeClock::new();
    let passing = clock.clone();
    let sleep = NoWait::meanwhile(move |wait| passing.advance(wait));
    let patient = builder(server.url()).sleep(Arc::new(sleep));
    let client = patient.clock(Arc::new(clock)).build().unwrap();
    let error = in_time("the error", read(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), status_of(&error), error.operation()),
        (ErrorKind::Server, Some(503), Some("partnerLogin"))
    );
    assert!(error.attempts() > 3, "{error}");
    assert!(!error.is_retry_budget_spent(), "{error}");

    let server = Server::start(|_| json(503, "{}"));
    let once = RetryPolicy::never();
    let client = builder(server.url()).retry_policy(once).build().unwrap();
    assert_eq!(read(&client).await.unwrap_err().attempts(), 1);
    assert_eq!(server.requests().len(), 1);
}
