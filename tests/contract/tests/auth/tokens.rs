//! One token for all calls: one renewal at a time, whoever asks for it and whatever becomes of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::time::Clock;
use cloudally::types::RestoreRequest;
use cloudally::{Client, Credentials, ErrorKind, RetryPolicy, TemporaryToken};
use cloudally_contract::time::NoWait;

use cloudally_contract::names::Names;
use cloudally_contract::server::{Gate, Server, Step, json};
use cloudally_contract::setup::{
    READ, REFRESH, RESTORE, SECOND, SIGN_IN, begin, builder, finish, impatient, many, profile,
    read, reading, refusing_the_first, signed_in, status_of, tokens, with_token,
};
use cloudally_contract::time::{FakeClock, Held, Stopwatch, in_time};

/// A client whose token has just expired.
async fn expired(server: &Server) -> Client {
    let (client, clock) = signed_in(server).await;
    clock.advance(200 * SECOND);
    client
}

#[tokio::test]
async fn ten_thousand_concurrent_calls_with_an_expired_token_make_one_refresh() {
    let gate = Gate::new();
    let server = refusing_the_first(&gate);
    let client = expired(&server).await;
    let mut calls = many(&client, 10_000);
    for call in &mut calls {
        begin(call).await;
    }
    server.seen(REFRESH, 1).await;
    gate.open();
    let results = finish(calls).await;
    assert!(
        results.iter().all(Result::is_ok),
        "{:?}",
        results.iter().find(|r| r.is_err())
    );
    assert_eq!(server.count_of(REFRESH), 1);
    assert_eq!(server.count_of(SIGN_IN), 1);
    assert_eq!(
        server.count_of(READ),
        10_000,
        "none was sent with the old token"
    );
}

#[test]
fn ten_thousand_tasks_on_four_threads_make_one_refresh() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), Some(100)),
        _ => tokens("t1", Some("r1"), Some(100)),
    });
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(async {
        let client = expired(&server).await;
        let tasks: Vec<_> = (0..10_000)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.sign_in().await })
            })
            .collect();
        for task in tasks {
            in_time("a token", task).await.unwrap().unwrap();
        }
    });
    assert_eq!(server.count_of(REFRESH), 1);
    assert_eq!(server.count_of(SIGN_IN), 1);
}

#[tokio::test]
async fn ten_thousand_concurrent_calls_with_a_failing_refresh_make_one_and_get_the_same_error() {
    let gate = Gate::new();
    let held = gate.clone();
    let signed_in = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        if signed_in.fetch_add(1, Ordering::SeqCst) == 0 {
            return tokens("t0", None, Some(100));
        }
        let mut steps = vec![Step::Wait(held.clone())];
        steps.extend(json(401, r#"{"message": "no longer"}"#));
        steps
    });
    let client = expired(&server).await;
    let mut calls = many(&client, 10_000);
    for call in &mut calls {
        begin(call).await;
    }
    server.seen(SIGN_IN, 2).await;
    gate.open();
    let watch = Stopwatch::start();
    let results = finish(calls).await;
    let latency = watch.elapsed();
    let errors: Vec<_> = results.into_iter().map(Result::unwrap_err).collect();
    let first = errors[0].to_string();
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(
            (status_of(error), error.operation()),
            (Some(401), Some("partnerLogin"))
        );
        assert_eq!(error.to_string(), first);
    }
    // The first of the two is the one that made the token which expired.
    assert_eq!(
        server.requests().len(),
        2,
        "one latency for all, for only one request was made"
    );
    println!("10,000 callers had the error {latency:?} after the service gave it");
}

#[tokio::test]
async fn a_thousand_401s_for_one_old_token_make_one_refresh_and_one_replay_each() {
    let gate = Gate::new();
    let server = Server::start(|request| match request.token() {
        "t1" => profile(),
        _ => json(401, "{}"),
    });
    // Connecting comes after the token is taken, so holding it there keeps a thousand calls with
    // the same token in hand. A token of another making has it that the sign-in itself needs no
    // connection.
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = Credentials::provider(move || {
        let number = count.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, std::io::Error>(TemporaryToken::new(format!("t{number}"))) }
    });
    let client = builder(server.url().replace("127.0.0.1", "localhost"))
        .credentials(provider)
        .clock(Arc::new(FakeClock::new()))
        .http_client(Names::held(&gate).connections())
        .build()
        .unwrap();
    client.sign_in().await.unwrap();
    let mut calls = many(&client, 1_000);
    for call in &mut calls {
        begin(call).await;
    }
    gate.open();
    let results = finish(calls).await;
    assert!(
        results.iter().all(Result::is_ok),
        "{:?}",
        results.iter().find(|r| r.is_err())
    );
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "the first, and one renewal"
    );
    assert_eq!(server.count(|request| request.token() == "t0"), 1_000);
    assert_eq!(server.count(|request| request.token() == "t1"), 1_000);
}

#[tokio::test]
async fn a_hundred_401s_at_the_same_moment_make_one_refresh() {
    let gate = Gate::new();
    let held = gate.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), None),
        REFRESH => tokens("t1", Some("r1"), None),
        _ if request.token() == "t1" => profile(),
        _ => [vec![Step::Wait(held.clone())], json(401, "{}")].concat(),
    });
    let client = builder(server.url()).build().unwrap();
    client.sign_in().await.unwrap();
    let calls = many(&client, 100).into_iter().map(tokio::spawn);
    let calls: Vec<_> = calls.collect();
    server.seen(READ, 100).await;
    gate.open();
    for call in calls {
        in_time("a replay", call).await.unwrap().unwrap();
    }
    assert_eq!((server.count_of(REFRESH), server.count_of(READ)), (1, 200));
}

#[tokio::test]
async fn a_late_401_for_an_old_token_never_evicts_a_newer_one() {
    let gate = Gate::new();
    let held = gate.clone();
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), None),
        REFRESH => tokens("t1", Some("r1"), None),
        _ if request.token() == "t1" => profile(),
        // The first is told late.
        _ if reads.fetch_add(1, Ordering::SeqCst) == 0 => {
            [vec![Step::Wait(held.clone())], json(401, "{}")].concat()
        }
        _ => json(401, "{}"),
    });
    let (client, clock) = signed_in(&server).await;
    let late = tokio::spawn(reading(&client));
    server.seen(READ, 1).await;
    in_time("the quick one", read(&client)).await.unwrap();
    assert_eq!(server.count_of(REFRESH), 1);
    // Long after the last renewal: nothing but the token's own identity protects the newer one.
    clock.advance(30 * SECOND);
    gate.open();
    in_time("the late one", late).await.unwrap().unwrap();
    read(&client).await.unwrap();
    assert_eq!((server.count_of(REFRESH), server.count_of(SIGN_IN)), (1, 1));
}

/// So much time passes before each response that no pause is left.
#[tokio::test]
async fn a_read_is_replayed_twice_and_a_restore_once_and_then_the_401_is_the_error() {
    let clock = FakeClock::new();
    let passing = clock.clone();
    let renewals = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t", Some("r"), None),
        REFRESH => {
            let number = renewals.fetch_add(1, Ordering::SeqCst);
            tokens(&format!("t{number}"), Some("r"), None)
        }
        _ => {
            passing.advance(10 * SECOND);
            json(401, r#"{"message": "never"}"#)
        }
    });
    let client = builder(server.url())
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    let error = in_time("the error", read(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::TokenRefused, 3)
    );
    assert!(error.is_retryable() && error.is_unauthenticated());
    assert_eq!(error.server_message(), Some("never"));
    assert!(error.to_string().contains("another program"), "{error}");
    assert_eq!((server.count_of(REFRESH), server.count_of(READ)), (2, 3));

    let restore = client.restores().create(RestoreRequest::new("T-1"));
    let error = in_time("the error", restore).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::TokenRefused, 2)
    );
    assert_eq!(server.count_of(RESTORE), 2);
}

/// A service that refuses the token of its sign-in and that of the first renewal.
fn refusing_two() -> Server {
    let renewals = AtomicUsize::new(0);
    Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r"), None),
        REFRESH => {
            let number = renewals.fetch_add(1, Ordering::SeqCst) + 1;
            tokens(&format!("t{number}"), Some("r"), None)
        }
        _ if request.token() == "t2" => profile(),
        _ => json(401, "{}"),
    })
}

/// A client whose clock advances while it waits.
fn waiting(server: &Server) -> (Client, NoWait) {
    let clock = FakeClock::new();
    let passing = clock.clone();
    let sleep = NoWait::meanwhile(move |wait| passing.advance(wait));
    let builder = builder(server.url()).clock(Arc::new(clock));
    let client = builder.sleep(Arc::new(sleep.clone())).build().unwrap();
    (client, sleep)
}

#[tokio::test]
async fn a_read_whose_new_token_is_refused_waits_and_is_replayed_with_another() {
    let server = refusing_two();
    let (client, sleep) = waiting(&server);
    in_time("the third attempt", read(&client)).await.unwrap();
    assert_eq!(sleep.waits(), [SECOND]);
    assert_eq!((server.count_of(REFRESH), server.count_of(READ)), (2, 3));
}

#[tokio::test]
async fn the_pause_is_for_reads_that_have_time() {
    let server = refusing_two();
    let (client, sleep) = waiting(&server);
    let hasty = client.with_retry_policy(RetryPolicy::default().deadline(SECOND));
    let error = in_time("the error", read(&hasty)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenRefused);
    let restore = client.restores().create(RestoreRequest::new("T-1"));
    let error = in_time("the error", restore).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::TokenRefused, 1)
    );
    assert!(sleep.waits().is_empty());
}

/// As if another program signed in with the same login each time: no new token works.
#[tokio::test]
async fn new_tokens_that_keep_being_refused_are_made_ever_more_rarely() {
    let clock = FakeClock::new();
    let seen = clock.clone();
    let times = Arc::new(Mutex::new(Vec::new()));
    let renewed = Arc::clone(&times);
    let server = Server::start(move |request| match request.path.as_str() {
        READ => json(401, "{}"),
        _ => {
            renewed.lock().unwrap().push(seen.monotonic());
            tokens("t", Some("r"), None)
        }
    });
    let client = impatient(&server, &clock);
    for _ in 0..2_400 {
        in_time("the error", read(&client)).await.unwrap_err();
        clock.advance(SECOND / 4);
    }
    let times = times.lock().unwrap();
    let gaps: Vec<_> = times[1..]
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!((10..=17).contains(&gaps.len()), "{gaps:?}");
    assert_eq!(gaps[0], SECOND);
    let most = 60 * SECOND + SECOND / 4;
    assert!(gaps.iter().all(|gap| *gap <= most), "{gaps:?}");
    assert!(gaps.last().unwrap() >= &(60 * SECOND), "{gaps:?}");
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_is_told_as_that() {
    let server = Server::start(|_| json(401, "{}"));
    let client = with_token(&server).build().unwrap();
    let error = in_time("the error", read(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Unauthenticated, 1)
    );
    assert!(!error.is_retryable());
    assert!(
        error.to_string().contains("give the client a new one"),
        "{error}"
    );
}

#[tokio::test]
async fn callers_whose_deadline_is_shorter_than_the_refresh_do_not_start_a_second_one() {
    let gate = Gate::new();
    let held = gate.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), Some(100)),
        REFRESH => [
            vec![Step::Wait(held.clone())],
            tokens("t1", None, Some(100)),
        ]
        .concat(),
        _ => profile(),
    });
    let client = expired(&server).await;
    let hasty = client.with_retry_policy(RetryPolicy::never().deadline(Duration::from_millis(50)));
    for round in 0..3 {
        for result in futures_util::future::join_all(many(&hasty, 30)).await {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "round {round}");
            assert_eq!(error.attempts(), 0, "nothing but the sign-in was sent");
        }
    }
    server.seen(REFRESH, 1).await;
    gate.open();
    in_time("a patient call", read(&client)).await.unwrap();
    assert_eq!((server.count_of(REFRESH), server.count_of(SIGN_IN)), (1, 1));
}

#[tokio::test]
async fn no_caller_waits_for_another_caller_s_retry() {
    let is_first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, None),
        _ if is_first.swap(false, Ordering::SeqCst) => json(503, "{}"),
        _ => profile(),
    });
    let gate = Gate::new();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let client = builder(server.url())
        .clock(Arc::new(FakeClock::new()))
        .sleep(Arc::new(Held(gate.clone())))
        .on_retry(move |_| tell.send(()).unwrap())
        .build()
        .unwrap();
    let waiting = tokio::spawn(reading(&client));
    in_time("the wait before a retry", told.recv())
        .await
        .unwrap();
    for _ in 0..10 {
        in_time("another call", read(&client)).await.unwrap();
    }
    assert!(!waiting.is_finished());
    gate.open();
    in_time("the retry", waiting).await.unwrap().unwrap();
}
