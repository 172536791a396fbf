//! Names that would collide in Rust go out as the document has them.

mod server;

#[tokio::test]
async fn every_name_is_the_one_on_the_wire() {
    let (url, seen) = server::answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let client = corpus_parameters_colliding::Client::new_with_client(&url, reqwest::Client::new());
    let body: corpus_parameters_colliding::types::PostOperationBody = serde_json::from_str(r#"{"x": "1"}"#).unwrap();
    let parameters = corpus_parameters_colliding::parameters::PostOperation {
        id: "p".to_owned(),
        body_parameter: "b/c".to_owned(),
        body,
    };
    let call = client.post_operation(parameters);
    call.id_2("2").id_3("3").page_size("a").page_size_2("b").page_size_3("c").send().await.unwrap();
    let request = seen.join().unwrap();
    for (name, words) in [
        ("path", "POST /a/p/b%2Fc?"),
        ("content", "{\"x\":\"1\"}"),
        ("header or query", "id: "),
        ("query", "page-size="),
        ("query", "page_size="),
        ("query", "pageSize="),
    ] {
        assert!(request.contains(words), "{name}: {words} is not in {request}");
    }
    assert!(!request.contains('§') && !request.contains("api-version"), "{request}");
}
