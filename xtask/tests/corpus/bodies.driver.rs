//! A body goes out as the kind that the document names.

mod server;

#[tokio::test]
async fn a_patch_says_that_it_is_one() {
    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let body: corpus_bodies::types::A = serde_json::from_str(r#"{"a": "1"}"#).unwrap();
    client.m().body(body).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.starts_with("PATCH /patch "), "{request}");
    assert!(request.contains("content-type: application/merge-patch+json") && request.ends_with("{\"a\":\"1\"}"), "{request}");
}

#[tokio::test]
async fn a_form_is_a_form_and_octets_are_octets() {
    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    let body: corpus_bodies::types::BBody = serde_json::from_str(r#"{"user": "a b", "password": "p&q"}"#).unwrap();
    client.b().body(body).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.contains("application/x-www-form-urlencoded") && request.contains("user=a+b") && request.contains("password=p%26q"), "{request}");

    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_bodies::Client::new_with_client(&url, reqwest::Client::new());
    client.c().body(vec![1_u8, 2, 3]).send().await.unwrap();
    let request = seen.join().unwrap();
    assert!(request.contains("application/octet-stream") && request.ends_with("\u{1}\u{2}\u{3}"), "{request}");
}
