//! What a web page of another site cannot do to a sandbox on the same machine.

use cloudally_sandbox::{Sandbox, SandboxError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::api::{
    Answer, Api, client_body, small, small_as_anonymous, small_as_partner, standing_still, started,
};

async fn get_as(api: &Api, host: &str, path: &str) -> Answer {
    Answer::to(api.request("GET", path).header("host", host)).await
}

#[tokio::test]
async fn a_domain_that_was_rebound_reads_nothing() {
    let (sandbox, api) = small_as_partner().await;
    let port = sandbox.url().rsplit(':').next().unwrap();
    for path in [
        "/",
        "/_sandbox/credentials",
        "/_sandbox/nothing",
        "/v3/api-docs/v1",
        "/v1/partners",
        "/nothing",
    ] {
        for host in ["evil.example".to_owned(), format!("evil.example:{port}")] {
            let answer = get_as(&api, &host, path).await;
            answer.is_error(421, "Misdirected Request", path);
            let body = answer.json();
            let message = body["message"].as_str().unwrap();
            assert!(
                message.contains("localhost") && message.contains(&format!("{host:?}")),
                "{message}"
            );
            assert!(!answer.text.contains(sandbox.partner().client_secret()));
        }
    }
    // Only the sign-in was for this service.
    assert_eq!(sandbox.request_total(), 1);
    for host in ["localhost", "LOCALHOST:1", "127.0.0.2", "[::1]:80"] {
        let answer = get_as(&api, host, "/_sandbox/credentials").await;
        assert_eq!(answer.status, 200, "{host}: {}", answer.text);
    }
}

#[tokio::test]
async fn every_host_of_a_request_must_be_the_sandboxes_own() {
    let sandbox = small().await;
    let own = sandbox.url().strip_prefix("http://").unwrap();
    for (head, status) in [
        (format!("GET / HTTP/1.1\r\nHost: {own}"), 200),
        (format!("GET / HTTP/1.0\r\nHost: {own}"), 200),
        (format!("GET http://{own}/ HTTP/1.1\r\nHost: {own}"), 200),
        ("GET / HTTP/1.0".to_owned(), 421),
        ("GET / HTTP/1.1\r\nHost:".to_owned(), 421),
        (format!("GET / HTTP/1.1\r\nHost: {own}\r\nHost: {own}"), 421),
        (
            format!("GET / HTTP/1.1\r\nHost: {own}\r\nHost: evil.example"),
            421,
        ),
        (
            format!("GET http://evil.example/ HTTP/1.1\r\nHost: {own}"),
            421,
        ),
        (
            format!("GET http://{own}/ HTTP/1.1\r\nHost: evil.example"),
            421,
        ),
        (format!("GET / HTTP/1.1\r\nHost: evil@{own}"), 421),
    ] {
        let mut stream = TcpStream::connect(own).await.unwrap();
        let request = format!("{head}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.split(' ').nth(1) == Some(&status.to_string()),
            "{head}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_web_page_of_another_site_controls_nothing() {
    let (sandbox, api) = small_as_anonymous().await;
    let own = sandbox.url().to_owned();
    let other_port = "http://127.0.0.1:1".to_owned();
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", &other_port),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for (method, path) in [
        ("POST", "/_sandbox/clock"),
        ("GET", "/_sandbox/credentials"),
        ("GET", "/_sandbox/data"),
        ("DELETE", "/_sandbox/requests"),
        ("POST", "/_sandbox/faults"),
        ("DELETE", "/_sandbox/faults"),
        ("DELETE", "/_sandbox/faults/1"),
    ] {
        for (header, value) in foreign {
            let request = api.request(method, path).header(header, value);
            let request = request.body(r#"{"advanceSeconds": 3600}"#);
            let answer = Answer::to(request).await;
            answer.is_error(403, "Forbidden", path);
            assert!(answer.text.contains("other web pages"), "{}", answer.text);
        }
        // One own origin does not make up for another.
        let request = api.request(method, path).header("origin", &own);
        let answer = Answer::to(request.header("origin", "https://evil.example")).await;
        answer.is_error(403, "Forbidden", path);
    }
    let now = api.get("/_sandbox/clock").await.json();
    assert_eq!(now["now"], "2026-03-02T08:00:00Z");
    for (header, value) in [
        ("origin", own.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
    ] {
        let request = api.request("POST", "/_sandbox/clock").header(header, value);
        let answer = Answer::to(request.body(r#"{"advanceSeconds": 1}"#)).await;
        assert_eq!(answer.status, 200, "{header}: {value}: {}", answer.text);
    }
}

/// A web application can be tried against the sandbox, as against the service.
#[tokio::test]
async fn the_service_itself_has_no_opinion_of_origins() {
    let sandbox = small().await;
    let request = Api::anonymous(&sandbox).request("POST", "/auth/partner");
    let request = request.header("origin", "https://app.example");
    let answer = Answer::to(request.json(&client_body(sandbox.partner()))).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_host_can_be_allowed() {
    let sandbox = started(standing_still().empty().allow_host("Sandbox.test.")).await;
    let api = Api::anonymous(&sandbox);
    for (host, status) in [
        ("sandbox.test:8080", 200),
        ("a.sandbox.test", 421),
        ("localhost", 200),
    ] {
        let answer = get_as(&api, host, "/_sandbox/clock").await;
        assert_eq!(answer.status, status, "{host}");
    }
    for host in ["", "sandbox:80", "http://sandbox", "192.168.0.7"] {
        let error = Sandbox::builder().allow_host(host).start().await;
        assert!(
            matches!(&error, Err(SandboxError::Host { host: given, .. }) if given == host),
            "{error:?}"
        );
    }
}
