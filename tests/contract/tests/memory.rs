//! How much memory a response takes at most, however it is made: four times the limit on its bytes
//! and 32 MB.
//!
//! Nothing else runs in this program, so that all memory is that of the response.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use cloudally::{Client, Credentials, Error, ErrorKind, RetryPolicy};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The limit on the bytes of a response. With a low one, most of what is promised is for the values.
const LIMIT: usize = 1 << 20;

/// A body: its beginning, what is repeated with a number in place of `$`, and its end.
struct Body {
    start: &'static str,
    unit: &'static str,
    end: &'static str,
}

const fn body(start: &'static str, unit: &'static str, end: &'static str) -> Body {
    Body { start, unit, end }
}

const BODIES: [Body; 35] = [
    // Items of nothing, or of nearly nothing.
    body(r#"{"data":["#, "{},", "{}]}"),
    body("[", "{},", "{}]"),
    body(r#"{"data":["#, r#"{"id":"$"},"#, "{}]}"),
    body(r#"{"data":["#, "null,", "{}]}"),
    body(r#"{"data":["#, "7,", "7]}"),
    body(r#"{"data":["#, "[],", "[]]}"),
    // Lists and maps in an item.
    body(r#"{"data":[{"backupStatus":["#, "{},", "{}]}]}"),
    body(r#"{"data":["#, r#"{"backupStatus":[{}]},"#, "{}]}"),
    body(r#"{"data":[{"lines":["#, "{},", "{}]}]}"),
    body(r#"{"data":["#, r#"{"lines":[{}]},"#, "{}]}"),
    body(r#"{"data":[{"reportEmails":["#, r#""","#, r#"""]}]}"#),
    body(r#"{"data":["#, r#"{"reportEmails":[""]},"#, "{}]}"),
    body(
        r#"{"data":[{"lastBackupDates":{"#,
        r#""$":1,"#,
        r#""":1}}]}"#,
    ),
    body(r#"{"data":["#, r#"{"lastBackupDates":{"A":1}},"#, "{}]}"),
    body(r#"{"data":["#, r#"{"progress":{},"schedule":{}},"#, "{}]}"),
    // What no type names.
    body(r#"{"data":[],"new":["#, "0,", "0]}"),
    body(r#"{"data":[],"new":["#, r#""","#, r#"""]}"#),
    body(r#"{"data":[],"new":["#, r#""a","#, r#"""]}"#),
    body(r#"{"data":[],"new":["#, "{},", "{}]}"),
    body(r#"{"data":[],"new":["#, "[],", "[]]}"),
    body(r#"{"data":[],"new":["#, "[0],", "[]]}"),
    body(r#"{"data":[],"new":["#, r#"{"a":0},"#, "{}]}"),
    body(r#"{"data":[],"new":["#, r#"{"a":{"":[0]}},"#, "{}]}"),
    body(r#"{"data":[],"new":{"#, r#""$":0,"#, r#""":0}}"#),
    body(r#"{"data":["#, r#"{"a":0},"#, "{}]}"),
    body(r#"{"data":["#, r#"{"a":[0]},"#, "{}]}"),
    body(r#"{"data":["#, r#"{"a":{"b":0}},"#, "{}]}"),
    body(r#"{"data":[{"#, r#""$":0,"#, r#""":0}]}"#),
    body("{", r#""$":0,"#, r#""":0}"#),
    // Long texts, as they are and escaped, and what is no text.
    body(r#"{"data":[{"alias":""#, "aaaaaaaa", r#""}]}"#),
    body(r#"{"data":[{"alias":""#, r"\n\u00e9", r#""}]}"#),
    body(r#"{"data":[{"alias":""#, "aaaaaaaa", r#"\ud800"}]}"#),
    // What the decoder gives up at, before the rest.
    body(DEEP, "{},", "{}]}"),
    body(DEEP, r#"{"a":0},"#, "{}]}"),
    // An item as the service has it.
    body(
        r#"{"data":["#,
        r#"{"id":"6f1f4bb0-7d4c-4d4e-9a35-$","account":"ann@acme.example.com","type":"BACKUP","source":"GMAIL","userId":"U-1","status":"ACTIVE","alias":"Mail","lastBackupDates":{"GMAIL":20230330202812},"size":1,"entityName":"ann@acme.example.com","lastBackupDate":"2026-03-01T02:10:00Z","backupStatus":[{"subSource":"MAIL","status":"FAILED","error":"x"}]},"#,
        r#"{"progress":7,"backupStatus":7,"lines":7,"reportEmails":7}]}"#,
    ),
];

/// The beginning of a page whose first item is nested more deeply than JSON is read.
const DEEP: &str = concat!(
    r#"{"data":["#,
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],",
);

/// The compressed body, of nearly so many bytes. It is never whole in memory.
fn compressed(body: &Body, bytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.start.as_bytes()).unwrap();
    let mut left = bytes - body.start.len() - body.end.len();
    let is_numbered = body.unit.contains('$');
    let mut numbers = 0_u32..;
    let mut units = String::new();
    while left > 0 {
        if is_numbered || units.is_empty() {
            let number = |number| body.unit.replace('$', &format!("{number:07x}"));
            units = numbers.by_ref().take(1_000).map(number).collect();
        }
        if units.len() > left {
            let unit = units.len() / 1_000;
            units.truncate(left / unit * unit);
            left = 0;
        }
        encoder.write_all(units.as_bytes()).unwrap();
        left = left.saturating_sub(units.len());
    }
    encoder.write_all(body.end.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A page with one name of nothing but bytes that are not UTF-8, or of such between others.
fn not_text(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(br#"{"data":[{"alias":""#).unwrap();
    let many = bytes.repeat(1_000);
    for _ in 0..length / many.len() {
        encoder.write_all(&many).unwrap();
    }
    encoder.write_all(br#""}]}"#).unwrap();
    encoder.finish().unwrap()
}

type Served = Arc<Mutex<Vec<u8>>>;

/// A service that answers every request with this, a connection for each.
fn serve(response: Served) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let body = response.lock().unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    format!("http://{address}")
}

type Reading = fn(Client) -> BoxFuture<'static, Result<usize, Error>>;

async fn length<T>(items: impl Future<Output = Result<Vec<T>, Error>>) -> Result<usize, Error> {
    items.await.map(|items| items.len())
}

/// Ways to read a response.
const READS: [(&str, Reading); 8] = [
    ("a page", |client| {
        async move {
            Ok(client
                .tasks()
                .list()
                .page_size(10)
                .page()
                .await?
                .items
                .len())
        }
        .boxed()
    }),
    ("tasks", |client| {
        length(client.tasks().list().collect()).boxed()
    }),
    ("valid tasks", |client| {
        length(client.tasks().list().skip_invalid_items(|_| {}).collect()).boxed()
    }),
    ("statuses", |client| {
        length(client.partners().backup_statuses().collect()).boxed()
    }),
    ("bills", |client| {
        length(client.billing().bills().collect()).boxed()
    }),
    ("valid users", |client| {
        length(client.users().list().skip_invalid_items(|_| {}).collect()).boxed()
    }),
    ("a profile", |client| {
        async move { client.partners().profile().await.map(|_| 1) }.boxed()
    }),
    ("a job", |client| {
        async move { client.restores().status("J-1").await.map(|_| 1) }.boxed()
    }),
];

#[test]
fn no_response_takes_more_memory_than_is_promised() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let response = Served::default();
    let url = serve(Arc::clone(&response));
    let (mut refused, mut decoded, mut most) = (0, 0, 0);
    let client = Client::builder()
        .base_url(&url)
        .credentials(Credentials::access_token("token"))
        .retry_policy(RetryPolicy::never())
        .max_response_bytes(LIMIT)
        .build()
        .unwrap();
    let promised = 4 * LIMIT + 32_000_000;
    // Of the shorter ones, more are decoded.
    for length in [LIMIT, LIMIT / 8, LIMIT / 32] {
        let bodies = BODIES.iter().map(|body| {
            let name = format!("{}{}", body.start, body.unit);
            (name, compressed(body, length))
        });
        let odd = [
            b"\xff".as_slice(),
            b"\xffa",
            b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
        ];
        let odd = odd.map(|bytes| (format!("{bytes:?}"), not_text(bytes, length)));
        for (body, compressed) in bodies.chain(odd) {
            *response.lock().unwrap() = compressed;
            for (name, read) in READS {
                let before = MEMORY.current_usage();
                MEMORY.reset_peak_usage();
                let outcome = runtime.block_on(read(client.clone()));
                let taken = MEMORY.peak_usage().saturating_sub(before);
                let case = format!("{name} of {length} bytes {body}");
                assert!(
                    taken <= promised,
                    "{case}: {taken} of {promised}, {outcome:?}"
                );
                most = most.max(taken);
                let kind = outcome.map_err(|error| error.kind());
                refused += u32::from(kind == Err(ErrorKind::BodyTooLarge));
                decoded += u32::from(kind.is_ok());
            }
        }
    }
    println!("at most {most} of {promised} bytes; {decoded} decoded, {refused} refused");
    assert!(refused > 100 && decoded > 100, "{refused} {decoded}");
}
