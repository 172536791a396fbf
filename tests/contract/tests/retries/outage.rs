//! A service that is down for everybody is not flooded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cloudally::{Client, ErrorKind};

use cloudally_contract::server::{Server, json};
use cloudally_contract::setup::{
    READ, SIGN_IN, builder, finish, impatient, many, profile, tokens, with_one_retry, with_token,
};
use cloudally_contract::time::{FakeClock, NoWait};

const CALLS: usize = 10_000;

/// At most 1.1 attempts for each call, and 20 more.
fn most(calls: usize) -> usize {
    calls + calls / 10 + 20
}

#[tokio::test]
async fn a_full_outage_of_ten_thousand_calls_makes_at_most_a_tenth_more_attempts_and_twenty() {
    let server = Server::start(|_| json(503, "{}"));
    let client = with_token(&server)
        .sleep(Arc::new(NoWait::default()))
        .build()
        .unwrap();
    let results = finish(many(&client, CALLS)).await;
    for result in results {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Server);
    }
    let attempts = server.count_of(READ);
    println!("{attempts} attempts of {CALLS} calls");
    assert!((CALLS..=most(CALLS)).contains(&attempts), "{attempts}");
}

/// Half of the responses are 503. Once the budget is spent, that is what the errors say.
#[tokio::test]
async fn an_error_says_that_it_was_not_retried_for_want_of_budget() {
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |_| match reads.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => json(503, "{}"),
        _ => profile(),
    });
    let client = with_one_retry(&server);
    client.partners().profile().await.unwrap();
    let error = client.partners().profile().await.unwrap_err();
    assert!(error.is_retry_budget_spent());
    let text = error.to_string();
    assert!(
        text.contains("not retried: the retry budget is spent"),
        "{text}"
    );

    let server = Server::start(|_| json(503, "{}"));
    let client = with_token(&server)
        .sleep(Arc::new(NoWait::default()))
        .build()
        .unwrap();
    let error = client.partners().profile().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!(
        !error.is_retry_budget_spent(),
        "the policy ended it: {error}"
    );
}

async fn one_after_another(client: &Client, calls: usize) {
    for call in many(client, calls) {
        call.await.unwrap_err();
    }
}

/// The calls come before the failure of the first sign-in is forgotten.
#[tokio::test]
async fn an_outage_of_the_sign_in_of_two_thousand_calls_makes_one_sign_in() {
    let server = Server::start(|_| json(503, "{}"));
    let client = impatient(&server, &FakeClock::new());
    one_after_another(&client, 2_000).await;
    // That one is attempted as often as the budget allows, because the clock stands still.
    assert_eq!(
        (server.count_of(SIGN_IN), server.requests().len()),
        (21, 21)
    );
}

#[tokio::test]
async fn the_first_call_after_an_outage_succeeds_and_calls_are_tried_again_when_enough_did() {
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t", None, None),
        _ if down.load(Ordering::SeqCst) => json(503, "{}"),
        _ => profile(),
    });
    let client = builder(server.url())
        .sleep(Arc::new(NoWait::default()))
        .build()
        .unwrap();
    one_after_another(&client, 100).await;
    let before = server.count_of(READ);
    one_after_another(&client, 10).await;
    let attempts = server.count_of(READ) - before;
    assert!(attempts <= 11, "ten calls pay for one more, not {attempts}");
    is_down.store(false, Ordering::SeqCst);
    for result in finish(many(&client, 30)).await {
        result.unwrap();
    }
    is_down.store(true, Ordering::SeqCst);
    assert_eq!(client.partners().profile().await.unwrap_err().attempts(), 3);
}
