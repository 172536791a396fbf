//! A deadline bounds everything that a call does, and the default client has one.

use std::sync::Arc;
use std::time::Duration;

use cloudally::types::RestoreRequest;
use cloudally::{Client, ClientBuilder, Credentials, Error, ErrorKind, RateLimit, RetryPolicy};
use tokio::net::TcpStream;

use cloudally_contract::server::{Reserved, Server, Step, head, json, reply};
use cloudally_contract::setup::{
    READ, REFRESH, RESTORE, SECOND, SIGN_IN, builder, read, status_of, tokens, with_token,
};
use cloudally_contract::time::{Hurried, NoWait, Stopwatch, in_time};

pub(crate) const DEADLINE: Duration = Duration::from_millis(300);
/// The promise is 50 ms. A machine that runs all tests at once may be late itself, so more is let
/// pass, and printed.
const LATE: Duration = Duration::from_millis(500);

/// The error of a call that must end by the deadline.
pub(crate) async fn ends<T>(name: &str, call: impl Future<Output = Result<T, Error>>) -> Error {
    let watch = Stopwatch::start();
    let error = match in_time(name, call).await {
        Ok(_) => panic!("{name}: it cannot succeed"),
        Err(error) => error,
    };
    let late = watch.elapsed().saturating_sub(DEADLINE);
    println!("{name}: {late:?} after the deadline");
    assert!(late < LATE, "{name}: {late:?} after the deadline");
    error
}

fn hasty(builder: ClientBuilder) -> Client {
    builder
        .retry_policy(RetryPolicy::default().deadline(DEADLINE))
        .build()
        .unwrap()
}

fn stalled_body() -> Vec<Step> {
    let announced = head(200, &[("content-length", "100")]);
    vec![
        Step::Write([announced, b"{\"partnerId\"".to_vec()].concat()),
        Step::UntilGone,
    ]
}

fn slow_body(status: u16) -> Vec<Step> {
    let body = [b"{".to_vec(), vec![b' '; 400]].concat();
    let announced = head(status, &[("content-length", "1000")]);
    vec![
        Step::Write(announced),
        Step::Drip(body, Duration::from_millis(100)),
    ]
}

fn slow_head() -> Vec<Step> {
    vec![Step::Drip(vec![b'H'; 400], Duration::from_millis(100))]
}

#[tokio::test]
async fn a_silent_server_and_stalled_or_slow_answers_end_by_the_deadline() {
    for (name, steps, kind) in [
        ("a silent server", vec![Step::UntilGone], ErrorKind::Timeout),
        ("a stalled body", stalled_body(), ErrorKind::Timeout),
        (
            "one byte of the body per 100 ms",
            slow_body(200),
            ErrorKind::Timeout,
        ),
        // The status was told, and says more than that the rest was late.
        (
            "one byte of an error per 100 ms",
            slow_body(500),
            ErrorKind::Server,
        ),
        (
            "one byte of the head per 100 ms",
            slow_head(),
            ErrorKind::Timeout,
        ),
    ] {
        let server = Server::start(move |_| steps.clone());
        let client = hasty(with_token(&server));
        let error = ends(name, read(&client)).await;
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.is_retryable(), "{name}");
        assert_eq!(server.requests().len(), 1, "{name}");

        let restore = client.restores();
        let request = cloudally::types::RestoreRequest::new("T-1");
        let error = ends(name, restore.create(request.clone())).await;
        // A stalled 201 is an accepted restore all the same; a 200 is not a documented answer to
        // one.
        assert!(!error.is_retryable(), "{name}: {error}");
    }
}

#[tokio::test]
async fn so_do_the_sign_in_and_the_refresh_for_those_who_wait_for_them() {
    for steps in [vec![Step::UntilGone], stalled_body(), slow_body(200)] {
        let server = Server::start(move |_| steps.clone());
        let error = ends("a sign-in", read(&hasty(builder(server.url())))).await;
        assert!(error.is_timeout(), "{error}");
    }
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t", Some("r"), None),
        REFRESH => vec![Step::UntilGone],
        _ => json(401, "{}"),
    });
    let client = builder(server.url()).build().unwrap();
    client.sign_in().await.unwrap();
    let client = client.with_retry_policy(RetryPolicy::default().deadline(DEADLINE));
    let error = ends("a refresh", read(&client)).await;
    // The 401 that made it necessary tells more than that there was no time for it.
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::TokenRefused, 1),
        "{error}"
    );
    assert_eq!(server.count_of(READ), 1);
}

#[tokio::test]
async fn a_provider_that_never_answers_ends_by_the_deadline() {
    let provider = Credentials::provider(|| async {
        std::future::pending::<Result<cloudally::TemporaryToken, std::io::Error>>().await
    });
    let client = hasty(builder("http://127.0.0.1:1").credentials(provider));
    assert_eq!(
        ends("a provider", read(&client)).await.kind(),
        ErrorKind::Timeout
    );
}

#[tokio::test]
async fn waits_between_attempts_end_by_the_deadline() {
    let server = Server::start(|_| json(503, "{}"));
    let policy = RetryPolicy::default()
        .max_attempts(1_000)
        .deadline(DEADLINE);
    let policy = policy.backoff(Duration::from_millis(100), Duration::from_millis(100));
    let client = with_token(&server).retry_policy(policy).build().unwrap();
    let error = ends("attempts", read(&client)).await;
    // Between two attempts what the service said last is told; the deadline may fall into an
    // attempt, too.
    assert!(
        status_of(&error) == Some(503) || error.is_timeout(),
        "{error}"
    );

    let client = hasty(with_token(&server).rate_limit(RateLimit::per_second(1)));
    ends("the first place", read(&client)).await;
    let error = ends("the client's own rate limit", read(&client)).await;
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Timeout, 0),
        "{error}"
    );
}

/// An address whose queue is full, so that connecting to it hangs, and what fills the queue.
async fn blackhole() -> (String, Vec<TcpStream>, tokio::net::TcpListener) {
    let reserved = Reserved::new();
    let url = reserved.url();
    let listener = reserved.listen_only(1);
    let address = listener.local_addr().unwrap();
    let mut filling = Vec::new();
    let quick = Duration::from_millis(300);
    // It is full when one more does not get in.
    while let Ok(stream) = tokio::time::timeout(quick, TcpStream::connect(address)).await {
        filling.push(stream.unwrap());
        assert!(filling.len() < 100, "a queue of one holds this many");
    }
    (url, filling, listener)
}

#[tokio::test]
async fn a_blackholed_connect_ends_by_the_deadline_and_by_its_own_timeout() {
    let (url, _filling, _listener) = blackhole().await;
    let token = Credentials::access_token("t");
    let client = hasty(builder(&url).credentials(token.clone()));
    let error = ends("a blackholed connect", read(&client)).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");

    let builder = builder(&url)
        .credentials(token)
        .sleep(Arc::new(NoWait::default()));
    let client = builder.connect_timeout(DEADLINE / 6).build().unwrap();
    for attempts in [1, 3] {
        let client = client.with_retry_policy(RetryPolicy::default().max_attempts(attempts));
        let error = ends("a connect timeout", read(&client)).await;
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Connect, attempts)
        );
        let request = cloudally::types::RestoreRequest::new("T-1");
        let error = ends(
            "a connect timeout",
            client.restores().create(request.clone()),
        )
        .await;
        assert_eq!(
            error.kind(),
            ErrorKind::Connect,
            "nothing was sent: {error}"
        );
    }
}

#[tokio::test]
async fn a_socket_that_never_accepts_ends_by_the_deadline() {
    let reserved = Reserved::new();
    let url = reserved.url();
    let _listener = reserved.listen_only(100);
    let client = hasty(builder(url).credentials(Credentials::access_token("t")));
    let error = ends("a socket that never accepts", read(&client)).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

/// Nothing is set but the address: what ends the calls are the defaults, a minute each, made a
/// hundred times shorter.
#[tokio::test]
async fn the_default_client_never_hangs() {
    let hurried = DEADLINE * 2;
    assert_eq!(60 * SECOND / 100, hurried, "the default deadline");
    let (blackhole, _filling, _listener) = blackhole().await;
    let silent = Server::start(|_| vec![Step::UntilGone]);
    let stalled = Server::start(|_| stalled_body());
    let slow = Server::start(|_| slow_body(200));
    let slow_error = Server::start(|_| slow_body(500));
    let calls = [
        blackhole,
        silent.url(),
        stalled.url(),
        slow.url(),
        slow_error.url(),
    ]
    .map(|url| {
        let credentials = [
            Credentials::access_token("t"),
            cloudally_contract::setup::partner(),
        ];
        credentials.map(|credentials| {
            let builder = builder(&url).credentials(credentials);
            let builder = builder.clock(Arc::new(Hurried)).sleep(Arc::new(Hurried));
            let client = builder.build().unwrap();
            Box::pin(async move {
                let watch = Stopwatch::start();
                let error = in_time("the default deadline", read(&client))
                    .await
                    .unwrap_err();
                assert!(
                    error.is_timeout() || status_of(&error) == Some(500),
                    "{error}"
                );
                assert!(watch.elapsed() < hurried + LATE, "{:?}", watch.elapsed());
            })
        })
    });
    futures_util::future::join_all(calls.into_iter().flatten()).await;
}

#[tokio::test]
async fn an_odd_deadline_is_no_panic() {
    let server = Server::start(|_| reply(200, &[], "{}"));
    for (deadline, succeeds) in [(Duration::ZERO, false), (Duration::MAX, true)] {
        let policy = RetryPolicy::default().deadline(deadline);
        let client = with_token(&server).retry_policy(policy).build().unwrap();
        assert_eq!(
            in_time("an answer", read(&client)).await.is_ok(),
            succeeds,
            "{deadline:?}"
        );
    }
    assert_eq!(server.requests().len(), 1, "without time nothing is sent");
}

#[tokio::test]
async fn a_failure_whose_body_stalls_is_known_at_once() {
    let stalled = |status| {
        let head = head(
            status,
            &[
                ("content-length", "99"),
                ("content-type", "application/json"),
            ],
        );
        vec![
            Step::Write([head, b"{\"message\": \"half".to_vec()].concat()),
            Step::UntilGone,
        ]
    };
    let server = Server::start(move |request| match request.path.as_str() {
        RESTORE => stalled(503),
        _ => stalled(404),
    });
    let client = with_token(&server).build().unwrap();
    let watch = Stopwatch::start();
    let error = in_time("a failure", read(&client)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let restore = client.restores().create(RestoreRequest::new("T-1"));
    let error = in_time("a failure", restore).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(status_of(&error), Some(503));
    // Its deadline is 60 s, and the service may be silent for 30.
    assert!(watch.elapsed() < 15 * SECOND);
}
