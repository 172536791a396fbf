//! When a client renews its token, by its own clock, and when it does not.

use std::sync::Arc;
use std::time::Duration;

use cloudally::Client;
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::service::Service;
use cloudally_contract::time::{FakeClock, HastyClock};

fn by_hand(service: &Service) -> (Client, FakeClock) {
    let clock = FakeClock::default();
    let client = service
        .builder()
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    (client, clock)
}

fn partner() -> Answer {
    Answer::ok(&fixtures::full("partner"))
}

#[tokio::test]
async fn a_token_that_has_expired_by_its_own_word_is_renewed_before_it_is_sent() {
    let script = [
        Answer::signed_in(),
        partner(),
        Answer::signed_in(),
        partner(),
    ];
    let service = Service::answering(script);
    let (client, clock) = by_hand(&service);
    client.partners().profile().await.unwrap();
    clock.advance(Duration::from_secs(3600));
    client.partners().profile().await.unwrap();
    assert_eq!(
        service.lines(),
        [
            "POST /auth/partner",
            "GET /v1/partners",
            "POST /auth/refresh",
            "GET /v1/partners",
        ]
    );
}

#[tokio::test]
async fn a_token_that_is_still_good_is_not_renewed() {
    let service = Service::signed_in([partner(), partner()]);
    let (client, clock) = by_hand(&service);
    client.partners().profile().await.unwrap();
    clock.advance(Duration::from_secs(3500));
    client.partners().profile().await.unwrap();
    let lines = ["POST /auth/partner", "GET /v1/partners", "GET /v1/partners"];
    assert_eq!(service.lines(), lines);
}

#[tokio::test]
async fn a_failed_sign_in_fails_the_call_and_one_a_second_later_tries_anew() {
    let script = [Answer::empty(401), Answer::signed_in(), partner()];
    let service = Service::answering(script);
    let (client, clock) = by_hand(&service);
    assert!(
        client
            .partners()
            .profile()
            .await
            .unwrap_err()
            .is_unauthenticated()
    );
    clock.advance(Duration::from_secs(1));
    client.partners().profile().await.unwrap();
    let lines = [
        "POST /auth/partner",
        "POST /auth/partner",
        "GET /v1/partners",
    ];
    assert_eq!(service.lines(), lines);
}

#[tokio::test]
async fn a_service_that_refuses_every_token_is_not_flooded_with_sign_ins() {
    let service = Service::signed_in([]);
    let (client, _) = by_hand(&service);
    client.sign_in().await.unwrap();
    for round in 0..10 {
        // The clock stands still, so only the first call finds a token that may be replaced.
        let renewal = (round == 0).then(|| [Answer::empty(401), Answer::signed_in()]);
        let refused = [Answer::empty(401), Answer::empty(401)];
        service.answers_next(renewal.into_iter().flatten().chain(refused));
        let error = client.partners().profile().await.unwrap_err();
        assert!(error.is_unauthenticated(), "{error}");
    }
    let renewals = service
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("POST"));
    assert_eq!(
        renewals.count(),
        2,
        "the sign-in, and one renewal in a moment"
    );
}

#[tokio::test]
async fn a_read_is_replayed_twice_even_if_another_token_could_be_had() {
    let refused = || [Answer::signed_in(), Answer::empty(401)];
    let service = Service::answering([refused(), refused(), refused(), refused()].concat());
    let clock = Arc::new(HastyClock::default());
    let client = service.builder().clock(clock).build().unwrap();
    let error = client.partners().profile().await.unwrap_err();
    assert_eq!(
        (error.status().map(u16::from), error.attempts()),
        (Some(401), 3)
    );
    assert_eq!(service.seen().len(), 6, "{:?}", service.lines());
}
