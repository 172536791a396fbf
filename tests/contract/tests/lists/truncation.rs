//! Answers that break off, at every byte: tried again, and never taken for whole.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudally::reqwest;
use cloudally::{Client, Credentials, ErrorKind};
use flate2::Compression;
use flate2::write::GzEncoder;

use cloudally_contract::server::{Server, Step, head};
use cloudally_contract::setup::{attempts, builder, connections, read, status_of};
use cloudally_contract::time::in_time;

/// An answer of 2 KB.
fn body() -> String {
    let filling = "0123456789abcdef".repeat(120);
    format!(r#"{{"partnerId": "P-1", "contactName": "{filling}", "phone": "5"}}"#)
}

/// How an answer tells its end.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunks,
    /// By the end of the connection, and in no other way.
    End,
    GzipLength,
    GzipChunks,
    GzipEnd,
}

impl Framing {
    fn head(self, length: usize) -> Vec<u8> {
        let length = length.to_string();
        // No answer's connection is kept: the next request must not meet the end of the last.
        let mut headers = vec![
            ("content-type", "application/json"),
            ("connection", "close"),
        ];
        match self {
            Self::Length | Self::GzipLength => headers.push(("content-length", length.as_str())),
            Self::Chunks | Self::GzipChunks => headers.push(("transfer-encoding", "chunked")),
            Self::End | Self::GzipEnd => {}
        }
        if matches!(self, Self::GzipLength | Self::GzipChunks | Self::GzipEnd) {
            headers.push(("content-encoding", "gzip"));
        }
        head(200, &headers)
    }

    fn body(self) -> Vec<u8> {
        let plain = body().into_bytes();
        match self {
            Self::Length | Self::End => plain,
            Self::Chunks => chunks(&plain),
            // Not compressed at all it is as long as the body; well compressed, its parts are
            // others.
            Self::GzipLength => gzip(Compression::none()),
            Self::GzipEnd => gzip(Compression::best()),
            Self::GzipChunks => chunks(&gzip(Compression::best())),
        }
    }
}

fn gzip(compression: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), compression);
    encoder.write_all(body().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn chunks(bytes: &[u8]) -> Vec<u8> {
    let mut chunked = Vec::new();
    for chunk in bytes.chunks(700) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    chunked
}

/// A client of its own for each cut: the budget for attempts of one would be spent soon.
fn client(server: &Server, http: &reqwest::Client, tries: u32) -> Client {
    let builder = builder(server.url()).credentials(Credentials::access_token("t"));
    builder
        .http_client(http.clone())
        .retry_policy(attempts(tries))
        .build()
        .unwrap()
}

/// Cuts an answer after each of its bytes in turn. Each cut answer is followed by a whole one.
async fn cut_everywhere(framing: Framing) {
    let bytes = Arc::new(framing.body());
    let (served, count) = (Arc::clone(&bytes), AtomicUsize::new(0));
    let server = Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let sent = match number % 2 {
            0 => &served[..number / 2],
            _ => &served[..],
        };
        vec![
            Step::Write([framing.head(served.len()), sent.to_vec()].concat()),
            Step::Close,
        ]
    });
    let http = connections();
    let whole: serde_json::Value = serde_json::from_str(&body()).unwrap();
    for cut in 0..bytes.len() {
        let partner = in_time("two attempts", read(&client(&server, &http, 2))).await;
        let partner = partner.unwrap_or_else(|error| panic!("{framing:?} cut at {cut}: {error}"));
        let requests = 2 * (cut + 1);
        assert_eq!(
            server.requests_len(),
            requests,
            "{framing:?} cut at {cut}: taken for whole"
        );
        if cut % 100 == 0 {
            assert_eq!(serde_json::to_value(&partner).unwrap(), whole);
        }
    }
}

#[tokio::test]
async fn an_answer_with_a_length_is_never_accepted_short() {
    cut_everywhere(Framing::Length).await;
}

#[tokio::test]
async fn an_answer_in_chunks_is_never_accepted_short() {
    cut_everywhere(Framing::Chunks).await;
}

#[tokio::test]
async fn an_answer_that_ends_with_the_connection_is_never_accepted_short() {
    cut_everywhere(Framing::End).await;
}

#[tokio::test]
async fn a_compressed_answer_with_a_length_is_never_accepted_short() {
    cut_everywhere(Framing::GzipLength).await;
}

#[tokio::test]
async fn a_compressed_answer_in_chunks_is_never_accepted_short() {
    cut_everywhere(Framing::GzipChunks).await;
}

#[tokio::test]
async fn a_compressed_answer_that_ends_with_the_connection_is_never_accepted_short() {
    cut_everywhere(Framing::GzipEnd).await;
}

#[tokio::test]
async fn an_answer_that_stays_short_is_an_interruption() {
    for framing in [
        Framing::Length,
        Framing::Chunks,
        Framing::End,
        Framing::GzipLength,
        Framing::GzipChunks,
        Framing::GzipEnd,
    ] {
        let bytes = framing.body();
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            let sent = [framing.head(bytes.len()), bytes[..cut].to_vec()].concat();
            let server = Server::start(move |_| vec![Step::Write(sent.clone()), Step::Close]);
            let error = read(&client(&server, &connections(), 3)).await.unwrap_err();
            let case = format!("{framing:?} cut at {cut}: {error}");
            assert_eq!(
                (error.kind(), status_of(&error)),
                (ErrorKind::ConnectionLost, Some(200)),
                "{case}"
            );
            assert_eq!(
                (error.attempts(), server.requests().len()),
                (3, 3),
                "{case}"
            );
        }
    }
}
