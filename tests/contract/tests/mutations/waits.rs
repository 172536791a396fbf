//! A wait that is dropped leaves nothing behind: no task, and no request.

use std::future::IntoFuture;
use std::sync::Arc;

use cloudally::Client;
use cloudally::types::RestoreOutcome;
use futures_util::StreamExt;
use tokio::runtime::Handle;

use cloudally_contract::server::{Gate, Server, Step, json};
use cloudally_contract::setup::{Call, SECOND, begin, settle, with_token};
use cloudally_contract::time::{Held, in_time};

const JOB: &str = "/v1/restore/J";

/// A service of which no connection stays.
fn service(status: &'static str) -> Server {
    Server::start(move |_| {
        let body = format!(r#"{{"jobId": "J", "status": "{status}"}}"#);
        let mut steps = json(200, body);
        steps.push(Step::Close);
        steps
    })
}

fn client(server: &Server, gate: &Gate) -> Client {
    let held = Held(gate.clone());
    let builder = with_token(server).pool_max_idle(0);
    builder.sleep(Arc::new(held)).build().unwrap()
}

/// Waits until the runtime has no task but this one.
async fn all_tasks_ended() {
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    in_time("the end of all tasks", ended).await;
}

#[tokio::test]
async fn dropping_a_wait_between_two_looks_ends_it() {
    let (server, gate) = (service("IN_PROGRESS"), Gate::new());
    let client = client(&server, &gate);
    let restore = client.restores().job("J");
    let mut states = Box::pin(restore.wait(600 * SECOND).states());
    let job = in_time("a look", states.next()).await.unwrap().unwrap();
    assert_eq!(job.outcome(), RestoreOutcome::Running);
    let pause = futures_util::poll!(states.next());
    assert!(pause.is_pending(), "it waits for the next look");
    drop(states);
    gate.open();
    all_tasks_ended().await;
    settle().await;
    assert_eq!(server.count_of(JOB), 1);
}

#[tokio::test]
async fn dropping_a_wait_during_a_look_ends_it() {
    let server = Server::start(|_| vec![Step::UntilGone]);
    let client = client(&server, &Gate::new());
    let wait = client.restores().job("J").wait(600 * SECOND);
    let mut wait: Call<_> = wait.into_future();
    begin(&mut wait).await;
    let looked = async {
        tokio::select! {
            () = server.seen(JOB, 1) => (),
            _ = &mut wait => panic!("there is no answer"),
        }
    };
    in_time("a look", looked).await;
    drop(wait);
    all_tasks_ended().await;
    assert_eq!(server.count_of(JOB), 1);
}

#[tokio::test]
async fn a_wait_that_is_never_awaited_does_nothing() {
    let (server, gate) = (service("COMPLETED"), Gate::new());
    let client = client(&server, &gate);
    let restore = client.restores().job("J");
    drop(restore.wait(600 * SECOND));
    drop(restore.wait(600 * SECOND).states());
    drop(restore.wait(600 * SECOND).into_future());
    settle().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert_eq!(server.requests_len(), 0);
    // And one that is awaited does, so that there was something to leave out.
    let done = restore.wait(600 * SECOND).into_future();
    in_time("the restore", done).await.unwrap();
    assert_eq!(server.count_of(JOB), 1);
}
