//! A restore is asked for at most once, unless the connection could not be made; and what is not
//! known is said to be so.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::api::RestoreHandle;
use cloudally::types::RestoreRequest;
use cloudally::{Client, Error, ErrorKind, RetryPolicy};

use cloudally_contract::server::{Gate, Reserved, Server, Step, head, json, reply};
use cloudally_contract::setup::{READ, RESTORE, attempts, builder, profile, read, with_token};
use cloudally_contract::time::{NoWait, in_time};

async fn restore(client: &Client) -> Result<RestoreHandle, Error> {
    in_time(
        "a restore",
        client.restores().create(RestoreRequest::new("T-1")),
    )
    .await
}

fn client(server: &Server) -> Client {
    let policy = RetryPolicy::default().deadline(Duration::from_millis(300));
    let builder = with_token(server).sleep(Arc::new(NoWait::default()));
    builder.retry_policy(policy).build().unwrap()
}

#[tokio::test]
async fn under_every_fault_it_is_sent_once_and_an_unknown_outcome_is_ambiguous() {
    use ErrorKind::{
        BadRequest, Forbidden, NotFound, OutcomeUnknown, RateLimited, Unauthenticated,
        UnexpectedRedirect,
    };
    let wait = [("retry-after", "0")];
    for (name, steps, kind) in [
        ("408", json(408, "{}"), OutcomeUnknown),
        ("500", json(500, "{}"), OutcomeUnknown),
        ("502", reply(502, &[], "<html>"), OutcomeUnknown),
        ("503", json(503, "{}"), OutcomeUnknown),
        (
            "503 with Retry-After",
            reply(503, &wait, "{}"),
            OutcomeUnknown,
        ),
        ("504", json(504, "{}"), OutcomeUnknown),
        ("429", reply(429, &wait, "{}"), RateLimited),
        ("reset", vec![Step::Reset], OutcomeUnknown),
        ("close", vec![Step::Close], OutcomeUnknown),
        (
            "half a head",
            vec![Step::Write(b"HTTP/1.1 20".to_vec()), Step::Close],
            OutcomeUnknown,
        ),
        (
            "nonsense",
            vec![Step::Write(b"what?\r\n\r\n".to_vec()), Step::Close],
            OutcomeUnknown,
        ),
        ("silence", vec![Step::UntilGone], OutcomeUnknown),
        (
            "a slow head",
            vec![Step::Drip(vec![b'H'; 100], Duration::from_millis(100))],
            OutcomeUnknown,
        ),
        ("400", json(400, "{}"), BadRequest),
        ("401", json(401, "{}"), Unauthenticated),
        ("403", json(403, "{}"), Forbidden),
        ("404", json(404, "{}"), NotFound),
        (
            "307",
            reply(307, &[("location", "/v1/restore")], ""),
            UnexpectedRedirect,
        ),
    ] {
        let server = Server::start(move |_| steps.clone());
        let error = restore(&client(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert_eq!(error.attempts(), 1, "{name}");
        assert_eq!(server.count_of(RESTORE), 1, "{name}");
        if kind == OutcomeUnknown {
            assert!(!error.is_retryable(), "{name}");
            assert!(
                error.to_string().contains("before you send it again"),
                "{name}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_201_that_breaks_off_is_an_accepted_restore() {
    let told = head(
        201,
        &[("content-length", "40"), ("location", "/v1/restore/J-7")],
    );
    let silent = head(201, &[("content-length", "40")]);
    let part = |head: &[u8]| Step::Write([head, b"{\"jobId\": \"J"].concat());
    for end in [Step::Reset, Step::Close, Step::UntilGone] {
        for (head, id) in [(&told, Some("J-7")), (&silent, None)] {
            let steps = vec![part(head), end.clone()];
            let server = Server::start(move |_| steps.clone());
            match (restore(&client(&server)).await, id) {
                (Ok(handle), Some(id)) => assert_eq!(handle.id(), id),
                (Err(error), None) => {
                    assert_eq!(error.kind(), ErrorKind::MissingJobId, "{error}");
                    assert!(!error.is_retryable());
                }
                (other, id) => panic!("{id:?}: {other:?}"),
            }
            assert_eq!(server.count_of(RESTORE), 1);
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_for_nothing_was_sent() {
    let reserved = Reserved::new();
    let unheard = builder(reserved.url()).credentials(cloudally::Credentials::access_token("t"));
    let client = unheard.retry_policy(attempts(3)).build().unwrap();
    let error = restore(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert!(error.is_retryable());

    let reserved = Mutex::new(Some(reserved));
    let server = Arc::new(Mutex::new(None));
    let opened = Arc::clone(&server);
    let url = reserved.lock().unwrap().as_ref().unwrap().url();
    let client = builder(url)
        .credentials(cloudally::Credentials::access_token("t"))
        .retry_policy(attempts(3))
        .on_retry(move |_| {
            let reserved = reserved.lock().unwrap().take().unwrap();
            *opened.lock().unwrap() = Some(reserved.serve(|_| json(201, r#"{"jobId": "J"}"#)));
        })
        .build()
        .unwrap();
    assert_eq!(restore(&client).await.unwrap().id(), "J");
    let server = server.lock().unwrap().take().unwrap();
    assert_eq!(server.count_of(RESTORE), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_restore_sent_again_once() {
    let renewed = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path.as_str() {
        RESTORE if request.token() == "t1" => json(201, r#"{"jobId": "J"}"#),
        RESTORE => json(401, "{}"),
        _ => {
            let number = renewed.fetch_add(1, Ordering::SeqCst);
            cloudally_contract::setup::tokens(&format!("t{number}"), None, None)
        }
    });
    let client = builder(server.url()).build().unwrap();
    assert_eq!(restore(&client).await.unwrap().id(), "J");
    assert_eq!(server.count_of(RESTORE), 2);
}

#[tokio::test]
async fn it_goes_out_on_a_connection_of_its_own() {
    let server = Server::start(|request| match request.path.as_str() {
        RESTORE => json(201, r#"{"jobId": "J"}"#),
        _ => profile(),
    });
    let client = with_token(&server).build().unwrap();
    for _ in 0..5 {
        read(&client).await.unwrap();
        restore(&client).await.unwrap();
    }
    let requests = server.requests();
    let of = |path: &str| -> Vec<_> {
        let like = requests.iter().filter(|request| request.path == path);
        like.map(|request| request.connection).collect()
    };
    assert_eq!(of(READ), [0; 5], "reads share one that is kept");
    let mut own = of(RESTORE);
    own.sort_unstable();
    own.dedup();
    assert!(own.len() == 5 && !own.contains(&0), "{own:?}");
}

/// The server ends the connection that it kept at the very moment at which the restore is asked
/// for.
#[tokio::test]
async fn an_idle_connection_that_is_reset_never_makes_it_ambiguous() {
    for end in [Step::Reset, Step::Close] {
        // A few rounds each, for the reads may meet an end, too, and their budget is limited.
        for _ in 0..15 {
            let gate = Arc::new(Mutex::new(Gate::new()));
            let (held, end) = (Arc::clone(&gate), end.clone());
            let server = Server::start(move |request| match request.path.as_str() {
                RESTORE => json(201, r#"{"jobId": "J"}"#),
                _ => {
                    let gate = held.lock().unwrap().clone();
                    [profile(), vec![Step::Wait(gate), end.clone()]].concat()
                }
            });
            let client = with_token(&server)
                .retry_policy(attempts(3))
                .build()
                .unwrap();
            for round in 1..=10 {
                read(&client).await.unwrap();
                let gate = std::mem::replace(&mut *gate.lock().unwrap(), Gate::new());
                gate.open();
                let restored = restore(&client).await;
                restored.unwrap_or_else(|error| panic!("round {round}: {error}"));
                assert_eq!(server.count_of(RESTORE), round);
            }
        }
    }
}
