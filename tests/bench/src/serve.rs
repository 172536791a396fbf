//! The server: it answers what it is asked for with as little work as can be, one write an answer.
//!
//! The first part of a path says how it behaves: `/plain`, `/unknown` (items have three unknown
//! fields), `/slow` (each answer takes [`LATENCY`]), `/expiring` (tokens are good for
//! [`TOKEN_LIFE`], and a sign-in takes [`LATENCY`]), `/missing` (nothing is there), `/busy` (every
//! other read is refused). A number says how many pages a list has: `/slow-50`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::answers::{Answers, Kind};

/// How long a slow answer takes.
pub const LATENCY: Duration = Duration::from_millis(50);

/// How long a token of `/expiring` is good.
pub const TOKEN_LIFE: Duration = Duration::from_secs(1);

const PROBLEM: &str = r#"{"timestamp":"2026-11-25T12:00:00.000Z","status":404,"error":"Not Found","message":"No such partner","path":"/v1/partners"}"#;
const RESTORE: &str = r#"{"jobId":"J-6f1f4bb0","status":"PENDING"}"#;

/// What the server holds.
#[derive(Debug)]
struct Server {
    answers: tokio::sync::RwLock<Answers>,
    /// How many sign-ins and refreshes there were.
    sign_ins: AtomicU64,
    /// How many reads `/busy` was asked for.
    busy: AtomicU64,
}

/// Serves for good.
///
/// # Errors
/// If no connection can be taken any more.
pub async fn serve(listener: TcpListener, answers: Answers) -> std::io::Result<()> {
    let server = Arc::new(Server {
        answers: tokio::sync::RwLock::new(answers),
        sign_ins: AtomicU64::new(0),
        busy: AtomicU64::new(0),
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let server = Arc::clone(&server);
        // A client that goes away takes its connection with it.
        tokio::spawn(async move {
            let _ = server.connection(stream).await;
        });
    }
}

impl Server {
    async fn connection(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::with_capacity(4096);
        loop {
            let Some(head) = read_request(&mut stream, &mut buffer).await? else {
                return Ok(());
            };
            let answer = self.answer(&head).await;
            stream.write_all(&answer).await?;
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the latency of the server is real"
    )]
    async fn answer(&self, head: &str) -> Vec<u8> {
        let mut words = head.split(' ');
        let target = words.nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (way, path) = path[1..].split_once('/').unwrap_or((path, ""));
        let is_sign_in = path.starts_with("auth");
        if way.starts_with("slow") || (way == "expiring" && is_sign_in) {
            tokio::time::sleep(LATENCY).await;
        }
        if is_sign_in {
            self.sign_ins.fetch_add(1, Ordering::Relaxed);
            let life = if way == "expiring" {
                TOKEN_LIFE
            } else {
                Duration::from_secs(3600)
            };
            // As long as such tokens are.
            let access = "abcdefgh".repeat(80);
            let body = format!(
                r#"{{"accessToken":"{access}","tokenType":"Bearer","refreshToken":"bench-refresh-token","expiresIn":{}}}"#,
                life.as_secs()
            );
            return ok(body.as_bytes());
        }
        if way == "missing" {
            return response("404 Not Found", "", PROBLEM.as_bytes());
        }
        if way == "busy" && self.busy.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return response("503 Service Unavailable", "retry-after: 0\r\n", b"");
        }
        match path {
            "v1/restore" => response("201 Created", "", RESTORE.as_bytes()),
            "sign-ins" => ok(self.sign_ins.load(Ordering::Relaxed).to_string().as_bytes()),
            "v1/partners" => ok(self.answers.read().await.partner.as_bytes()),
            _ => self.page(way, path, query).await,
        }
    }

    /// A page. The number in the way says how many there are.
    async fn page(&self, way: &str, path: &str, query: &str) -> Vec<u8> {
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let (way, pages) = way.split_once('-').unwrap_or((way, "1"));
        let kind = match (way, path) {
            (_, "v1/partners/status") => Kind::Status,
            ("unknown", _) => Kind::Unknown,
            _ => Kind::Known,
        };
        let (size, page) = (
            number("pageSize").unwrap_or(500),
            number("page").unwrap_or(1),
        );
        let pages = pages.parse().unwrap_or(1);
        let body = self.answers.read().await.page(kind, size, page, pages);
        if !body.is_empty() {
            return ok(&body);
        }
        self.answers.write().await.make_ready(kind, size);
        ok(&self.answers.read().await.page(kind, size, page, pages))
    }
}

/// The head of the next request; its body is passed over. Nothing at the end of the connection.
async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> std::io::Result<Option<String>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let lower = head.to_ascii_lowercase();
            let length = lower.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            while buffer.len() < whole {
                if stream.read_buf(buffer).await? == 0 {
                    return Ok(None);
                }
            }
            buffer.drain(..whole);
            return Ok(Some(head));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn ok(body: &[u8]) -> Vec<u8> {
    response("200 OK", "", body)
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-type: application/json\r\nx-request-id: 6f1f4bb0\r\ndate: Wed, 25 Nov 2026 12:00:00 GMT\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut answer = Vec::with_capacity(head.len() + body.len());
    answer.extend_from_slice(head.as_bytes());
    answer.extend_from_slice(body);
    answer
}
