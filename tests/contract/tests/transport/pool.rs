//! What stays open after many calls at once, and what the program's own HTTP client changes.

use std::time::Duration;

use cloudally::ErrorKind;
use cloudally::types::RestoreRequest;
use futures_util::future::{join, join_all};
use tokio::runtime::Handle;

use cloudally_contract::server::{Gate, Server, Step, json};
use cloudally_contract::setup::{READ, connections, profile, settle, with_token};
use cloudally_contract::time::in_time;

/// More than the idle connections that are kept.
const CALLERS: usize = 150;
const KEPT: usize = 100;
/// As many clients as a program may have that serves many accounts, and how many of them call at
/// once.
const CLIENTS: usize = 1_000;
const AT_ONCE: usize = 100;

#[tokio::test]
async fn a_burst_of_callers_leaves_a_hundred_connections_open() {
    let gate = Gate::new();
    let shut = gate.clone();
    let server = Server::start(move |_| {
        let mut steps = vec![Step::Wait(shut.clone())];
        steps.extend(json(200, "{}"));
        steps
    });
    let client = with_token(&server).build().unwrap();
    let calls = join_all((0..CALLERS).map(|_| client.partners().profile()));
    let all_at_once = async {
        server.seen(READ, CALLERS).await;
        gate.open();
    };
    let (results, ()) = join(calls, all_at_once).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.connections(), CALLERS);
    // Each open connection is a task of the runtime, and one more closes those that are idle for
    // long.
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let closed = async {
        while tasks() > KEPT + 1 {
            tokio::task::yield_now().await;
        }
    };
    in_time("the end of the others", closed).await;
    settle().await;
    assert!((KEPT..=KEPT + 1).contains(&tasks()), "{}", tasks());
}

#[tokio::test]
async fn a_thousand_clients_that_are_idle_keep_no_connection_open() {
    let server = Server::start(|_| profile());
    let mut clients = Vec::new();
    while clients.len() < CLIENTS {
        let build = || with_token(&server).pool_idle_timeout(Duration::from_millis(1));
        let more: Vec<_> = (0..AT_ONCE).map(|_| build().build().unwrap()).collect();
        let results = join_all(more.iter().map(|client| client.partners().profile())).await;
        assert!(results.iter().all(Result::is_ok));
        clients.extend(more);
        // Not one of the clients is called again, nor dropped.
        server.all_closed().await;
    }
    assert_eq!(server.connections(), CLIENTS);
    // Each of them opens another when it is needed.
    clients[0].partners().profile().await.unwrap();
    assert_eq!(server.connections(), CLIENTS + 1);
}

#[tokio::test]
async fn an_unknown_outcome_says_that_the_programs_own_http_client_was_used() {
    let server = Server::start(|_| vec![Step::Close]);
    let request = || RestoreRequest::new("T-1");
    let own = with_token(&server).http_client(connections());
    for (client, is_own) in [(own, true), (with_token(&server), false)] {
        let client = client.build().unwrap();
        let error = client.restores().create(request()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        let is_said = error.to_string().contains("the program's own HTTP client");
        assert_eq!(is_said, is_own, "{error}");
    }
}
