//! Connections that a fault can close or reset in the middle of a response.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How a connection is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum End {
    /// It is reset in place of the next write.
    ResetNow = 1,
    /// It is reset once everything written was flushed.
    ResetWhenFlushed,
    /// It is closed once everything written was flushed.
    CloseWhenFlushed,
}

/// The end that a response requests for its connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    pub(crate) fn end(&self, end: End) {
        self.0.store(end as u8, Ordering::Release);
    }

    fn is(&self, end: End) -> bool {
        self.0.load(Ordering::Acquire) == end as u8
    }
}

/// An accepted connection.
pub(crate) struct Connection {
    stream: Stream,
    line: Line,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

trait ReadWrite: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> ReadWrite for T {}

impl Connection {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            line: Line::default(),
        }
    }

    fn stream(&mut self) -> Pin<&mut (dyn ReadWrite + Send)> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream),
            Stream::Tls(stream) => Pin::new(stream),
        }
    }

    /// Returns the error that makes the server drop the connection without a further byte to the
    /// peer.
    fn over(&self, reset: bool) -> io::Error {
        let tcp = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        if reset {
            let _ = tcp.set_zero_linger();
        }
        io::ErrorKind::ConnectionAborted.into()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.line.is(End::ResetNow) {
            return Poll::Ready(Err(self.over(true)));
        }
        self.stream().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.is(End::ResetNow) {
            return Poll::Ready(Err(self.over(true)));
        }
        self.stream().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream().poll_flush(context) {
            Poll::Ready(Ok(())) if self.line.is(End::ResetWhenFlushed) => {
                Poll::Ready(Err(self.over(true)))
            }
            Poll::Ready(Ok(())) if self.line.is(End::CloseWhenFlushed) => {
                Poll::Ready(Err(self.over(false)))
            }
            other => other,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

/// The time limit for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The number of connections that may wait after their TLS handshake.
const READY: usize = 64;

/// Accepts connections, over TLS if there is an acceptor.
pub(crate) struct Incoming {
    tcp: TcpListener,
    tls: Option<Handshakes>,
}

struct Handshakes {
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(Connection, SocketAddr)>,
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
}

impl Incoming {
    pub(crate) fn new(tcp: TcpListener, acceptor: Option<TlsAcceptor>) -> Self {
        let tls = acceptor.map(|acceptor| {
            let (sender, ready) = mpsc::channel(READY);
            Handshakes {
                acceptor,
                sender,
                ready,
            }
        });
        Self { tcp, tls }
    }
}

/// Accepts a TCP connection. axum's listener pauses when the system has no room for more
/// connections.
async fn accept(tcp: &mut TcpListener) -> (TcpStream, SocketAddr) {
    let (stream, address) = Listener::accept(tcp).await;
    // Without this, a long page would wait for the client to acknowledge its first part.
    let _ = stream.set_nodelay(true);
    (stream, address)
}

impl Handshakes {
    /// Performs the TLS handshake in a task of its own, so that a slow or failing client delays no
    /// other.
    fn begin(&self, stream: TcpStream, address: SocketAddr) {
        let (acceptor, sender) = (self.acceptor.clone(), self.sender.clone());
        tokio::spawn(async move {
            let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = handshake {
                let connection = Connection::new(Stream::Tls(Box::new(stream)));
                // The channel is closed if the sandbox has stopped meanwhile.
                let _ = sender.send((connection, address)).await;
            }
        });
    }
}

impl Listener for Incoming {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let Some(tls) = &mut self.tls else {
            let (stream, address) = accept(&mut self.tcp).await;
            return (Connection::new(Stream::Plain(stream)), address);
        };
        loop {
            tokio::select! {
                (stream, address) = accept(&mut self.tcp) => tls.begin(stream, address),
                Some(ready) = tls.ready.recv() => return ready,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, Incoming>> for Line {
    fn connect_info(stream: IncomingStream<'_, Incoming>) -> Self {
        stream.io().line.clone()
    }
}
