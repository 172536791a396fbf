//! A client is not bound to the runtime that it was first used on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Runtime};

use crate::server::{Gate, Server, Step};
use crate::setup::{
    READ, REFRESH, SECOND, SIGN_IN, begin, builder, profile, read, reading, tokens,
};
use crate::time::{FakeClock, Held, in_time};

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
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN if asked.fetch_add(1, Ordering::SeqCst) == 0 => vec![Step::UntilGone],
        SIGN_IN => tokens("t1", None, Some(3600)),
        _ => profile(),
    });
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
