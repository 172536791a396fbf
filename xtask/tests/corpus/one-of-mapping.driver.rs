//! What a discriminator says is true of schemas in other files, and of those that have another name by now.

mod server;

use corpus_one_of_mapping::unions::{ByFile, ByName, ByNumber, ByType, ByValues, Felines, Grouped, Implied, Pet};
use corpus_one_of_mapping::{Client, types};

async fn read(body: &str) -> types::A {
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let (url, seen) = server::answering(&answer);
    let client = Client::new_with_client(&url, reqwest::Client::new());
    let read = client.get_a().send().await.unwrap().into_inner();
    seen.join().unwrap();
    read
}

#[tokio::test]
async fn a_mapping_leads_to_other_files_and_names() {
    let a = read(
        r#"{"by_file": {"kind": "canine"}, "by_name": {"kind": "hound"}, "by_type": {"kind": "T"}, "implied": {"kind": "dog"},
            "elsewhere": {"kind": "mouser"}, "grouped": {"kind": "lion"}, "by_values": {"state": "gone"}, "by_number": {"version": 2}}"#,
    )
    .await;
    assert!(matches!(a.by_file, Some(ByFile::Dog(_))), "{:?}", a.by_file);
    assert!(matches!(a.by_name, Some(ByName::Dog(_))), "{:?}", a.by_name);
    assert!(matches!(a.by_type, Some(ByType::Type2(_) | ByType::Type(_))), "{:?}", a.by_type);
    assert!(matches!(a.implied, Some(Implied::Dog(_))), "{:?}", a.implied);
    assert!(matches!(a.elsewhere, Some(Pet::Cat2(_))), "{:?}", a.elsewhere);
    assert!(matches!(&a.grouped, Some(Grouped::Felines(all)) if matches!(**all, Felines::FelinesChoice2(_))), "{:?}", a.grouped);
    assert!(matches!(a.by_values, Some(ByValues::ByValuesChoice2(_))), "{:?}", a.by_values);
    assert!(matches!(a.by_number, Some(ByNumber::ByNumberChoice2(_))), "{:?}", a.by_number);
}

#[tokio::test]
async fn the_name_of_a_file_or_a_component_is_the_tag_where_nothing_else_is() {
    let a = read(r#"{"implied": {"kind": "Cat"}, "by_type": {"kind": "c"}, "by_file": {"kind": "feline"}, "by_name": {"kind": "lost"}}"#).await;
    assert!(matches!(a.implied, Some(Implied::Cat2(_))), "{:?}", a.implied);
    assert!(matches!(a.by_type, Some(ByType::Cat(_))), "{:?}", a.by_type);
    assert!(matches!(a.by_file, Some(ByFile::Cat2(_))), "{:?}", a.by_file);
    assert!(matches!(a.by_name, Some(ByName::Other(_))), "{:?}", a.by_name);
}
