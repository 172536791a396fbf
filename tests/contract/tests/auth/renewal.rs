//! Renewal ahead of expiry: in the background, at most one at a time, and never at the cost of a
//! token that works.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::time::Clock;
use cloudally::{Credentials, ErrorKind, TemporaryToken};
use tokio::runtime::Handle;

use cloudally_contract::server::{Gate, Server, Step};
use cloudally_contract::setup::{
    READ, REFRESH, SECOND, SIGN_IN, builder, connections, profile, read, renewing_at, settle,
    signed_in, tokens,
};
use cloudally_contract::time::{FakeClock, Stopwatch, in_time};

#[tokio::test]
async fn renewal_ahead_of_expiry_happens_in_the_background_and_adds_no_latency() {
    let gate = Gate::new();
    let server = renewing_at(&gate, 3600);
    let (client, clock) = signed_in(&server).await;
    clock.advance(3_000 * SECOND);
    read(&client).await.unwrap();
    assert_eq!(
        server.count_of(REFRESH),
        0,
        "ten minutes ahead is too early"
    );
    clock.advance(590 * SECOND);
    // The service does not answer the renewal, and no call waits for it.
    for _ in 0..100 {
        in_time("a call during the renewal", read(&client))
            .await
            .unwrap();
    }
    server.seen(REFRESH, 1).await;
    assert_eq!(server.count(|request| request.token() == "t0"), 101);
    gate.open();
    in_time("the new token", async {
        while server.count(|request| request.token() == "t1") == 0 {
            read(&client).await.unwrap();
        }
    })
    .await;
    assert_eq!((server.count_of(REFRESH), server.count_of(SIGN_IN)), (1, 1));
}

/// When a provider was asked, on a fake clock, and what it says.
#[derive(Clone)]
struct Asked {
    clock: FakeClock,
    times: Arc<Mutex<Vec<Duration>>>,
}

impl Asked {
    fn new() -> Self {
        Self {
            clock: FakeClock::new(),
            times: Arc::default(),
        }
    }

    /// The first time a token for 1,000 s, and then an error each time.
    fn once(&self) -> Credentials {
        let asked = self.clone();
        Credentials::provider(move || {
            let mut times = asked.times.lock().unwrap();
            times.push(asked.clock.monotonic());
            let is_first = times.len() == 1;
            async move {
                match is_first {
                    true => Ok(TemporaryToken::new("t0").expires_in(1_000 * SECOND)),
                    false => Err("the vault is shut"),
                }
            }
        })
    }

    fn gaps(&self) -> Vec<Duration> {
        let times = self.times.lock().unwrap();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// On one thread a renewal that was started runs before the answer to the call that started it can
/// be read, so the time that it sees is that of the call.
#[tokio::test]
async fn a_failed_renewal_keeps_the_token_and_is_tried_again_no_sooner_than_ten_seconds_later() {
    let server = Server::start(|_| profile());
    let mut first_gaps = Vec::new();
    for _ in 0..6 {
        let asked = Asked::new();
        let client = builder(server.url())
            .http_client(connections())
            .credentials(asked.once())
            .clock(Arc::new(asked.clock.clone()))
            .build()
            .unwrap();
        client.sign_in().await.unwrap();
        let step = Duration::from_millis(500);
        asked.clock.advance(945 * SECOND);
        for _ in 0..109 {
            asked.clock.advance(step);
            read(&client)
                .await
                .expect("the token works until it expires");
        }
        let gaps = asked.gaps();
        assert!(gaps.len() >= 4, "{gaps:?}");
        for gap in &gaps[1..] {
            assert!((10 * SECOND..=15 * SECOND + step).contains(gap), "{gaps:?}");
        }
        first_gaps.push(gaps[1]);
        asked.clock.advance(step);
        let error = read(&client).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Unauthenticated,
            "it has expired: {error}"
        );
    }
    first_gaps.dedup();
    assert!(first_gaps.len() > 1, "jittered: {first_gaps:?}");
}

#[tokio::test]
async fn there_is_at_most_one_task_per_client_and_none_after_the_last_clone_is_dropped() {
    let clock = FakeClock::new();
    let calls = AtomicUsize::new(0);
    let credentials = Credentials::provider(move || {
        let is_first = calls.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if !is_first {
                std::future::pending::<()>().await;
            }
            Ok::<_, std::io::Error>(TemporaryToken::new("t").expires_in(100 * SECOND))
        }
    });
    let client = builder("http://127.0.0.1:1")
        .credentials(credentials)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    client.sign_in().await.unwrap();
    settle().await;
    assert_eq!(alive(), 0, "no task before one is needed");
    clock.advance(90 * SECOND);
    let clones: Vec<_> = (0..100).map(|_| client.clone()).collect();
    for clone in &clones {
        clone.sign_in().await.unwrap();
    }
    settle().await;
    assert_eq!(alive(), 1, "one renewal");
    drop(client);
    settle().await;
    assert_eq!(alive(), 1, "the clones need it");
    drop(clones);
    none_alive().await;
}

#[tokio::test]
async fn connections_that_are_kept_end_with_the_last_clone_too() {
    let gate = Gate::new();
    let held = gate.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), Some(100)),
        REFRESH => vec![Step::Wait(held.clone())],
        _ => profile(),
    });
    let (client, clock) = signed_in(&server).await;
    clock.advance(90 * SECOND);
    let reads = futures_util::future::join_all((0..10).map(|_| read(&client))).await;
    assert!(reads.iter().all(Result::is_ok));
    server.seen(REFRESH, 1).await;
    assert_eq!(server.count_of(READ), 10);
    assert!(alive() >= 1);
    drop(client);
    none_alive().await;
}

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// The server's tasks are on another runtime, so these are the client's.
async fn none_alive() {
    let watch = Stopwatch::start();
    in_time("the end of all tasks", async {
        while alive() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(watch.elapsed() < SECOND, "{:?}", watch.elapsed());
}
