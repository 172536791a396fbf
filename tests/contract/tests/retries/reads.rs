//! Which failures of a read are tried again, how often, and who is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::{Client, ErrorKind, RateLimit, RetryPolicy};

use cloudally_contract::server::{Reserved, Server, Step, head, json, reply};
use cloudally_contract::setup::{
    READ, SIGN_IN, builder, profile, read, status_of, tokens, with_token,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

/// What a read is tried again after, and what is told of it when it does not pass.
fn passing_faults() -> Vec<(&'static str, Vec<Step>, ErrorKind)> {
    let announced = head(200, &[("content-length", "40")]);
    vec![
        ("408", json(408, "{}"), ErrorKind::Timeout),
        ("429", json(429, "{}"), ErrorKind::RateLimited),
        ("500", json(500, "{}"), ErrorKind::Server),
        ("502", json(502, "{}"), ErrorKind::Server),
        ("503", json(503, "{}"), ErrorKind::Server),
        ("504", json(504, "{}"), ErrorKind::Server),
        ("reset", vec![Step::Reset], ErrorKind::ConnectionLost),
        ("close", vec![Step::Close], ErrorKind::ConnectionLost),
        (
            "half a head",
            vec![Step::Write(b"HTTP/1.1 200 O".to_vec()), Step::Close],
            ErrorKind::ConnectionLost,
        ),
        (
            "no body",
            vec![Step::Write(announced.clone()), Step::Close],
            ErrorKind::ConnectionLost,
        ),
        (
            "half a body",
            vec![
                Step::Write([announced, b"{\"partner".to_vec()].concat()),
                Step::Reset,
            ],
            ErrorKind::ConnectionLost,
        ),
    ]
}

/// A server that shows the fault so many times, and then answers.
fn failing(fault: Vec<Step>, times: usize) -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        number if number < times => fault.clone(),
        _ => profile(),
    })
}

fn client(server: &Server) -> (Client, NoWait) {
    let sleep = NoWait::default();
    let client = with_token(server)
        .sleep(Arc::new(sleep.clone()))
        .build()
        .unwrap();
    (client, sleep)
}

#[tokio::test]
async fn a_read_is_tried_up_to_three_times() {
    for (name, fault, kind) in passing_faults() {
        let server = failing(fault.clone(), 2);
        let (client, sleep) = client(&server);
        let result = in_time(name, read(&client)).await;
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (server.requests().len(), sleep.waits().len()),
            (3, 2),
            "{name}"
        );
        assert!(sleep.waits()[0] <= Duration::from_millis(200), "{name}");
        assert!(sleep.waits()[1] <= Duration::from_millis(400), "{name}");

        let server = failing(fault, usize::MAX);
        let (client, _) = self::client(&server);
        let error = in_time(name, read(&client)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (kind, 3),
            "{name}: {error}"
        );
        assert!(error.is_retryable(), "{name}");
        assert_eq!(error.operation(), Some("getPartner"), "{name}");
        assert_eq!(server.requests().len(), 3, "{name}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_up_to_three_times() {
    let reserved = Reserved::new();
    let sleep = NoWait::default();
    let builder = builder(reserved.url()).sleep(Arc::new(sleep.clone()));
    let error = in_time("refusals", read(&builder.build().unwrap()))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert_eq!(sleep.waits().len(), 2);
}

#[tokio::test]
async fn retries_can_be_switched_off_for_a_client_or_for_a_call() {
    for (name, fault, kind) in passing_faults() {
        let server = failing(fault, usize::MAX);
        let (client, sleep) = client(&server);
        let once = client.with_retry_policy(RetryPolicy::never());
        let error = in_time(name, read(&once)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (kind, 1),
            "{name}: {error}"
        );
        assert_eq!(server.requests().len(), 1, "{name}");

        let five = client.with_retry_policy(RetryPolicy::default().max_attempts(5));
        assert_eq!(read(&five).await.unwrap_err().attempts(), 5, "{name}");
        assert_eq!(
            read(&client).await.unwrap_err().attempts(),
            3,
            "{name}: as before"
        );

        let off = with_token(&server)
            .retry_policy(RetryPolicy::never())
            .sleep(Arc::new(sleep.clone()));
        assert_eq!(
            read(&off.build().unwrap()).await.unwrap_err().attempts(),
            1,
            "{name}"
        );
        assert_eq!(server.requests().len(), 10, "{name}");
    }
}

#[tokio::test]
async fn what_would_fail_again_is_not_tried_again() {
    for (status, kind) in [
        (400, ErrorKind::BadRequest),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::BadRequest),
        (410, ErrorKind::NotFound),
        (418, ErrorKind::BadRequest),
        (422, ErrorKind::BadRequest),
        (501, ErrorKind::Server),
        (302, ErrorKind::UnexpectedRedirect),
        (204, ErrorKind::Decode),
    ] {
        let server = failing(reply(status, &[], ""), usize::MAX);
        let (client, sleep) = client(&server);
        let error = in_time("the error", read(&client)).await.unwrap_err();
        assert_eq!(
            (error.kind(), status_of(&error)),
            (kind, Some(status)),
            "{error}"
        );
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(
            (server.requests().len(), sleep.waits().len()),
            (1, 0),
            "{status}"
        );
    }
}

#[tokio::test]
async fn the_hook_is_told_of_each_attempt_that_is_followed_by_another() {
    let server = failing(json(503, r#"{"message": "busy"}"#), usize::MAX);
    let sleep = NoWait::default();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let client = with_token(&server)
        .sleep(Arc::new(sleep.clone()))
        .on_retry(move |retry| {
            let error = retry.error;
            assert_eq!(
                (error.operation(), status_of(error)),
                (Some("getPartner"), Some(503))
            );
            assert_eq!(error.server_message(), Some("busy"));
            tell.lock().unwrap().push((error.attempts(), retry.delay));
        })
        .build()
        .unwrap();
    read(&client).await.unwrap_err();
    let told = told.lock().unwrap().clone();
    let (attempts, waits): (Vec<_>, Vec<_>) = told.into_iter().unzip();
    assert_eq!(attempts, [1, 2]);
    assert_eq!(waits, sleep.waits());
}

#[tokio::test]
async fn the_rate_limit_is_shared_by_all_clones_and_counts_sign_ins_and_attempts() {
    let is_first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t", None, None),
        _ if is_first.swap(false, Ordering::SeqCst) => json(429, "{}"),
        _ => profile(),
    });
    let sleep = NoWait::default();
    let client = builder(server.url())
        .clock(Arc::new(FakeClock::new()))
        .sleep(Arc::new(sleep.clone()))
        .retry_policy(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
        .rate_limit(RateLimit::per_second(10))
        .build()
        .unwrap();
    for _ in 0..4 {
        let clone = client
            .with_retry_policy(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO));
        read(&clone).await.unwrap();
    }
    assert_eq!((server.count_of(SIGN_IN), server.count_of(READ)), (1, 5));
    let mut waits: Vec<_> = sleep.waits().iter().map(Duration::as_millis).collect();
    waits.retain(|wait| *wait > 0);
    assert_eq!(waits, [100, 200, 300, 400, 500], "the sign-in went at once");
}
