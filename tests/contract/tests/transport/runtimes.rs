//! A client is not bound to the runtime that it was first used on.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudally::{ErrorKind, RetryPolicy};
use tokio::runtime::{Builder, Runtime};

use cloudally_contract::server::{Gate, Server, Step, json};
use cloudally_contract::setup::{
    READ, REFRESH, SECOND, SIGN_IN, begin, builder, profile, read, reading, tokens,
};
use cloudally_contract::time::{FakeClock, Held, in_time};

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap(),
    ]
}

fn silent_at_the_first_sign_in() -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |request| match request.path.as_str() {
        SIGN_IN if asked.fetch_add(1, Ordering::SeqCst) == 0 => vec![Step::UntilGone],
        SIGN_IN => tokens("t1", None, Some(3600)),
        _ => profile(),
    })
}

#[test]
fn a_client_outlives_the_runtime_that_it_was_first_used_on() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, Some(3600)),
        _ => profile(),
    });
    let client = builder(server.url()).build().unwrap();
    for round in 0..4 {
        for runtime in runtimes() {
            runtime.block_on(async {
                let calls = [reading(&client), reading(&client), reading(&client)];
                let calls = futures_util::future::join_all(calls);
                for result in in_time("a call", calls).await {
                    result.unwrap_or_else(|error| panic!("round {round}: {error}"));
                }
            });
        }
    }
    assert_eq!(server.count_of(SIGN_IN), 1, "the token outlives it too");
}

#[test]
fn a_runtime_that_shuts_down_during_the_sign_in_leaves_it_to_the_next() {
    let [first, second] = runtimes();
    let server = silent_at_the_first_sign_in();
    // A call that waits on a timer of tokio's cannot move to another runtime; one that waits for a
    // token alone can.
    let held = Held(Gate::new());
    let client = builder(server.url()).sleep(Arc::new(held)).build().unwrap();
    let mut stranded = reading(&client);
    first.block_on(async {
        begin(&mut stranded).await;
        server.seen(SIGN_IN, 1).await;
    });
    drop(first);
    second.block_on(async {
        in_time("the one that was waiting", stranded).await.unwrap();
        in_time("a new one", read(&client)).await.unwrap();
    });
    assert_eq!((server.count_of(SIGN_IN), server.count_of(READ)), (2, 2));
}

#[test]
fn a_runtime_that_shuts_down_during_a_renewal_in_the_background_leaves_it_to_the_next() {
    let [first, second] = runtimes();
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), Some(3600)),
        REFRESH => vec![Step::UntilGone],
        _ => profile(),
    });
    let clock = FakeClock::new();
    let client = builder(server.url())
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    first.block_on(async {
        client.sign_in().await.unwrap();
        clock.advance(3590 * SECOND);
        read(&client).await.unwrap();
        server.seen(REFRESH, 1).await;
    });
    drop(first);
    second.block_on(async {
        in_time("a call", read(&client)).await.unwrap();
        // The refresh token went down with the first runtime, so this is a sign-in.
        server.seen(SIGN_IN, 2).await;
    });
    assert_eq!(server.count_of(REFRESH), 1);
}

#[test]
fn a_runtime_that_stands_still_holds_up_no_other() {
    let [first, second] = runtimes();
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, Some(3600)),
        _ => profile(),
    });
    let client = builder(server.url()).build().unwrap();
    first.block_on(read(&client)).unwrap();
    // The first has an open connection, and nobody drives it any more.
    for _ in 0..3 {
        second.block_on(in_time("a read", read(&client))).unwrap();
    }
    assert!(server.connections() > 1, "each has a pool of its own");
    first.block_on(in_time("a read", read(&client))).unwrap();
}

#[test]
fn nor_does_one_that_stands_still_during_the_sign_in() {
    let [first, second] = runtimes();
    let server = silent_at_the_first_sign_in();
    let client = builder(server.url()).build().unwrap();
    let mut stranded = reading(&client);
    first.block_on(async {
        begin(&mut stranded).await;
        server.seen(SIGN_IN, 1).await;
    });
    second.block_on(in_time("a read", read(&client))).unwrap();
    assert_eq!(server.count_of(SIGN_IN), 2);
}

#[test]
fn however_many_runtimes_shut_down_during_a_sign_in_the_next_caller_signs_in() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t1", None, Some(3600)),
        _ => profile(),
    });
    for _ in 0..100 {
        let held = Held(Gate::new());
        let client = builder(server.url()).sleep(Arc::new(held)).build().unwrap();
        let waiting = Builder::new_current_thread().enable_all().build().unwrap();
        let mut last = reading(&client);
        // Each begins a sign-in, or joins that of another, and ends with its runtime.
        for _ in 0..4 {
            let doomed = Builder::new_current_thread().enable_all().build().unwrap();
            doomed.block_on(async {
                let mut call = reading(&client);
                begin(&mut call).await;
            });
            waiting.block_on(async {
                let _ = futures_util::poll!(last.as_mut());
            });
            drop(doomed);
        }
        waiting.block_on(in_time("a read", last)).unwrap();
    }
}

#[test]
fn a_runtime_without_a_timer_is_an_error_that_says_so() {
    let server = Server::start(|_| profile());
    let client = builder(server.url()).build().unwrap();
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        for error in [
            read(&client).await.unwrap_err(),
            client.sign_in().await.unwrap_err(),
            client.tasks().list().collect().await.unwrap_err(),
            client
                .tasks()
                .list()
                .deadline(SECOND)
                .page()
                .await
                .unwrap_err(),
            client.restores().job("J").wait(SECOND).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
            assert!(error.to_string().contains("enable_time"), "{error}");
        }
    });
    assert_eq!(server.requests_len(), 0);
}

#[tokio::test]
async fn no_setting_of_time_is_too_long() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, Some(3600)),
        "/v1/partners/tasks" => json(200, r#"{"data": []}"#),
        "/v1/restore/J" => json(200, r#"{"jobId": "J", "status": "DONE"}"#),
        _ => profile(),
    });
    let most = Duration::MAX;
    let policy = RetryPolicy::default()
        .deadline(most)
        .backoff(most, most)
        .max_retry_after(most);
    let client = builder(server.url())
        .connect_timeout(most)
        .read_timeout(most)
        .pool_idle_timeout(most)
        .retry_policy(policy)
        .build()
        .unwrap();
    for _ in 0..2 {
        in_time("a read", read(&client)).await.unwrap();
    }
    let list = client.tasks().list().deadline(most).collect();
    in_time("a list", list).await.unwrap();
    let wait = client.restores().job("J").wait(most).interval(most);
    in_time("a wait", wait.into_future()).await.unwrap();
}
