//! Requests to any path, byte by byte and against faults: what is sent again and what never is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudally::reqwest::Method;
use cloudally::{Client, ClientHeaders, Error, ErrorKind, RateLimit, Request, RetryPolicy};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json as object};

use cloudally_contract::server::{Reserved, Server, Step, head, json, reply};
use cloudally_contract::setup::{
    SIGN_IN, attempts, builder, impatient, status_of, tokens, with_token,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

const PATH: &str = "/v1/partners/new";

/// A client that does not wait between attempts.
fn client(server: &Server) -> Client {
    let builder = with_token(server).sleep(Arc::new(NoWait::default()));
    builder.build().unwrap()
}

async fn sent(request: Request) -> Result<Value, Error> {
    in_time("a request", request.json()).await
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_on_the_wire_is_this_and_nothing_else() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, None),
        _ => json(200, "{}"),
    });
    let client = builder(server.url()).build().unwrap();
    let request = client.request(Method::PUT, "/v1/a b/ü/%41;x=1");
    let request = request
        .query("q", "a b&c=d+e/ü%")
        .query("q", 2)
        .query("empty", "")
        .header("X-Mine", "1")
        .body(&object!({"name": "ü", "at": [1.5, null]}));
    sent(request).await.unwrap();
    sent(client.request(Method::GET, PATH)).await.unwrap();
    let requests = server.requests();
    let [_, put, get] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(put.method, "PUT");
    assert_eq!(put.path, "/v1/a%20b/%C3%BC/%41;x=1");
    assert_eq!(
        put.query.as_deref(),
        Some("q=a+b%26c%3Dd%2Be%2F%C3%BC%25&q=2&empty=")
    );
    assert_eq!(put.body, r#"{"at":[1.5,null],"name":"ü"}"#);
    let host = server.url().replace("http://", "");
    let length = put.body.len().to_string();
    let agent = concat!("cloudally-rust/", env!("CARGO_PKG_VERSION"));
    let common = [
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("authorization", "Bearer t0"),
        ("client-id", "id"),
        ("client-secret", "secret"),
        ("host", &host),
        ("user-agent", agent),
    ];
    let own = [
        ("content-length", length.as_str()),
        ("content-type", "application/json"),
        ("x-mine", "1"),
    ];
    assert_eq!(headers(put), sorted(&[&common[..], &own].concat()));
    assert_eq!((get.method.as_str(), get.path.as_str()), ("GET", PATH));
    assert_eq!((get.query.as_deref(), get.body.as_str()), (None, ""));
    assert_eq!(headers(get), sorted(&common));
}

fn headers(request: &cloudally_contract::server::Request) -> Vec<(String, String)> {
    let mut headers = request.headers.clone();
    headers.sort();
    headers
}

fn sorted(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut headers: Vec<_> = headers.iter().map(owned).collect();
    headers.sort();
    headers
}

#[tokio::test]
async fn the_client_headers_are_sent_as_the_client_is_set_up() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, None),
        _ => json(200, "{}"),
    });
    let client = builder(server.url()).client_headers(ClientHeaders::SignInOnly);
    let client = client.build().unwrap();
    sent(client.request(Method::GET, PATH)).await.unwrap();
    let request = &server.requests()[1];
    assert_eq!(request.token(), "t0");
    assert_eq!(request.header("client-id"), None);
    assert_eq!(request.header("client-secret"), None);
}

/// Faults that may pass, and what each is for a request that is sent once only.
fn faults() -> [(&'static str, Vec<Step>, ErrorKind); 9] {
    use ErrorKind::{OutcomeUnknown, RateLimited};
    [
        ("500", json(500, "{}"), OutcomeUnknown),
        ("502", reply(502, &[], "<html>"), OutcomeUnknown),
        ("503", json(503, "{}"), OutcomeUnknown),
        ("504", json(504, "{}"), OutcomeUnknown),
        ("408", json(408, "{}"), OutcomeUnknown),
        ("429", json(429, "{}"), RateLimited),
        ("reset", vec![Step::Reset], OutcomeUnknown),
        ("close", vec![Step::Close], OutcomeUnknown),
        (
            "half an answer",
            vec![
                Step::Write(head(200, &[("content-length", "9")])),
                Step::Write(b"{\"a\"".to_vec()),
                Step::Close,
            ],
            OutcomeUnknown,
        ),
    ]
}

/// A server that fails twice and then answers.
fn failing_twice(steps: Vec<Step>) -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => steps.clone(),
        _ => json(200, r#"{"done": true}"#),
    })
}

async fn is_sent_again(request: impl Fn(&Client) -> Request, case: &str) {
    for (fault, steps, _) in faults() {
        let server = failing_twice(steps);
        let answer = sent(request(&client(&server))).await;
        let answer = answer.unwrap_or_else(|error| panic!("{case}, {fault}: {error}"));
        assert_eq!(answer, object!({"done": true}), "{case}, {fault}");
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "{case}, {fault}");
        // Each attempt is the same request.
        for again in &requests[1..] {
            assert_eq!(again.body, requests[0].body, "{case}, {fault}");
            assert_eq!(again.query, requests[0].query, "{case}, {fault}");
            assert_eq!(headers(again), headers(&requests[0]), "{case}, {fault}");
        }
    }
}

async fn is_sent_once(request: impl Fn(&Client) -> Request, case: &str) {
    for (fault, steps, kind) in faults() {
        let server = failing_twice(steps);
        let error = sent(request(&client(&server))).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{case}, {fault}: {error}");
        assert_eq!(error.attempts(), 1, "{case}, {fault}");
        assert_eq!(server.requests_len(), 1, "{case}, {fault}");
        if kind == ErrorKind::OutcomeUnknown {
            assert!(!error.is_retryable(), "{case}, {fault}");
            assert!(
                error.to_string().contains("before you send it again"),
                "{error}"
            );
        }
    }
}

fn with_body(method: Method) -> impl Fn(&Client) -> Request {
    move |client| {
        let request = client.request(method.clone(), PATH).query("a", "1");
        request.header("x-mine", "1").body(&object!({"a": 1}))
    }
}

#[tokio::test]
async fn what_is_idempotent_by_the_standard_is_sent_again() {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        is_sent_again(with_body(method.clone()), method.as_str()).await;
    }
}

#[tokio::test]
async fn what_is_not_idempotent_or_not_known_is_sent_once_and_its_outcome_is_told_as_unknown() {
    let unknown = Method::from_bytes(b"RESTORE").unwrap();
    for method in [Method::POST, Method::PATCH, unknown] {
        is_sent_once(with_body(method.clone()), method.as_str()).await;
    }
}

#[tokio::test]
async fn the_caller_s_word_on_idempotence_counts() {
    let post = with_body(Method::POST);
    is_sent_again(|client| post(client).idempotent(true), "POST").await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = with_body(method.clone());
        is_sent_once(|client| request(client).idempotent(false), method.as_str()).await;
    }
}

#[tokio::test]
async fn a_post_is_sent_again_if_no_connection_was_made() {
    let reserved = Reserved::new();
    let builder = builder(reserved.url()).credentials(cloudally::Credentials::access_token("t"));
    let client = builder.retry_policy(attempts(3)).build().unwrap();
    let error = sent(client.request(Method::POST, PATH)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert!(error.is_retryable());
    assert_eq!(error.operation(), Some("POST /v1/partners/new"));
}

#[tokio::test]
async fn only_what_may_be_sent_again_shares_a_connection() {
    let server = Server::start(|_| json(200, "{}"));
    let client = with_token(&server).build().unwrap();
    for _ in 0..3 {
        for method in [Method::GET, Method::POST] {
            sent(client.request(method, PATH)).await.unwrap();
        }
        let shared = client.request(Method::POST, "/shared").idempotent(true);
        sent(shared).await.unwrap();
        let own = client.request(Method::DELETE, "/own").idempotent(false);
        sent(own).await.unwrap();
    }
    let requests = server.requests();
    let connections = |like: &dyn Fn(&cloudally_contract::server::Request) -> bool| {
        let like = requests.iter().filter(|request| like(request));
        let mut all: Vec<_> = like.map(|request| request.connection).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    assert_eq!(connections(&|request| request.method == "GET"), [0]);
    assert_eq!(connections(&|request| request.path == "/shared"), [0]);
    let own = |request: &cloudally_contract::server::Request| {
        request.path == "/own" || (request.method == "POST" && request.path == PATH)
    };
    let own = connections(&own);
    assert!(own.len() == 6 && !own.contains(&0), "{own:?}");
}

#[tokio::test]
async fn a_refused_token_is_replaced_whatever_the_method() {
    for (good, method, attempts) in [
        ("t1", Method::GET, 2),
        ("t1", Method::POST, 2),
        ("none", Method::GET, 3),
        ("none", Method::POST, 2),
    ] {
        let signed_in = AtomicUsize::new(0);
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => {
                let number = signed_in.fetch_add(1, Ordering::SeqCst);
                tokens(&format!("t{number}"), None, None)
            }
            _ if request.token() == good => json(200, r#"{"done": true}"#),
            _ => json(401, "{}"),
        });
        let client = impatient(&server, &FakeClock::new());
        let request = client.request(method.clone(), PATH).body(&object!([7]));
        let result = sent(request).await;
        assert_eq!(server.count_of(PATH), attempts, "{method}");
        let like = |request: &cloudally_contract::server::Request| request.body == "[7]";
        assert_eq!(
            server.count(like),
            attempts,
            "{method}: the body goes out again"
        );
        match (good, result) {
            ("t1", Ok(answer)) => assert_eq!(answer, object!({"done": true})),
            ("none", Err(error)) => {
                assert!(error.is_unauthenticated(), "{error}");
                let name = format!("{method} {PATH}");
                assert_eq!(error.operation(), Some(name.as_str()));
            }
            (_, other) => panic!("{method}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_deadline_ends_a_read_as_late_and_a_mutation_as_unknown() {
    for (method, kind) in [
        (Method::GET, ErrorKind::Timeout),
        (Method::PUT, ErrorKind::Timeout),
        (Method::POST, ErrorKind::OutcomeUnknown),
    ] {
        let server = Server::start(|_| vec![Step::UntilGone]);
        let policy = RetryPolicy::default().deadline(Duration::from_millis(300));
        let request = client(&server)
            .with_retry_policy(policy)
            .request(method.clone(), PATH);
        let error = sent(request).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{method}");
        assert!(error.to_string().contains("deadline"), "{error}");
        assert!(server.requests_len() <= 1, "{method}");
    }
}

#[tokio::test]
async fn the_limit_of_bodies_holds_plain_and_compressed() {
    let body = object!({"filling": "x".repeat(200_000)}).to_string();
    let plain = reply(200, &[], &body);
    let packed = reply(200, &[("content-encoding", "gzip")], gzip(&body));
    for (steps, limit, fits) in [
        (plain.clone(), body.len(), true),
        (plain, body.len() - 1, false),
        (packed.clone(), body.len(), true),
        (packed, body.len() - 1, false),
    ] {
        let server = Server::start(move |_| steps.clone());
        let client = with_token(&server)
            .max_response_bytes(limit)
            .build()
            .unwrap();
        let request = client.request(Method::GET, PATH);
        let read = in_time("bytes", request.clone().bytes()).await;
        let decoded = sent(request).await;
        if fits {
            assert_eq!(read.unwrap(), body.as_bytes());
            assert_eq!(decoded.unwrap()["filling"].as_str().unwrap().len(), 200_000);
        } else {
            for error in [read.unwrap_err(), decoded.unwrap_err()] {
                assert_eq!(
                    (error.kind(), error.attempts()),
                    (ErrorKind::BodyTooLarge, 1)
                );
            }
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_any_method() {
    let other = Server::start(|_| json(200, "{}"));
    for status in [301, 302, 303, 307, 308] {
        for method in [Method::GET, Method::POST] {
            let to = format!("{}/v1/partners", other.url());
            let server = Server::start(move |_| reply(status, &[("location", &to)], ""));
            let request = client(&server).request(method, PATH);
            let error = sent(request).await.unwrap_err();
            assert_eq!(
                (error.kind(), status_of(&error)),
                (ErrorKind::UnexpectedRedirect, Some(status))
            );
            assert_eq!(server.requests_len(), 1, "{status}");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn the_rate_limit_of_the_client_counts_them() {
    let server = Server::start(|_| json(200, "{}"));
    let sleep = NoWait::default();
    let builder = with_token(&server).rate_limit(RateLimit::per_second(10));
    let builder = builder.clock(Arc::new(FakeClock::new()));
    let client = builder.sleep(Arc::new(sleep.clone())).build().unwrap();
    for method in [Method::GET, Method::POST, Method::DELETE, Method::GET] {
        sent(client.request(method, PATH)).await.unwrap();
    }
    let tenths = |count: u64| Duration::from_millis(100 * count);
    assert_eq!(sleep.waits(), [tenths(1), tenths(2), tenths(3)]);
}

/// Requests borrow nothing: many can be under way at once, and a clone is another request.
#[tokio::test]
async fn a_request_can_be_cloned_and_sent_from_many_tasks() {
    let server = Server::start(|request| json(200, format!("{:?}", request.query)));
    let client = with_token(&server).build().unwrap();
    let request = client.request(Method::GET, PATH);
    let calls = (0..20).map(|number| {
        let request = request.clone().query("number", number);
        tokio::spawn(async move { request.bytes().await })
    });
    let answers = futures_util::future::join_all(calls).await;
    for (number, answer) in answers.into_iter().enumerate() {
        let expected = format!("{:?}", Some(format!("number={number}")));
        assert_eq!(answer.unwrap().unwrap(), expected.as_bytes());
    }
    assert_eq!(server.requests_len(), 20);
}
