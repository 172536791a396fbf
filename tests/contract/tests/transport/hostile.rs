//! Answers that are wrong, absurd or meant to harm: typed errors, and no more memory than is
//! allowed.

use std::error::Error as _;
use std::time::Duration;

use cloudally::{Client, Error, ErrorKind, RetryPolicy};
use flate2::{Compress, Compression, FlushCompress, Status};

use cloudally_contract::server::{Server, Step, message, reply};
use cloudally_contract::setup::{READ, read, status_of, with_token, without_retries};
use cloudally_contract::time::in_time;

/// The error of a read that is answered like this.
async fn error_of(steps: Vec<Step>) -> Error {
    let server = Server::start(move |_| steps.clone());
    in_time("an error", read(&without_retries(&server)))
        .await
        .unwrap_err()
}

#[test]
fn an_error_can_cross_threads_and_be_kept() {
    fn crosses<T: Send + Sync + Clone + std::error::Error + 'static>() {}
    crosses::<Error>();
}

#[tokio::test]
async fn an_error_answer_keeps_its_status_whatever_its_body_is() {
    for (status, kind) in [
        (401, ErrorKind::Unauthenticated),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (502, ErrorKind::Server),
        (599, ErrorKind::Server),
    ] {
        for (kind_of_body, body) in [
            ("text/html", b"<html><h1>Bad\ngateway</h1></html>".to_vec()),
            ("application/json", b"<html>not JSON</html>".to_vec()),
            ("application/json", b"".to_vec()),
            ("application/json", b"{\"message\": \"half".to_vec()),
            (
                "application/json",
                b"{\"message\": {\"a\": [1]}, \"code\": []}".to_vec(),
            ),
            ("application/json", b"[[[[".to_vec()),
            (
                "text/html",
                b"{\"message\": \"two\\nlines\\u001b[31m\"}".to_vec(),
            ),
            ("image/png", b"\x89PNG\r\n\x1a\n\0\0\xff\xfe".to_vec()),
            ("nonsense", vec![b'x'; 200_000]),
            ("", "\u{202e}\u{0}".into()),
        ] {
            let error = error_of(reply(status, &[("content-type", kind_of_body)], &body)).await;
            let case = format!("{status} {kind_of_body}: {error:?}");
            assert_eq!(
                (error.kind(), status_of(&error)),
                (kind, Some(status)),
                "{case}"
            );
            assert!(error.body().unwrap().len() <= 64 << 10, "{case}");
            one_line(&error);
        }
    }
}

fn one_line(error: &Error) {
    let text = error.to_string();
    assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
    assert!(text.len() < 1_000, "{} bytes", text.len());
}

#[tokio::test]
async fn an_error_answer_that_breaks_off_or_lies_about_its_encoding_keeps_its_status() {
    let plain = message(503, &[], "{\"message\": \"busy\"}");
    let lie = message(503, &[("content-encoding", "gzip")], "no gzip at all");
    for steps in [
        vec![Step::Write(plain[..plain.len() - 5].to_vec()), Step::Close],
        vec![Step::Write(plain[..plain.len() - 5].to_vec()), Step::Reset],
        vec![Step::Write(lie)],
    ] {
        let error = error_of(steps).await;
        assert_eq!(
            (error.kind(), status_of(&error)),
            (ErrorKind::Server, Some(503)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_success_that_is_not_what_its_content_type_says_is_a_decode_error() {
    for (kind, body) in [
        ("application/json", "<html>sign in here</html>"),
        ("text/html", "<html>sign in here</html>"),
        ("application/json", "nul"),
        ("application/json", "\"text\""),
        ("application/json", "[]"),
        ("application/json", "{} {}"),
        ("application/json", "{\"partnerId\": {\"a\": \"b\"}}"),
        ("application/json", "{\"partnerId\": \"\\ud800\"}"),
        ("application/json", "\u{feff}\u{feff}{}"),
    ] {
        let error = error_of(reply(200, &[("content-type", kind)], body)).await;
        // What stops too early cannot be told from what broke off, and is no less an error.
        let expected = [ErrorKind::Decode, ErrorKind::ConnectionLost];
        assert!(expected.contains(&error.kind()), "{body}: {error}");
        assert_eq!(status_of(&error), Some(200), "{body}: {error}");
        one_line(&error);
    }
    let error = error_of(reply(200, &[], r#"{"partnerId": {"a": "b"}}"#)).await;
    assert_eq!(
        (error.kind(), error.json_path()),
        (ErrorKind::Decode, Some("partnerId"))
    );
}

#[tokio::test]
async fn the_root_cause_is_shown_once_and_the_rest_can_be_reached() {
    let error = error_of(vec![Step::Reset]).await;
    let (mut depth, mut root) = (1, error.cause().unwrap());
    while let Some(inner) = root.source() {
        depth += 1;
        root = inner;
    }
    assert!(depth >= 2, "reqwest's, and what is below: {depth}");
    assert!(error.to_string().contains(&root.to_string()), "{error}");
    assert!(error.source().is_none(), "it is not shown twice");
}

/// 268 MB of zeros in some 260 KB: the same compressed piece again and again. The end is missing,
/// for nobody comes to it.
fn bomb() -> Vec<u8> {
    const PIECE: usize = 1 << 20;
    let zeros = vec![0; PIECE];
    let mut compress = Compress::new(Compression::best(), false);
    let mut piece = Vec::new();
    let mut bytes = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    for _ in 0..2 {
        piece = Vec::with_capacity(PIECE);
        let status = compress
            .compress_vec(&zeros, &mut piece, FlushCompress::Full)
            .unwrap();
        assert_eq!(status, Status::Ok);
        bytes.extend_from_slice(&piece);
    }
    for _ in 0..254 {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

#[tokio::test]
async fn a_decompression_bomb_is_too_large() {
    let bomb = bomb();
    assert!(bomb.len() < 400_000, "{}", bomb.len());
    let length = bomb.len().to_string();
    let headers = [("content-encoding", "gzip"), ("content-length", &length)];
    for (status, kind) in [(200, ErrorKind::BodyTooLarge), (503, ErrorKind::Server)] {
        let answer = message(status, &headers[..1], &bomb);
        let server = Server::start(move |_| vec![Step::Write(answer.clone())]);
        let error = in_time("the end of it", read(&without_retries(&server)))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), status_of(&error)),
            (kind, Some(status)),
            "{error}"
        );
        assert_eq!(server.count_of(READ), 1, "it is not asked for again");
    }
}

#[tokio::test]
async fn the_limit_is_the_one_that_was_set_and_counts_what_is_decompressed() {
    let body = format!("{{\"phone\": \"{}\"}}", "5".repeat(5_000));
    let server = Server::start(move |_| reply(200, &[], &body));
    for (limit, succeeds) in [(5_000, false), (6_000, true)] {
        let client = with_token(&server)
            .max_response_bytes(limit)
            .build()
            .unwrap();
        match read(&client).await {
            Ok(_) => assert!(succeeds),
            Err(error) => {
                assert_eq!((error.kind(), succeeds), (ErrorKind::BodyTooLarge, false));
                assert!(!error.is_retryable());
            }
        }
    }
    let answer = message(200, &[("content-encoding", "gzip")], bomb());
    let server = Server::start(move |_| vec![Step::Write(answer.clone())]);
    let client = with_token(&server)
        .max_response_bytes(100_000)
        .build()
        .unwrap();
    assert_eq!(
        read(&client).await.unwrap_err().kind(),
        ErrorKind::BodyTooLarge
    );
}

#[tokio::test]
async fn a_length_that_no_memory_holds_is_not_believed() {
    for (length, limit, kind) in [
        ("4611686018427387904", usize::MAX, ErrorKind::ConnectionLost),
        (
            "18446744073709551612",
            usize::MAX,
            ErrorKind::ConnectionLost,
        ),
        ("4611686018427387904", 1 << 20, ErrorKind::BodyTooLarge),
    ] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        let server = Server::start(move |_| {
            vec![
                Step::Write(head.clone().into_bytes()),
                Step::Drip(b"{\"phone\":".to_vec(), Duration::from_millis(1)),
                Step::Close,
            ]
        });
        let builder = with_token(&server).retry_policy(RetryPolicy::never());
        let client = builder.max_response_bytes(limit).build().unwrap();
        assert_eq!(read(&client).await.unwrap_err().kind(), kind, "{length}");
    }
}

#[tokio::test]
async fn deep_nesting_and_a_million_elements_are_decode_errors() {
    let deep = |open: &str, close: &str| {
        format!(
            "{{\"new\": {}1{}}}",
            open.repeat(100_000),
            close.repeat(100_000)
        )
    };
    let million = format!("[{}1]", "1,".repeat(999_999));
    for body in [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        "[".repeat(1_000_000),
        "{\"a\":".repeat(100_000),
        million.clone(),
        format!("{{\"partnerId\": {million}}}"),
    ] {
        let error = error_of(reply(200, &[], &body)).await;
        assert_eq!(
            (error.kind(), status_of(&error)),
            (ErrorKind::Decode, Some(200)),
            "{error}"
        );
        one_line(&error);
    }
}

#[tokio::test]
async fn heads_that_make_no_sense_are_interruptions() {
    for bytes in [
        b"\x16\x03\x01\x02\0\x01\0".to_vec(),
        b"HTTP/9.9 200 OK\r\n\r\n".to_vec(),
        b"HTTP/1.1 99999 OK\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_vec(),
        format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "x".repeat(2_000_000)).into_bytes(),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(5_000)).into_bytes(),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let error = error_of(vec![Step::Write(bytes), Step::Close]).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{shown}: {error}");
        one_line(&error);
    }
}

#[tokio::test]
async fn a_page_with_far_more_items_than_were_asked_for_is_refused() {
    let items = vec!["{}"; 41].join(",");
    for body in [
        format!("[{items}]"),
        format!(r#"{{"total": 41, "data": [{items}]}}"#),
    ] {
        let server = Server::start(move |_| reply(200, &[], &body));
        let builder = with_token(&server).retry_policy(RetryPolicy::never());
        let client = builder.max_page_items(40).page_size(10).build().unwrap();
        let tasks = || client.tasks().list();
        for list in [tasks(), tasks().skip_invalid_items(|_| {})] {
            let error = in_time("a list", list.collect()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BodyTooLarge, "{error}");
            assert!(error.to_string().contains("`max_page_items`"), "{error}");
        }
        let error = in_time("a list", tasks().page_size(41).page())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("`max_page_items`"), "{error}");
    }
    let builder = Client::builder().page_size(41).max_page_items(40);
    let error = builder.build().unwrap_err().to_string();
    assert!(error.contains("`max_page_items`"), "{error}");
}
