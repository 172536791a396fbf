//! A body goes out, and an answer is asked for, as the kind that the document names.

mod server;

use futures_util::StreamExt;

#[tokio::test]
async fn a_patch_says_that_it_is_one() {
    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let body: corpus_bodies::types::A = serde_json::from_str(r#"{"a": "1"}"#).unwrap();
    client.m(body).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.starts_with("PATCH /patch "), "{request}");
    assert!(request.contains("content-type: application/merge-patch+json") && request.ends_with("{\"a\":\"1\"}"), "{request}");
}

#[tokio::test]
async fn a_form_is_a_form_and_octets_are_octets() {
    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let body: corpus_bodies::types::BBody = serde_json::from_str(r#"{"user": "a b", "password": "p&q"}"#).unwrap();
    client.b(body).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.contains("application/x-www-form-urlencoded") && request.contains("user=a+b") && request.contains("password=p%26q"), "{request}");

    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    client.c(vec![1_u8, 2, 3]).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.contains("application/octet-stream") && request.ends_with("\u{1}\u{2}\u{3}"), "{request}");
}

#[tokio::test]
async fn text_goes_out_as_the_kind_of_text_that_it_is() {
    for (sent, kind) in [("plain", "text/plain"), ("csv", "text/csv; header=present"), ("markdown", "text/x-markdown")] {
        let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
        let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
        let done = match sent {
            "plain" => client.e(sent).send().await.map(drop),
            "csv" => client.n(sent).send().await.map(drop),
            // Its answer is bytes, and the server here has none.
            _ => client.r(sent).send().await.map(drop).or(Ok(())),
        };
        done.unwrap();
        let request = seen.join().unwrap();
        assert!(request.contains(&format!("content-type: {kind}\r\n")) && request.ends_with(sent), "{request}");
    }
}

#[tokio::test]
async fn bytes_go_out_and_come_back_as_they_are() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 4\r\n\r\n\u{1}\u{2}\u{0}\u{3}";
    let (url, seen) = server::answering(answer);
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let answer = client.o(vec![7_u8, 0, 8]).send().await.unwrap();
    let bytes = bytes(answer.into_inner()).await;
    assert_eq!(bytes, [1, 2, 0, 3]);
    let request = seen.join().unwrap();
    assert!(request.contains("content-type: image/png\r\n") && request.contains("accept: image/png\r\n"), "{request}");
    assert!(request.ends_with("\u{7}\u{0}\u{8}"), "{request}");
}

#[tokio::test]
async fn text_comes_back_as_it_is() {
    let (url, seen) = server::answering("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let answer = client.p("<a/>").send().await.unwrap();
    assert_eq!(bytes(answer.into_inner()).await, b"hello");
    let request = seen.join().unwrap();
    assert!(request.contains("content-type: application/xml\r\n") && request.contains("accept: text/plain\r\n"), "{request}");
    assert!(request.ends_with("<a/>"), "{request}");
}

/// Reads a stream to its end.
async fn bytes(stream: progenitor_client::ByteStream) -> Vec<u8> {
    let mut stream = stream.into_inner();
    let mut all = Vec::new();
    while let Some(part) = stream.next().await {
        all.extend_from_slice(&part.unwrap());
    }
    all
}
