//! Refresh tokens: each is good for one use, comes with its access token, and is given up when the
//! answer is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cloudally::ErrorKind;

use cloudally_contract::names::Names;
use cloudally_contract::server::{Server, Step, head, json, message};
use cloudally_contract::setup::{
    READ, REFRESH, SECOND, SIGN_IN, attempts, builder, impatient, profile, read, renewing, tokens,
};
use cloudally_contract::time::{FakeClock, in_time};

/// The refresh tokens that were sent, in order.
fn sent(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let refreshes = requests.iter().filter(|request| request.path == REFRESH);
    refreshes
        .map(|request| request.member("refreshToken").unwrap())
        .collect()
}

#[tokio::test]
async fn rotated_refresh_tokens_are_installed_together_with_the_access_token() {
    let round = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        READ => profile(),
        _ => {
            let round = round.fetch_add(1, Ordering::SeqCst);
            tokens(&format!("t{round}"), Some(&format!("r{round}")), Some(100))
        }
    });
    let clock = FakeClock::new();
    let client = impatient(&server, &clock);
    for round in 0..6 {
        read(&client).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests.last().unwrap().token(), format!("t{round}"));
        clock.advance(101 * SECOND);
    }
    assert_eq!(sent(&server), ["r0", "r1", "r2", "r3", "r4"]);
    assert_eq!(server.count_of(SIGN_IN), 1);
}

#[tokio::test]
async fn an_answer_without_a_new_refresh_token_does_not_bring_back_the_old_one() {
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), Some(100)),
        REFRESH => tokens("t1", None, Some(100)),
        _ => profile(),
    });
    let clock = FakeClock::new();
    let client = impatient(&server, &clock);
    for _ in 0..3 {
        read(&client).await.unwrap();
        clock.advance(101 * SECOND);
    }
    assert_eq!(sent(&server), ["r0"]);
    assert_eq!(server.count_of(SIGN_IN), 2);
}

#[tokio::test]
async fn after_a_lost_answer_to_a_refresh_the_client_signs_in_anew() {
    let answer = tokens("lost", Some("lost"), Some(100));
    let [Step::Write(answer)] = answer.as_slice() else {
        panic!("one write");
    };
    let half = answer[..answer.len() - 20].to_vec();
    let faults = [
        vec![Step::Reset],
        vec![Step::Close],
        vec![
            Step::Write(head(200, &[("content-length", "100")])),
            Step::Reset,
        ],
        vec![Step::Write(half), Step::Close],
        vec![Step::Write(b"nonsense\r\n\r\n".to_vec()), Step::Close],
        json(500, "{}"),
        json(503, "{}"),
        json(408, "{}"),
        json(429, "{}"),
        json(400, "{}"),
        json(401, "{}"),
        json(302, "{}"),
        json(200, "{}"),
        json(200, "[]"),
        json(200, r#"{"accessToken": "a\nb", "refreshToken": "r1"}"#),
        vec![Step::Write(message(
            200,
            &[("content-type", "text/html")],
            "<html>",
        ))],
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let sign_ins = AtomicUsize::new(0);
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => {
                let count = sign_ins.fetch_add(1, Ordering::SeqCst);
                tokens(&format!("t{count}"), Some(&format!("r{count}")), Some(100))
            }
            REFRESH => fault.clone(),
            _ => profile(),
        });
        let clock = FakeClock::new();
        let client = impatient(&server, &clock);
        for _ in 0..3 {
            let result = in_time("a call", read(&client)).await;
            result.unwrap_or_else(|error| panic!("fault {number}: {error}"));
            clock.advance(101 * SECOND);
        }
        assert_eq!(
            sent(&server),
            ["r0", "r1"],
            "fault {number}: each is sent once"
        );
        assert_eq!(server.count_of(SIGN_IN), 3, "fault {number}");
        assert_eq!(
            server.requests().last().unwrap().token(),
            "t2",
            "fault {number}"
        );
    }
}

/// The service is down for everything: what was sent once is not sent again, however often the
/// sign-in fails.
#[tokio::test]
async fn an_old_refresh_token_is_never_sent_again_though_the_sign_in_fails_too() {
    for fault in [
        vec![Step::Reset],
        vec![Step::Close],
        json(503, "{}"),
        json(401, "{}"),
    ] {
        let is_down = Arc::new(AtomicBool::new(false));
        let down = Arc::clone(&is_down);
        let server = Server::start(move |request| match request.path.as_str() {
            READ => profile(),
            _ if down.load(Ordering::SeqCst) => fault.clone(),
            _ => tokens("t0", Some("r0"), Some(100)),
        });
        let clock = FakeClock::new();
        let client = impatient(&server, &clock);
        read(&client).await.unwrap();
        is_down.store(true, Ordering::SeqCst);
        // First ahead of the expiry, when the token that works is kept, and then after it.
        clock.advance(90 * SECOND);
        for _ in 0..5 {
            read(&client).await.unwrap();
            clock.advance(2 * SECOND);
        }
        server.seen(REFRESH, 1).await;
        clock.advance(100 * SECOND);
        for _ in 0..5 {
            in_time("an error", read(&client)).await.unwrap_err();
            clock.advance(20 * SECOND);
        }
        assert_eq!(sent(&server), ["r0"]);
        is_down.store(false, Ordering::SeqCst);
        // No failure is held longer.
        clock.advance(300 * SECOND);
        in_time("recovery", read(&client)).await.unwrap();
        assert_eq!(sent(&server), ["r0"]);
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_never_sent_is_kept() {
    let server = renewing(100);
    let clock = FakeClock::new();
    let names = Names::default();
    let client = builder(server.url().replace("127.0.0.1", "localhost"))
        .http_client(names.connections())
        .clock(Arc::new(clock.clone()))
        .retry_policy(attempts(1))
        .build()
        .unwrap();
    read(&client).await.unwrap();
    clock.advance(101 * SECOND);
    names.fail(true);
    for _ in 0..3 {
        assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Connect);
    }
    names.fail(false);
    read(&client).await.unwrap();
    assert_eq!(sent(&server), ["r0"]);
    assert_eq!(server.count_of(SIGN_IN), 1);
}
