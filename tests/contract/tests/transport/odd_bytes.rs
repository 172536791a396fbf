//! Responses whose bytes are not quite as they should be, and that can be read nevertheless, or
//! say what is wrong.

use std::io::Write;
use std::sync::{Arc, Mutex};

use cloudally::types::Task;
use cloudally::{Error, ErrorKind, ListRequest};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use cloudally_contract::server::{Server, Step, reply};
use cloudally_contract::setup::{read, without_retries};
use cloudally_contract::time::in_time;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const PARTNER: &[u8] = br#"{"partnerId": "P-1"}"#;

async fn partner_of(steps: Vec<Step>) -> Result<Option<String>, Error> {
    let server = Server::start(move |_| steps.clone());
    let partner = in_time("a read", read(&without_retries(&server))).await?;
    Ok(partner.partner_id.map(|id| id.to_string()))
}

#[tokio::test]
async fn a_content_encoding_is_decoded_in_any_case_and_unasked() {
    for (name, body) in [
        ("gzip", gzip(PARTNER)),
        ("GZIP", gzip(PARTNER)),
        ("x-gzip", gzip(PARTNER)),
        ("Deflate", deflate(PARTNER)),
        ("identity", PARTNER.to_vec()),
        ("", PARTNER.to_vec()),
    ] {
        let steps = reply(200, &[("content-encoding", name)], &body);
        let partner = partner_of(steps).await;
        assert_eq!(partner.unwrap().as_deref(), Some("P-1"), "{name}");
    }
}

#[tokio::test]
async fn a_content_encoding_that_is_not_known_is_named() {
    for name in ["zstd", "br", "gzip, br"] {
        let steps = reply(200, &[("content-encoding", name)], b"\x28\xb5\x2f\xfd");
        let error = partner_of(steps).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_within_its_encoding_is_no_response() {
    let body = gzip(PARTNER);
    for name in ["gzip", "GZIP"] {
        for length in [1, 12, body.len() - 9, body.len() - 1] {
            let steps = reply(200, &[("content-encoding", name)], &body[..length]);
            let partner = partner_of(steps).await;
            assert!(partner.is_err(), "{name} {length}: {partner:?}");
        }
    }
}

#[tokio::test]
async fn what_a_failure_says_is_read_in_any_encoding() {
    let words = br#"{"message": "Too many of them"}"#;
    for (name, body) in [
        ("GZIP", gzip(words)),
        ("gzip", gzip(words)),
        ("Deflate", deflate(words)),
    ] {
        let steps = reply(400, &[("content-encoding", name)], &body);
        let error = partner_of(steps).await.unwrap_err();
        assert_eq!(error.server_message(), Some("Too many of them"), "{name}");
    }
    let marked = [b"\xef\xbb\xbf".as_slice(), words].concat();
    let error = partner_of(reply(400, &[], &marked)).await.unwrap_err();
    assert_eq!(error.server_message(), Some("Too many of them"));
    for (words, expected) in [
        (
            "Service is down for maintenance.\r\n",
            "Service is down for maintenance.",
        ),
        (r#"["first", "second"]"#, "first; second"),
        (r#""in quotes""#, "in quotes"),
    ] {
        let error = partner_of(reply(503, &[], words)).await.unwrap_err();
        assert_eq!(error.server_message(), Some(expected), "{words}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_a_response() {
    let body = [b"\xef\xbb\xbf".as_slice(), PARTNER].concat();
    let partner = partner_of(reply(200, &[], &body)).await;
    assert_eq!(partner.unwrap().as_deref(), Some("P-1"));
}

#[tokio::test]
async fn a_number_that_nobody_reads_may_have_any_length() {
    let digits = "7".repeat(400);
    let body = format!(r#"{{"partnerId": "P-1", "new": {{"a": [{digits}, -1e999]}}}}"#);
    let server = Server::start(move |_| reply(200, &[], &body));
    let partner = in_time("a read", read(&without_retries(&server)))
        .await
        .unwrap();
    assert_eq!(partner.extra["new"]["a"][0], digits.as_str());
    assert_eq!(partner.extra["new"]["a"][1], "-1e999");
}

/// The tasks that can be read of a page, and the paths of those that cannot.
async fn tasks(body: &[u8]) -> (Result<Vec<Task>, Error>, Vec<String>) {
    let steps = reply(200, &[], body);
    let server = Server::start(move |_| steps.clone());
    let list = || -> ListRequest<Task> { without_retries(&server).tasks().list() };
    let strict = in_time("a list", list().collect()).await;
    assert_eq!(strict.unwrap_err().kind(), ErrorKind::Decode);
    let skipped = Arc::new(Mutex::new(Vec::new()));
    let report = Arc::clone(&skipped);
    let list = list().skip_invalid_items(move |item| {
        report
            .lock()
            .unwrap()
            .push(format!("{} {:?}", item.path, item.id));
    });
    let read = in_time("a list", list.collect()).await;
    let skipped = skipped.lock().unwrap().clone();
    (read, skipped)
}

#[tokio::test]
async fn a_name_that_is_no_text_costs_its_item_and_not_the_page() {
    for name in [
        br#""\ud800""#.as_slice(),
        br#""a\udfffb""#,
        b"\"caf\xe9\"",
        b"\"\xf0\x9f\x92\"",
    ] {
        let body = [
            br#"{"total": 3, "page": 1, "totalPages": 1, "data": [{"id": "T-1"}, {"id": "T-2", "alias": "#,
            name,
            br#"}, {"id": "T-3"}]}"#,
        ]
        .concat();
        let (read, skipped) = tasks(&body).await;
        let read = read.unwrap();
        let ids: Vec<_> = read.iter().filter_map(|task| task.id.as_ref()).collect();
        assert_eq!(ids, ["T-1", "T-3"], "{name:?}");
        assert_eq!(skipped, ["data[1].alias Some(\"T-2\")"], "{name:?}");
    }
}

#[tokio::test]
async fn a_list_without_content_says_so() {
    let server = Server::start(|_| reply(204, &[], ""));
    let list = without_retries(&server).tasks().list().collect();
    let error = in_time("a list", list).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("without content"), "{error}");
}
