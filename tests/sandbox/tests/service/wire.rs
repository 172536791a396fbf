//! What a client sees on the wire when something goes wrong there, byte by byte.

use std::io::ErrorKind;
use std::time::Duration;

use cloudally_sandbox::{Clock, Fault, Rule, Sandbox, Trigger};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::api::{Api, add_rule, client_body, small, start, started};

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
}

fn profile() -> Trigger {
    Rule::on("getPartner")
}

async fn connect(sandbox: &Sandbox) -> TcpStream {
    let address = sandbox.url().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

async fn send(stream: &mut TcpStream, sandbox: &Sandbox) {
    let answer = Api::anonymous(sandbox)
        .post("/auth/partner", &client_body(sandbox.partner()))
        .await;
    let token = answer.access_token();
    let request =
        format!("GET /v1/partners HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

async fn read(stream: &mut TcpStream) -> (String, End) {
    let mut bytes = Vec::new();
    let end = match stream.read_to_end(&mut bytes).await {
        Ok(_) => End::Closed,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
        Err(error) => panic!("{error}"),
    };
    (String::from_utf8(bytes).unwrap(), end)
}

/// What comes for a request for the partner's profile, until the connection ends.
async fn seen(fault: impl Into<Fault>) -> (Sandbox, String, End) {
    let sandbox = small().await;
    add_rule(&sandbox, profile().then(fault));
    let mut stream = connect(&sandbox).await;
    send(&mut stream, &sandbox).await;
    let (text, end) = read(&mut stream).await;
    (sandbox, text, end)
}

/// The body, and the length that the headers promise.
fn parts(text: &str) -> (&str, usize) {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    (body, length.unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_body_is_cut() {
    for after in [0, 1, 17] {
        let (sandbox, text, end) = seen(Fault::cut_body(after)).await;
        let whole = sandbox.partner_profile().to_string();
        let (body, length) = parts(&text);
        assert_eq!(body, &whole[..usize::try_from(after).unwrap()]);
        assert_eq!((length, end), (whole.len(), End::Closed));
    }
    // A body that is there whole is followed by the end of the connection all the same.
    let (sandbox, text, end) = seen(Fault::cut_body(1_000_000)).await;
    assert_eq!(parts(&text).0, sandbox.partner_profile().to_string());
    assert_eq!(end, End::Closed);
}

#[tokio::test]
async fn a_body_is_reset() {
    for after in [0, 17] {
        let (sandbox, text, end) = seen(Fault::reset_body(after)).await;
        let whole = sandbox.partner_profile().to_string();
        let (body, length) = parts(&text);
        assert_eq!(body, &whole[..usize::try_from(after).unwrap()]);
        assert_eq!((length, end), (whole.len(), End::Reset));
    }
}

#[tokio::test]
async fn a_connection_is_reset() {
    let (_, text, end) = seen(Fault::Reset).await;
    assert_eq!((text.as_str(), end), ("", End::Reset));
}

#[tokio::test]
async fn an_answer_without_a_body_is_cut_too() {
    let sandbox = small().await;
    for fault in [Fault::status(500).empty().into(), Fault::cut_body(3)] {
        add_rule(&sandbox, profile().then(fault));
    }
    let mut stream = connect(&sandbox).await;
    send(&mut stream, &sandbox).await;
    let (text, end) = read(&mut stream).await;
    assert!(
        text.starts_with("HTTP/1.1 500 ") && text.ends_with("\r\n\r\n"),
        "{text}"
    );
    assert_eq!(end, End::Closed);
}

#[tokio::test]
async fn a_large_body_is_cut() {
    let sandbox = Sandbox::start().await.unwrap();
    let rule = Rule::on("listPartnerTasks").then(Fault::cut_body(300_000));
    add_rule(&sandbox, rule);
    let api = Api::partner(&sandbox).await;
    let mut response = api
        .request("GET", "/v1/partners/tasks")
        .send()
        .await
        .unwrap();
    let mut read = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => read += chunk.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert!(error.is_decode() || error.is_body(), "{error:?}");
    assert_eq!(read, 300_000);
}

#[tokio::test]
async fn an_answer_stalls_until_the_sandbox_stops() {
    for (fault, expected) in [
        (Fault::Stall, ""),
        (Fault::stall_body(0), "\r\n\r\n"),
        (Fault::stall_body(17), "\""),
    ] {
        let sandbox = small().await;
        add_rule(&sandbox, profile().then(fault.clone()));
        let mut stream = connect(&sandbox).await;
        send(&mut stream, &sandbox).await;
        let mut head = Vec::new();
        if expected.is_empty() {
            // The request has arrived, and will not be answered.
            while sandbox.request_count("getPartner") == 0 {
                tokio::task::yield_now().await;
            }
        } else {
            let whole = sandbox.partner_profile().to_string();
            let end = match &fault {
                Fault::StallBody { after, .. } => usize::try_from(*after).unwrap(),
                _ => 0,
            };
            let body = &whole[..end];
            while !String::from_utf8_lossy(&head).ends_with(&format!("\r\n\r\n{body}")) {
                assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
            }
        }
        let mut byte = [0];
        assert_eq!(
            stream.try_read(&mut byte).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        sandbox.shutdown().await;
        let (rest, end) = read(&mut stream).await;
        assert_eq!(rest, "");
        if fault == Fault::Stall {
            assert_eq!(end, End::Reset);
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_stall_is_no_trouble() {
    let sandbox = small().await;
    add_rule(&sandbox, profile().nth(1).then(Fault::Stall));
    let api = Api::partner(&sandbox).await;
    let impatient = api
        .request("GET", "/v1/partners")
        .timeout(Duration::from_millis(50));
    assert!(impatient.send().await.unwrap_err().is_timeout());
    assert_eq!(api.get("/v1/partners").await.status, 200);
}

#[tokio::test]
async fn an_answer_comes_late() {
    let clock = Clock::manual(start());
    let sandbox = started(Sandbox::builder().clock(clock.clone())).await;
    let delay = Fault::delay(Duration::from_secs(30));
    add_rule(&sandbox, profile().then(delay));
    let api = Api::partner(&sandbox).await;
    let answer = api.get("/v1/partners");
    tokio::pin!(answer);
    while sandbox.request_count("getPartner") == 0 {
        tokio::select! {
            answer = &mut answer => panic!("too early: {answer:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    clock.advance(Duration::from_secs(30));
    assert_eq!(answer.await.status, 200);
}

#[tokio::test]
async fn faults_come_together() {
    let sandbox = Sandbox::start().await.unwrap();
    let api = Api::partner(&sandbox).await;
    for fault in [
        Fault::status(502).html().into(),
        Fault::delay(Duration::from_millis(1)),
        Fault::cut_body(6),
    ] {
        add_rule(&sandbox, profile().then(fault));
    }
    let response = api.request("GET", "/v1/partners").send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.is_err());
}

#[tokio::test]
async fn other_connections_go_on() {
    let sandbox = small().await;
    let rule = profile().nth(1).then(Fault::Reset);
    add_rule(&sandbox, rule);
    let api = Api::partner(&sandbox).await;
    let other = Api::partner(&sandbox).await;
    assert!(api.request("GET", "/v1/partners").send().await.is_err());
    assert_eq!(other.get("/v1/partners").await.status, 200);
    assert_eq!(api.get("/v1/partners").await.status, 200);
}
