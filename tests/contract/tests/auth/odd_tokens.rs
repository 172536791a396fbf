//! Answers to the sign-in that make no sense, and clocks that do not either: no panic, and no storm
//! of renewals.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudally::ErrorKind;
use cloudally::time::Clock;
use serde_json::{Value, json};

use cloudally_contract::server::{Server, json as answer};
use cloudally_contract::setup::{
    READ, SECOND, SIGN_IN, impatient, is_sign_in, profile, read, status_of,
};
use cloudally_contract::time::{FakeClock, in_time};

/// A service that gives this token and refuses it, and when it was asked for one, on the fake
/// clock.
fn refusing(tokens: Value, clock: &FakeClock) -> (Server, Arc<Mutex<Vec<Duration>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let (seen, clock) = (Arc::clone(&times), clock.clone());
    let server = Server::start(move |request| {
        if !is_sign_in(request) {
            return answer(401, "{}");
        }
        seen.lock().unwrap().push(clock.monotonic());
        answer(200, tokens.to_string())
    });
    (server, times)
}

/// Calls ten times a second for ten seconds, and looks at when tokens were asked for.
async fn storm(tokens: Value, wall: impl Fn(u32, &FakeClock)) {
    let clock = FakeClock::new();
    let (server, times) = refusing(tokens.clone(), &clock);
    let client = impatient(&server, &clock);
    for step in 0..100 {
        wall(step, &clock);
        let error = in_time("the error", read(&client)).await.unwrap_err();
        assert_eq!(
            (error.kind(), status_of(&error)),
            (ErrorKind::TokenRefused, Some(401))
        );
        clock.advance(SECOND / 10);
    }
    // The first is no renewal.
    let renewals = times.lock().unwrap()[1..].to_vec();
    for pair in renewals.windows(2) {
        assert!(
            pair[1] - pair[0] >= SECOND,
            "{tokens}: renewed at {renewals:?}"
        );
    }
    assert!(
        renewals.len() >= 2,
        "{tokens}: it is renewed at all, at {renewals:?}"
    );
}

#[tokio::test]
async fn a_service_that_refuses_every_token_is_asked_for_one_at_most_once_a_second() {
    for life in [
        json!(3600),
        json!("3600"),
        json!(null),
        json!("soon"),
        json!(u64::MAX),
        json!(1e300),
    ] {
        storm(json!({"accessToken": "t", "expiresIn": life}), |_, _| ()).await;
    }
    storm(json!({"accessToken": "t"}), |_, _| ()).await;
}

#[tokio::test]
async fn so_is_one_whose_tokens_have_expired_when_they_come() {
    for life in [
        json!(0),
        json!(-5),
        json!("-1"),
        json!(-1e300),
        json!(0.001),
        json!(1),
    ] {
        storm(json!({"accessToken": "t", "expiresIn": life}), |_, _| ()).await;
    }
}

fn jwt(expires: jiff::Timestamp) -> String {
    let claims = json!({"exp": expires.as_second()});
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[tokio::test]
async fn so_is_one_when_the_wall_clock_is_a_day_wrong_or_steps_back() {
    let day = 24 * 3600 * SECOND;
    let true_time = FakeClock::new().now();
    let token = json!({"accessToken": jwt(true_time + 3600 * SECOND)});
    storm(token.clone(), |_, clock| clock.set_wall(true_time - day)).await;
    storm(token.clone(), |_, clock| clock.set_wall(true_time + day)).await;
    storm(token, |step, clock| clock.set_wall(true_time - step * day)).await;
    let ancient = json!({"accessToken": jwt(jiff::Timestamp::MIN)});
    storm(ancient, |_, clock| {
        clock.set_wall("9000-01-01T00:00:00Z".parse().unwrap())
    })
    .await;
}

#[tokio::test]
async fn a_token_s_life_is_counted_on_the_clock_that_nobody_sets() {
    let clock = FakeClock::new();
    let token = jwt(clock.now() + 3600 * SECOND);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => answer(200, json!({"accessToken": token}).to_string()),
        _ => profile(),
    });
    let client = impatient(&server, &clock);
    for wall in [
        "1970-01-01T00:00:00Z",
        "2026-03-01T12:00:00Z",
        "2038-01-19T03:14:08Z",
    ] {
        read(&client).await.unwrap();
        clock.set_wall(wall.parse().unwrap());
    }
    read(&client).await.unwrap();
    assert_eq!((server.count_of(SIGN_IN), server.count_of(READ)), (1, 4));
}

#[tokio::test]
async fn lives_of_every_form_serve_calls_without_a_second_sign_in() {
    for life in [
        json!(null),
        json!(3600),
        json!("3600"),
        json!(3600.5),
        json!(u64::MAX),
        json!(1e300),
        json!("soon"),
        json!(""),
        json!("18446744073709551616"),
    ] {
        let tokens = json!({"accessToken": "t", "expiresIn": life}).to_string();
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => answer(200, &tokens),
            _ => profile(),
        });
        let client = impatient(&server, &FakeClock::new());
        for _ in 0..3 {
            read(&client)
                .await
                .unwrap_or_else(|error| panic!("{life}: {error}"));
        }
        assert_eq!(server.count_of(SIGN_IN), 1, "{life}");
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_a_typed_error() {
    for tokens in [
        json!({"accessToken": "a\nb"}),
        json!({"accessToken": "a\r\nx: y"}),
        json!({"accessToken": "a\u{0}"}),
        json!({"accessToken": ""}),
        json!({}),
        json!({"accessToken": null}),
        json!({"accessToken": 12345678}),
        json!({"accessToken": {"a": 1}}),
        json!({"accessToken": "t", "tokenType": "a\nb"}),
        json!([]),
        json!("t"),
        json!(null),
    ] {
        let text = tokens.to_string();
        let server = Server::start(move |_| answer(200, &text));
        let client = impatient(&server, &FakeClock::new());
        let error = in_time("the error", read(&client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{tokens}: {error}");
        assert_eq!(error.operation(), Some("partnerLogin"), "{tokens}");
        assert_eq!(server.requests().len(), 1, "{tokens}: asked once");
    }
}

#[tokio::test]
async fn a_token_with_odd_characters_is_sent_as_it_came() {
    for token in ["a b", "a\"b,;=", "a\tb", &"long".repeat(2_000)] {
        let tokens = json!({"accessToken": token}).to_string();
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => answer(200, &tokens),
            _ => profile(),
        });
        read(&impatient(&server, &FakeClock::new())).await.unwrap();
        assert_eq!(server.requests()[1].token(), token);
    }
}
