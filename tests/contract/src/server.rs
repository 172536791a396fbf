//! A small HTTP/1.1 server that answers as a script says, down to single bytes and resets, and
//! remembers what it was asked.
//!
//! It runs on a runtime of its own, so that a test may count the tasks of the client's runtime, or
//! shut it down.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::time::{in_time, pause};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

/// What the server does next on a connection. When the steps are done, it waits there for the next
/// request.
#[derive(Clone)]
pub enum Step {
    Write(Vec<u8>),
    /// One byte at a time, with this pause after each.
    Drip(Vec<u8>, Duration),
    Wait(Gate),
    /// Says nothing more, until the peer leaves.
    UntilGone,
    Close,
    Reset,
}

/// A door that is shut until it is opened, for all at once and for good.
#[derive(Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// One that holds up nobody.
    pub fn opened() -> Self {
        let gate = Self::new();
        gate.open();
        gate
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub async fn passed(&self) {
        let mut state = self.0.subscribe();
        state.wait_for(|is_open| *is_open).await.unwrap();
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Which connection it came on, counted from 0.
    pub connection: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(this, _)| this.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The access token that it carries.
    pub fn token(&self) -> &str {
        let value = self.header("authorization").unwrap_or_default();
        value.strip_prefix("Bearer ").unwrap_or(value)
    }

    /// One member of the JSON object in its body.
    pub fn member(&self, name: &str) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    }
}

type Script = Arc<dyn Fn(&Request) -> Vec<Step> + Send + Sync>;

struct Log {
    requests: Mutex<Vec<Request>>,
    count: watch::Sender<usize>,
    connections: AtomicUsize,
    open: watch::Sender<usize>,
}

/// The server. It ends when it is dropped, and its connections with it.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    log: Arc<Log>,
    task: AbortHandle,
}

impl Server {
    pub fn start(script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Reserved::new().serve(script)
    }

    pub fn tls(
        acceptor: TlsAcceptor,
        script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Reserved::new().run(Arc::new(script), Some(acceptor))
    }

    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests.lock().unwrap().clone()
    }

    /// How many requests came so far.
    pub fn requests_len(&self) -> usize {
        self.log.requests.lock().unwrap().len()
    }

    /// How many of the requests so far are like this.
    pub fn count(&self, like: impl Fn(&Request) -> bool) -> usize {
        let requests = self.log.requests.lock().unwrap();
        requests.iter().filter(|request| like(request)).count()
    }

    /// How many requests so far went to this path.
    pub fn count_of(&self, path: &str) -> usize {
        self.count(|request| request.path == path)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open.
    pub async fn all_closed(&self) {
        let mut open = self.log.open.subscribe();
        let closed = open.wait_for(|open| *open == 0);
        in_time("the end of all connections", closed).await.unwrap();
    }

    /// Waits until this many requests to the path have come.
    pub async fn seen(&self, path: &str, times: usize) {
        let mut count = self.log.count.subscribe();
        let come = count.wait_for(|_| self.count_of(path) >= times);
        in_time(&format!("request {times} to {path}"), come)
            .await
            .unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address that refuses connections until it is served.
pub struct Reserved {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Reserved {
    pub fn new() -> Self {
        let _runtime = RUNTIME.enter();
        Self::bind(TcpSocket::new_v4().unwrap(), Ipv4Addr::LOCALHOST.into())
    }

    /// The same on the IPv6 loopback.
    pub fn on_ipv6() -> Self {
        let _runtime = RUNTIME.enter();
        let socket = TcpSocket::new_v6().expect("this machine has no IPv6");
        Self::bind(socket, Ipv6Addr::LOCALHOST.into())
    }

    fn bind(socket: TcpSocket, loopback: IpAddr) -> Self {
        let bound = socket.bind((loopback, 0).into());
        bound.unwrap_or_else(|error| panic!("this machine has no loopback {loopback}: {error}"));
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn serve(self, script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Server {
        self.run(Arc::new(script), None)
    }

    /// Listens, but accepts nobody: who connects meets silence, and who comes when the queue is
    /// full cannot connect.
    pub fn listen_only(self, queue: u32) -> TcpListener {
        let _runtime = RUNTIME.enter();
        self.socket.listen(queue).unwrap()
    }

    fn run(self, script: Script, tls: Option<TlsAcceptor>) -> Server {
        let _runtime = RUNTIME.enter();
        let listener = self.socket.listen(4096).unwrap();
        let log = Arc::new(Log {
            requests: Mutex::default(),
            count: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
            open: watch::Sender::new(0),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let task = RUNTIME.spawn(accept(listener, script, tls, Arc::clone(&log)));
        Server {
            address: self.address,
            scheme,
            log,
            task: task.abort_handle(),
        }
    }
}

async fn accept(listener: TcpListener, script: Script, tls: Option<TlsAcceptor>, log: Arc<Log>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let number = log.connections.fetch_add(1, Ordering::SeqCst);
        log.open.send_modify(|open| *open += 1);
        let (script, tls, log) = (Arc::clone(&script), tls.clone(), Arc::clone(&log));
        connections.spawn(async move {
            match tls {
                None => converse(stream, number, &script, &log).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        converse(stream, number, &script, &log).await;
                    }
                }
            }
            log.open.send_modify(|open| *open -= 1);
        });
    }
}

/// The other end, in plain or over TLS.
trait Peer: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Peer for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Peer for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

async fn converse(mut peer: impl Peer, number: usize, script: &Script, log: &Log) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut peer, &mut buffer, number).await {
        log.requests.lock().unwrap().push(request.clone());
        log.count.send_modify(|count| *count += 1);
        for step in script(&request) {
            let done = match step {
                Step::Write(bytes) => peer.write_all(&bytes).await.is_ok(),
                Step::Drip(bytes, between) => drip(&mut peer, &bytes, between).await,
                Step::Wait(gate) => {
                    gate.passed().await;
                    true
                }
                Step::UntilGone => {
                    let mut rest = Vec::new();
                    let _ = peer.read_to_end(&mut rest).await;
                    false
                }
                Step::Close => {
                    let _ = peer.shutdown().await;
                    false
                }
                Step::Reset => {
                    peer.tcp().set_zero_linger().unwrap();
                    false
                }
            };
            if !done {
                return;
            }
        }
        let _ = peer.flush().await;
    }
}

async fn drip(peer: &mut impl Peer, bytes: &[u8], between: Duration) -> bool {
    for byte in bytes {
        if peer.write_all(&[*byte]).await.is_err() {
            return false;
        }
        pause(between).await;
    }
    true
}

/// The next request, or nothing if the peer is gone.
async fn read_request(
    peer: &mut impl Peer,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Request> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        read_more(peer, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let method = first.next()?.to_owned();
    let target = first.next()?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = Request {
        method,
        path: path.to_owned(),
        query,
        headers,
        body: String::new(),
        connection,
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while buffer.len() < end + length {
        read_more(peer, buffer).await?;
    }
    request.body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
    buffer.drain(..end + length);
    Some(request)
}

async fn read_more(peer: &mut impl Peer, buffer: &mut Vec<u8>) -> Option<()> {
    match peer.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

/// A whole answer, on a connection that stays.
pub fn reply(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Write(message(status, headers, body))]
}

/// The bytes of a whole answer.
pub fn message(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len().to_string();
    let mut bytes = head(status, &[headers, &[("content-length", &length)]].concat());
    bytes.extend_from_slice(body);
    bytes
}

/// The head of an answer alone.
pub fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} It\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    text.into_bytes()
}

/// A whole answer in JSON.
pub fn json(status: u16, body: impl AsRef<str>) -> Vec<Step> {
    reply(
        status,
        &[("content-type", "application/json")],
        body.as_ref(),
    )
}
