//! A service, or a proxy before it, that speaks HTTP/1.0: connections end with the response unless
//! it says otherwise, and a body may end with the connection alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudally::types::RestoreRequest;
use cloudally::{Client, ErrorKind};

use cloudally_contract::server::{Request, Server, Step, head};
use cloudally_contract::setup::{READ, RESTORE, attempts, connections, read, with_token};
use cloudally_contract::time::in_time;

const TASKS: &str = "/v1/partners/tasks";

/// How a response says where it ends, and what becomes of its connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    LengthAndClose,
    /// By the length, but the connection stays open, although the response does not say so.
    Length,
    LengthAndKeepAlive,
    /// By the end of the connection, and in no other way.
    End,
    EndAndKeepAlive,
}

impl Framing {
    const ALL: [Self; 5] = [
        Self::LengthAndClose,
        Self::Length,
        Self::LengthAndKeepAlive,
        Self::End,
        Self::EndAndKeepAlive,
    ];

    /// Those by which a client can tell that a body was cut.
    const TELLING: [Self; 3] = [Self::LengthAndClose, Self::LengthAndKeepAlive, Self::End];

    fn has_length(self) -> bool {
        !matches!(self, Self::End | Self::EndAndKeepAlive)
    }

    fn closes(self) -> bool {
        !matches!(self, Self::Length | Self::LengthAndKeepAlive)
    }

    /// A response of which so many bytes of the body are sent before the connection ends.
    fn cut(self, status: u16, body: &str, sent: usize) -> Vec<Step> {
        let length = body.len().to_string();
        let mut headers = vec![("content-type", "application/json")];
        if self.has_length() {
            headers.push(("content-length", &length));
        }
        match self {
            Self::LengthAndKeepAlive | Self::EndAndKeepAlive => {
                headers.push(("connection", "keep-alive"));
            }
            Self::LengthAndClose => headers.push(("connection", "close")),
            Self::Length | Self::End => {}
        }
        let head = String::from_utf8(head(status, &headers)).unwrap();
        let response = head.replacen("HTTP/1.1", "HTTP/1.0", 1) + &body[..sent];
        let close = (self.closes() || sent < body.len()).then_some(Step::Close);
        let write = Step::Write(response.into_bytes());
        std::iter::once(write).chain(close).collect()
    }

    /// A server that sends so many bytes of each body at the most.
    fn server(self, sent: usize) -> Server {
        Server::start(move |request| {
            let (status, body) = response(request);
            self.cut(status, body, sent.min(body.len()))
        })
    }
}

/// The status and body of the response to a request.
fn response(request: &Request) -> (u16, &'static str) {
    let is_second = request
        .query
        .as_deref()
        .unwrap_or_default()
        .contains("page=2");
    match request.path.as_str() {
        RESTORE => (201, r#"{"jobId": "J-1"}"#),
        TASKS if is_second => (
            200,
            r#"{"page": 2, "totalPages": 2, "data": [{"id": "2"}]}"#,
        ),
        TASKS => (
            200,
            r#"{"page": 1, "totalPages": 2, "data": [{"id": "1"}]}"#,
        ),
        _ => (200, r#"{"partnerId": "P-1", "contactName": "Ann"}"#),
    }
}

fn client(server: &Server, tries: u32) -> Client {
    with_token(server)
        .retry_policy(attempts(tries))
        .build()
        .unwrap()
}

#[tokio::test]
async fn reads_lists_and_restores_are_as_with_http_1_1() {
    for framing in Framing::ALL {
        let server = framing.server(usize::MAX);
        let client = client(&server, 1);
        for _ in 0..2 {
            let partner = in_time("a read", read(&client)).await;
            let partner = partner.unwrap_or_else(|error| panic!("{framing:?}: {error}"));
            assert_eq!(partner.contact_name.as_deref(), Some("Ann"), "{framing:?}");
        }
        let tasks = in_time("a list", client.tasks().list().collect()).await;
        let tasks = tasks.unwrap_or_else(|error| panic!("{framing:?}: {error}"));
        assert_eq!(tasks.len(), 2, "{framing:?}");
        let restore = client.restores().create(RestoreRequest::new("T-1"));
        let restore = in_time("a restore", restore).await;
        let restore = restore.unwrap_or_else(|error| panic!("{framing:?}: {error}"));
        assert_eq!(restore.id().as_str(), "J-1", "{framing:?}");
        assert_eq!(server.requests_len(), 5, "{framing:?}");
        // A connection is used again only if the response said that it stays.
        let reads = if framing == Framing::LengthAndKeepAlive {
            1
        } else {
            4
        };
        assert_eq!(server.connections(), reads + 1, "{framing:?}");
    }
}

/// Cuts each body after each of its bytes in turn. Each cut response is followed by a whole one.
#[tokio::test]
async fn a_body_that_is_cut_is_requested_again_and_never_taken_for_whole() {
    for framing in Framing::TELLING {
        let count = Arc::new(AtomicUsize::new(0));
        let server = Server::start(move |request| {
            let (status, body) = response(request);
            let number = count.fetch_add(1, Ordering::SeqCst);
            let sent = if number.is_multiple_of(2) {
                number / 2 % body.len()
            } else {
                body.len()
            };
            framing.cut(status, body, sent)
        });
        // The retry budget of one client would be spent soon.
        let http = connections();
        for cut in 0..110 {
            let before = server.requests_len();
            let builder = with_token(&server).http_client(http.clone());
            let client = builder.retry_policy(attempts(2)).build().unwrap();
            if cut < 40 {
                let partner = in_time("a read", read(&client)).await;
                let partner = partner.unwrap_or_else(|error| panic!("{framing:?} {cut}: {error}"));
                assert_eq!(partner.contact_name.as_deref(), Some("Ann"));
                assert_eq!(server.requests_len(), before + 2, "{framing:?} {cut}");
            } else {
                let list = client.tasks().list().prefetch(false).collect();
                let tasks = in_time("a list", list).await;
                let tasks = tasks.unwrap_or_else(|error| panic!("{framing:?} {cut}: {error}"));
                assert_eq!(tasks.len(), 2);
                assert_eq!(server.requests_len(), before + 4, "{framing:?} {cut}");
            }
        }
        assert!(server.count_of(READ) > 0 && server.count_of(TASKS) > 0);
    }
}

#[tokio::test]
async fn a_body_that_stays_short_is_a_lost_connection() {
    for framing in Framing::TELLING {
        for sent in [0, 1, 20] {
            let server = framing.server(sent);
            let client = client(&server, 3);
            let error = in_time("a read", read(&client)).await.unwrap_err();
            let case = format!("{framing:?} cut at {sent}: {error}");
            assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{case}");
            let list = client.tasks().list().collect();
            let error = in_time("a list", list).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{case}");
            assert_eq!(server.requests_len(), 6, "{case}");
        }
    }
}

/// The status says that the restore was accepted, and the job is not known.
#[tokio::test]
async fn a_restore_whose_response_is_cut_is_sent_once() {
    for framing in Framing::TELLING {
        for sent in [0, 1, 10] {
            let server = framing.server(sent);
            let restores = client(&server, 3).restores();
            let restore = restores.create(RestoreRequest::new("T-1"));
            let error = in_time("a restore", restore).await.map(drop).unwrap_err();
            let case = format!("{framing:?} cut at {sent}: {error}");
            assert_eq!(error.kind(), ErrorKind::MissingJobId, "{case}");
            assert!(!error.is_retryable(), "{case}");
            assert_eq!(server.requests_len(), 1, "{case}");
        }
    }
    let server = Server::start(|_| {
        vec![
            Step::Write(b"HTTP/1.0 201 Created\r\n".to_vec()),
            Step::Close,
        ]
    });
    let restores = client(&server, 3).restores();
    let restore = restores.create(RestoreRequest::new("T-1"));
    let error = in_time("a restore", restore).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert_eq!(server.requests_len(), 1);
}
