//! Requests to any path: what goes out, what is refused before anything goes out, and what comes
//! back.

use cloudally::types::Task;
use cloudally::{Client, Error, ErrorKind};
use cloudally_contract::answer::Answer;
use cloudally_contract::made_up::CLIENT_SECRET;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_contract::setup::status_of;
use reqwest::Method;
use serde_json::{Value, json};

const NEW: &str = "/v1/partners/new";

async fn answering(answer: Answer) -> (Service, Client) {
    let service = Service::signed_in([answer]);
    let client = service.client();
    (service, client)
}

fn ok() -> Answer {
    Answer::ok(&json!({"a": 1}))
}

#[tokio::test]
async fn a_read_goes_out_like_any_other_read_with_its_query() {
    let (service, client) = answering(ok()).await;
    let request = client.request(Method::GET, NEW);
    let request = request.query("pageSize", 10).query("name", "a b&c=ü/+%#?");
    let answer: Value = request.json().await.unwrap();
    assert_eq!(answer, json!({"a": 1}));
    let query = [("pageSize", "10"), ("name", "a b&c=ü/+%#?")];
    service.assert_saw([Request::sign_in(), Request::get(NEW).query(query)]);
}

#[tokio::test]
async fn every_method_goes_out_with_its_body_or_without() {
    let body = json!({"name": "ü", "list": [1, null]});
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let (service, client) = answering(ok()).await;
        let named = Method::from_bytes(method.as_bytes()).unwrap();
        let sent = client.request(named.clone(), NEW).body(&body);
        sent.json::<Value>().await.unwrap();
        service.answers_next([ok()]);
        client.request(named, NEW).json::<Value>().await.unwrap();
        let mut with_body = Request::post(NEW, body.clone());
        let mut without = Request::get(NEW);
        method.clone_into(&mut with_body.method);
        method.clone_into(&mut without.method);
        service.assert_saw([Request::sign_in(), with_body, without]);
    }
}

#[tokio::test]
async fn headers_of_the_caller_replace_the_defaults_and_are_sent_once() {
    let (service, client) = answering(ok()).await;
    let request = client.request(Method::POST, NEW).body(&json!(1));
    let request = request
        .header("Accept", "text/csv")
        .header("content-type", "application/merge-patch+json")
        .header("User-Agent", "mine")
        .header("x-one", "1")
        .header("X-One", "2")
        .header("x-empty", "");
    request.json::<Value>().await.unwrap();
    let expected = Request::post(NEW, json!(1))
        .header("accept", "text/csv")
        .header("content-type", "application/merge-patch+json")
        .header("user-agent", "mine")
        .header("x-one", "2")
        .header("x-empty", "");
    service.assert_saw([Request::sign_in(), expected]);
}

#[tokio::test]
async fn no_header_that_the_caller_sets_is_lost_in_silence() {
    for name in [
        "api-version",
        "accept-encoding",
        "cookie",
        "if-match",
        "idempotency-key",
        "x-request-id",
    ] {
        let (service, client) = answering(ok()).await;
        let request = client.request(Method::GET, NEW).header(name, "7");
        request.json::<Value>().await.unwrap();
        let expected = Request::get(NEW).header(name, "7");
        service.assert_saw([Request::sign_in(), expected]);
    }
}

#[tokio::test]
async fn a_base_url_with_a_path_keeps_it() {
    for slash in ["", "/"] {
        let service = Service::signed_in([ok()]);
        let base = format!("{}/proxy/cloudally{slash}", service.url());
        let client = service.builder().base_url(base).build().unwrap();
        let sent = client.request(Method::GET, NEW).json::<Value>();
        sent.await.unwrap();
        assert_eq!(
            service.lines(),
            [
                "POST /proxy/cloudally/auth/partner",
                "GET /proxy/cloudally/v1/partners/new"
            ]
        );
    }
}

async fn refused(request: cloudally::Request, name: &str) -> Error {
    let error = request.clone().json::<Value>().await.unwrap_err();
    let other = request.bytes().await.unwrap_err();
    assert_eq!(error.to_string(), other.to_string());
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert_eq!(error.operation(), Some(name), "{error}");
    assert_eq!(error.attempts(), 0, "{error}");
    assert!(!error.is_retryable(), "{error}");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    error
}

#[tokio::test]
async fn a_path_that_may_lead_elsewhere_is_refused_and_not_even_a_sign_in_goes_out() {
    let service = Service::answering([]);
    let client = service.client();
    for path in [
        "",
        "v1/partners",
        "http://127.0.0.1:1/v1",
        "https://elsewhere.example/v1",
        "//elsewhere.example/v1",
        "///elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "@elsewhere.example",
        ":1/v1",
        ".elsewhere.example/",
        "/..",
        "/v1/../auth",
        "/v1/%2e%2e/auth",
        "/v1/.%2E/auth",
        "/v1/a%2F..%2f..",
        "/v1/./a",
        "/v1/%5c..%5c",
        "/v1?a=b",
        "/v1#a",
        " /v1",
        "\t/v1",
    ] {
        let name = format!("GET {path}");
        let error = refused(client.request(Method::GET, path), &name).await;
        let shown = error.to_string();
        assert!(shown.contains("is not a valid path"), "{path:?}: {shown}");
    }
    service.assert_saw([]);
}

#[tokio::test]
async fn what_is_refused_or_fails_is_told_in_one_line() {
    let (service, client) = answering(Answer::spring(404, "none")).await;
    for path in ["/v1/a\nb", "/v1/a\r\nERROR forged", "/v1/\u{1b}[31m"] {
        let error = client.request(Method::GET, path).bytes().await.unwrap_err();
        let shown = error.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
    service.assert_saw([]);
}

#[tokio::test]
async fn headers_that_the_client_answers_for_are_refused() {
    let service = Service::answering([]);
    let client = service.client();
    for own in [
        "authorization",
        "Authorization",
        "client-id",
        "CLIENT-SECRET",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
    ] {
        let request = client.request(Method::POST, NEW).body(&json!({}));
        let request = request.header(own, "canary").header("x-more", "1");
        let shown = refused(request, "POST /v1/partners/new").await;
        let shown = shown.to_string();
        let named = own.to_ascii_lowercase();
        assert!(shown.contains(&format!("`{named}`")), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    for (name, value, told) in [
        ("x bad", "1", "`x bad` is not the name of a header"),
        ("", "1", "is not the name of a header"),
        ("x-ü", "1", "is not the name of a header"),
        ("x-bad", "a\r\nx-forged: 1", "`x-bad`"),
        ("x-bad", "a\0", "`x-bad`"),
    ] {
        let request = client.request(Method::GET, NEW).header(name, value);
        let shown = refused(request, "GET /v1/partners/new").await;
        let shown = shown.to_string();
        assert!(shown.contains(told), "{shown}");
        assert!(!shown.contains("forged"), "{shown}");
    }
    service.assert_saw([]);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let service = Service::answering([]);
    let client = service.client();
    let keys: std::collections::BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    let request = client.request(Method::PUT, NEW).body(&keys);
    let error = refused(request, "PUT /v1/partners/new").await;
    assert!(error.to_string().contains("JSON"), "{error}");
    service.assert_saw([]);
}

#[tokio::test]
async fn the_first_thing_that_is_wrong_is_told() {
    let service = Service::answering([]);
    let client = service.client();
    let request = client.request(Method::GET, "nowhere").header("host", "x");
    let error = refused(request, "GET nowhere").await;
    assert!(error.to_string().contains("`nowhere`"), "{error}");
}

#[tokio::test]
async fn an_answer_without_a_body_is_null() {
    for status in [204, 205] {
        let (_service, client) = answering(Answer::empty(status)).await;
        let request = client.request(Method::DELETE, NEW);
        assert_eq!(request.json::<Value>().await.unwrap(), Value::Null);
    }
    let (service, client) = answering(Answer::empty(204)).await;
    client
        .request(Method::DELETE, NEW)
        .json::<()>()
        .await
        .unwrap();
    service.answers_next([Answer::empty(204)]);
    let none = client.request(Method::PUT, NEW).json::<Option<Task>>();
    assert!(none.await.unwrap().is_none());
    // Where something is wanted, nothing is an error.
    service.answers_next([Answer::empty(204)]);
    let error = client.request(Method::PUT, NEW).json::<Task>().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn bytes_are_given_as_they_came_whatever_they_are() {
    for body in ["", "<html>", "\u{feff}a,b\r\n1,2\r\n", "{\"a\": 1}", "null"] {
        let service = Service::signed_in([Answer::text(200, body)]);
        let client = service.client();
        let read = client.request(Method::GET, NEW).bytes().await.unwrap();
        assert_eq!(read, body.as_bytes());
    }
}

#[tokio::test]
async fn what_is_no_json_is_told_so() {
    let service = Service::signed_in(std::iter::repeat_n(Answer::html(200), 3));
    let request = service.client().request(Method::GET, NEW);
    let error = request.json::<Value>().await.unwrap_err();
    assert_eq!(status_of(&error), Some(200));
    assert_eq!(error.operation(), Some("GET /v1/partners/new"));
    assert!(error.to_string().contains("web page"), "{error}");
    // A mutation that was answered with a success was carried out: its answer is bad, its outcome
    // is not unknown.
    let (service, client) = answering(Answer::html(200)).await;
    let error = client.request(Method::POST, NEW).json::<Value>().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
    service.assert_saw([Request::sign_in(), {
        let mut post = Request::get(NEW);
        "POST".clone_into(&mut post.method);
        post
    }]);
}

#[tokio::test]
async fn a_decode_error_names_the_field_and_the_item() {
    let answer = json!([{"id": "T-1"}, {"id": "T-2", "progress": {"current": []}}]);
    let (_service, client) = answering(Answer::ok(&answer)).await;
    let request = client.request(Method::GET, NEW);
    let error = request.json::<Vec<Task>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.json_path(), Some("[1].progress.current"));
    assert_eq!(error.item_id(), Some("T-2"));
    let shown = error.to_string();
    assert!(
        shown.starts_with("GET /v1/partners/new: ") && shown.contains("[1].progress.current"),
        "{shown}"
    );
}

#[tokio::test]
async fn every_refusal_of_the_service_is_told_like_that_of_any_call() {
    use ErrorKind::{BadRequest, Forbidden, NotFound, RateLimited, Server};
    for (status, kind) in [
        (400, BadRequest),
        (403, Forbidden),
        (404, NotFound),
        (409, BadRequest),
        (410, NotFound),
        (422, BadRequest),
        (429, RateLimited),
        (501, Server),
    ] {
        let answer = Answer::spring(status, "No such luck").header("x-request-id", "r-1");
        let (service, client) = answering(answer).await;
        let request = client.request(Method::POST, NEW).body(&json!({}));
        let error = request.json::<Value>().await.unwrap_err();
        assert_eq!((error.kind(), status_of(&error)), (kind, Some(status)));
        assert_eq!(error.server_message(), Some("No such luck"));
        assert_eq!(error.request_id(), Some("r-1"));
        assert_eq!(error.operation(), Some("POST /v1/partners/new"));
        assert_eq!(service.seen().len(), 2, "{status}: sent once");
    }
}

#[test]
fn a_request_shows_neither_query_nor_headers_nor_body() {
    let client = Client::builder()
        .credentials(cloudally::Credentials::partner("id", CLIENT_SECRET))
        .build()
        .unwrap();
    let request = client
        .request(Method::PUT, NEW)
        .query("key", "canary-query")
        .header("x-key", "canary-header")
        .body(&json!({"key": "canary-body"}));
    let shown = format!("{request:?} {request:#?}");
    assert!(shown.contains("PUT") && shown.contains(NEW), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_change_that_is_answered_with_nothing_is_done_and_not_sent_again() {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::POST] {
        let service = Service::signed_in([Answer::empty(200)]);
        let request = service.client().request(method.clone(), NEW);
        assert_eq!(
            request.json::<Value>().await.unwrap(),
            Value::Null,
            "{method}"
        );
        assert_eq!(service.seen().len(), 2, "{method}: {:?}", service.seen());
    }
}

#[tokio::test]
async fn a_tunnel_or_an_echo_of_credentials_is_never_asked_for() {
    for method in [Method::CONNECT, Method::TRACE] {
        let service = Service::signed_in([]);
        let request = service.client().request(method, NEW);
        let error = request.bytes().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(service.seen().is_empty());
    }
}
