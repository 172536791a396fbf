//! A choice is read as the shape that its tag says, and what is none of them is kept.

mod server;

use corpus_one_of_discriminator::{Client, unions::A};

async fn read(body: &str) -> A {
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let (url, seen) = server::answering(&answer);
    let client = Client::new_with_client(&url, reqwest::Client::new());
    let read = client.get_a().send().await.unwrap().into_inner();
    seen.join().unwrap();
    read
}

#[tokio::test]
async fn the_tag_says_which_it_is() {
    assert!(matches!(read(r#"{"kind": "hound", "size": 3}"#).await, A::Dog(dog) if dog.size == Some(3)));
    assert!(matches!(read(r#"{"kind": "cat"}"#).await, A::Cat(_)));
    let fish = read(r#"{"kind": "fish", "fins": 2}"#).await;
    assert!(matches!(&fish, A::Other(value) if value["fins"] == 2));
    assert_eq!(serde_json::to_string(&fish).unwrap(), r#"{"fins":2,"kind":"fish"}"#);
}
