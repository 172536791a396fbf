//! Bodies of several parts: what arrives, what is never sent again, and what is refused.

use std::sync::{Arc, Mutex};

use cloudally::observe::{AttemptFinished, Observer};
use cloudally::reqwest::Method;
use cloudally::{ErrorKind, Multipart};
use cloudally_contract::server::{Request, Server, Step, json};
use cloudally_contract::setup::with_token;
use cloudally_contract::time::{NoWait, in_time};
use serde_json::{Value, json as object};

const PATH: &str = "/v1/audit/upload";

fn body() -> Multipart {
    Multipart::new()
        .text("sourcé", "a=b&c\r\n--x")
        .json("options", &object!({"replace": false}))
        .file("file", "Einträge 1.csv", "text/csv", "id,ü\n")
}

/// The body as it is sent.
fn expected(boundary: &str) -> String {
    [
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"sourcé\"\r\n\r\na=b&c\r\n--x\r\n"),
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"options\"\r\nContent-Type: application/json\r\n\r\n{{\"replace\":false}}\r\n"),
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Einträge 1.csv\"\r\nContent-Type: text/csv\r\n\r\nid,ü\n\r\n"),
        format!("--{boundary}--\r\n"),
    ]
    .concat()
}

fn assert_arrived(request: &Request) {
    let content_type = request.header("content-type").unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=");
    let expected = expected(boundary.unwrap());
    assert_eq!(request.body, expected);
    let length = expected.len().to_string();
    assert_eq!(request.header("content-length"), Some(length.as_str()));
    assert_eq!(request.header("transfer-encoding"), None);
}

#[derive(Clone, Default)]
struct Lengths(Arc<Mutex<Vec<Option<u64>>>>);

impl Observer for Lengths {
    fn attempt_finished(&self, finished: &AttemptFinished<'_>) {
        self.0.lock().unwrap().push(finished.request_bytes);
    }
}

#[tokio::test]
async fn every_part_arrives_and_its_length_is_observed() {
    let server = Server::start(|_| json(200, r#"{"taken": 1}"#));
    let lengths = Lengths::default();
    let client = with_token(&server).observer(lengths.clone()).build();
    let request = client.unwrap().request(Method::POST, PATH);
    let request = request.multipart(body());
    let answer: Value = in_time("an upload", request.json()).await.unwrap();
    assert_eq!(answer, object!({"taken": 1}));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_arrived(&requests[0]);
    let length = requests[0].body.len() as u64;
    assert_eq!(*lengths.0.lock().unwrap(), [Some(length)]);
}

#[tokio::test]
async fn a_post_is_never_sent_again_and_a_put_is() {
    for (method, steps, attempts, kind) in [
        (
            Method::POST,
            vec![Step::Reset],
            1,
            ErrorKind::OutcomeUnknown,
        ),
        (Method::POST, json(503, "{}"), 1, ErrorKind::OutcomeUnknown),
        (Method::PUT, vec![Step::Reset], 3, ErrorKind::ConnectionLost),
        (Method::PUT, json(503, "{}"), 3, ErrorKind::Server),
    ] {
        let server = Server::start(move |_| steps.clone());
        let builder = with_token(&server).sleep(Arc::new(NoWait::default()));
        let client = builder.build().unwrap();
        let request = client.request(method.clone(), PATH).multipart(body());
        let sent = in_time("an upload", request.json::<Value>()).await;
        assert_eq!(sent.unwrap_err().kind(), kind, "{method}");
        assert_eq!(server.requests_len(), attempts, "{method}");
        server.requests().iter().for_each(assert_arrived);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused() {
    let server = Server::start(|_| json(200, "{}"));
    let client = with_token(&server).build().unwrap();
    let file = |name: &str, kind: &str| Multipart::new().file("file", name, kind, "canary");
    let keys: std::collections::BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    for (body, told) in [
        (Multipart::new(), "has none"),
        (Multipart::new().text("a\"b", "canary"), "has a quote"),
        (Multipart::new().text("a\r\nb: c", "canary"), "has a quote"),
        (file("a\r\nb: c", "text/csv"), "has a quote"),
        (file("a.csv", "text"), "the media type of the part `file`"),
        (Multipart::new().json("a", &keys), "JSON"),
    ] {
        let request = client.request(Method::POST, PATH).multipart(body);
        let error = request.json::<Value>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let shown = error.to_string();
        assert!(shown.contains(told) && !shown.contains("canary"), "{shown}");
    }
    let request = client.request(Method::POST, PATH);
    let request = request.header("content-type", "multipart/form-data");
    let error = request.multipart(body()).bytes().await.unwrap_err();
    assert!(error.to_string().contains("content-type"), "{error}");
    assert_eq!(server.requests_len(), 0);
}

#[test]
fn debug_shows_nothing_of_the_parts() {
    let body = Multipart::new().text("canary", "canary");
    let shown = format!("{body:?} {body:#?}");
    assert!(!shown.contains("canary"), "{shown}");
}
