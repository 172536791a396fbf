//! Connections that the service closes without a word once they have served a response: a read
//! does not fail for it, and costs no retry budget. Where nothing works, nothing is sent twice.

use std::sync::Arc;

use cloudally::types::RestoreRequest;
use cloudally::{Client, ErrorKind, RetryBudget, RetryPolicy};

use cloudally_contract::server::{Request, Server, Step};
use cloudally_contract::setup::{READ, RESTORE, profile, read, with_token};
use cloudally_contract::time::{NoWait, in_time};

/// A client that neither retries by its policy nor has a budget to do so.
fn client(server: &Server) -> Client {
    let builder = with_token(server).retry_policy(RetryPolicy::never());
    let builder = builder.retry_budget(RetryBudget::default().burst(0).percent(0));
    builder.sleep(Arc::new(NoWait::default())).build().unwrap()
}

/// Serves one response on each connection. The next request on it is reset.
fn once_per_connection() -> Server {
    let served = std::sync::Mutex::new(std::collections::HashSet::new());
    Server::start(move |request: &Request| {
        if served.lock().unwrap().insert(request.connection) {
            profile()
        } else {
            vec![Step::Reset]
        }
    })
}

#[tokio::test]
async fn reads_survive_a_service_that_closes_after_each_response() {
    for end in [Step::Close, Step::Reset] {
        let server = Server::start({
            let end = end.clone();
            move |_| [profile(), vec![end.clone()]].concat()
        });
        let client = client(&server);
        for _ in 0..50 {
            in_time("a read", read(&client)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_read_that_meets_a_stale_connection_is_sent_again_on_a_fresh_one() {
    let server = once_per_connection();
    let client = client(&server);
    for reads in 1..=10 {
        in_time("a read", read(&client)).await.unwrap();
        // Each read but the first meets the connection of one before it, or none.
        assert!(
            server.count_of(READ) < 2 * reads,
            "{}",
            server.count_of(READ)
        );
    }
    assert!(server.count_of(READ) > 10, "some met a stale connection");
}

#[tokio::test]
async fn a_connection_that_never_served_is_no_stale_one() {
    let server = Server::start(|_| vec![Step::Reset]);
    let client = client(&server);
    for reads in 1..=5 {
        let error = in_time("a read", read(&client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert_eq!((error.attempts(), server.count_of(READ)), (1, reads));
    }
}

#[tokio::test]
async fn it_is_sent_again_once() {
    let reads = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(
            move |_| match reads.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => profile(),
                _ => vec![Step::Reset],
            },
        );
    let client = client(&server);
    in_time("a read", read(&client)).await.unwrap();
    let error = in_time("a read", read(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::ConnectionLost, 2)
    );
    assert_eq!(server.count_of(READ), 3);
}

#[tokio::test]
async fn a_restore_is_never_sent_again() {
    let server = Server::start(|request| match request.path.as_str() {
        RESTORE => vec![Step::Reset],
        _ => profile(),
    });
    let client = client(&server);
    in_time("a read", read(&client)).await.unwrap();
    let request = RestoreRequest::new("T-1");
    let restore = client.restores().create(request);
    let error = in_time("a restore", restore).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(server.count_of(RESTORE), 1);
}
