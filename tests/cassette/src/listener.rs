//! A server on loopback that stops when it is told to, or dropped.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::Error;

#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Listener {
    pub(crate) async fn start(port: u16, routes: Router) -> Result<Self, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let serve = axum::serve(listener, routes).with_graceful_shutdown(async {
            // Told, or dropped.
            let _ = stopped.await;
        });
        let serving = tokio::spawn(async {
            // It ends when it is told to, and has no other end.
            let _ = serve.await;
        });
        Ok(Self {
            url: format!("http://{address}"),
            stop: Some(stop),
            serving,
        })
    }

    /// Answers what is under way, and ends.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // Whoever does not listen any more has stopped.
            let _ = stop.send(());
        }
        // A task that panicked has stopped, too.
        let _ = self.serving.await;
    }
}
