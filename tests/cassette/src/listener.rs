//! An HTTP server on loopback that stops on request, or when it is dropped.

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
            // The channel also ends when the sender is dropped.
            let _ = stopped.await;
        });
        let serving = tokio::spawn(async {
            // `axum::serve` ends only by the shutdown signal, and never returns an error.
            let _ = serve.await;
        });
        Ok(Self {
            url: format!("http://{address}"),
            stop: Some(stop),
            serving,
        })
    }

    /// Stops the server once the open requests have been responded to.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // Sending fails only if the server has already stopped.
            let _ = stop.send(());
        }
        // A task that panicked has stopped too.
        let _ = self.serving.await;
    }
}
