//! A word is the value that it names, wherever the document names it.

mod server;

use corpus_one_of_constants::{Client, types::Color, unions::AWordOrObject};

#[tokio::test]
async fn every_constant_is_the_value_that_it_names() {
    let body = r#"{"color": "green", "word_or_object": "some"}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let (url, seen) = server::answering(&answer);
    let client = Client::new_with_client(&url, reqwest::Client::new());
    let read = client.get_a().send().await.unwrap().into_inner();
    seen.join().unwrap();
    assert!(matches!(read.color, Some(Color::Green)));
    assert!(matches!(read.word_or_object, Some(AWordOrObject::AWordOrObjectChoice2(word)) if word.as_str() == "some"));
    assert!(matches!(Color::from("blue"), Color::Unknown(_)));
}
