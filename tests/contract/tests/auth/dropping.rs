//! Callers that give up at any moment, the one that started the renewal included.

use std::sync::Arc;

use cloudally::Client;

use cloudally_contract::server::{Gate, Server};
use cloudally_contract::setup::{
    READ, REFRESH, SECOND, SIGN_IN, builder, connections, give_up_after, read, reading,
    refusing_the_first, settle,
};
use cloudally_contract::time::{FakeClock, in_time};

async fn expired(server: &Server) -> Client {
    let clock = FakeClock::new();
    let builder = builder(server.url()).http_client(connections());
    let client = builder.clock(Arc::new(clock.clone())).build().unwrap();
    client.sign_in().await.unwrap();
    clock.advance(200 * SECOND);
    client
}

/// Gives up one more poll later each time, until the call is through: that is every await point
/// that it stops at.
#[tokio::test]
async fn dropping_the_caller_that_started_the_refresh_at_any_await_point_strands_nobody() {
    let mut points = 0;
    loop {
        let server = refusing_the_first(&Gate::opened());
        let client = expired(&server).await;
        let first = give_up_after(points, read(&client)).await;
        for result in futures_util::future::join_all([reading(&client), reading(&client)]).await {
            in_time("the others", std::future::ready(result))
                .await
                .unwrap();
        }
        assert_eq!(server.count_of(REFRESH), 1, "given up after {points} polls");
        assert_eq!(server.count_of(SIGN_IN), 1);
        if first.is_some() {
            break;
        }
        points += 1;
    }
    assert!(
        points >= 3,
        "a call that renews stops more often than {points} times"
    );
}

#[tokio::test]
async fn dropping_all_who_wait_for_a_refresh_leaves_it_to_those_who_come_later() {
    let gate = Gate::new();
    let server = refusing_the_first(&gate);
    let client = expired(&server).await;
    for _ in 0..50 {
        assert!(give_up_after(1, reading(&client)).await.is_none());
        settle().await;
    }
    let later = tokio::spawn(reading(&client));
    server.seen(REFRESH, 1).await;
    gate.open();
    in_time("the later call", later).await.unwrap().unwrap();
    assert_eq!((server.count_of(REFRESH), server.count_of(SIGN_IN)), (1, 1));
    assert_eq!(server.count_of(READ), 1);
}

#[tokio::test]
async fn dropping_any_of_many_who_wait_disturbs_none_of_the_others() {
    let gate = Gate::new();
    let server = refusing_the_first(&gate);
    let client = expired(&server).await;
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(reading(&client))).collect();
    server.seen(REFRESH, 1).await;
    for call in calls.iter().step_by(2) {
        call.abort();
    }
    gate.open();
    for (number, call) in calls.into_iter().enumerate() {
        let result = in_time("a call", call).await;
        match number % 2 {
            0 => assert!(result.unwrap_err().is_cancelled()),
            _ => drop(result.unwrap().unwrap()),
        }
    }
    assert_eq!((server.count_of(REFRESH), server.count_of(READ)), (1, 50));
}
