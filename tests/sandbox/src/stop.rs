//! The signal that a sandbox stops.

use tokio::sync::watch;

/// Signals that the sandbox stops. Clones belong to the same sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }

    pub(crate) async fn stopped(&self) {
        let mut state = self.0.subscribe();
        // The channel cannot close, because this holds a sender.
        let _ = state.wait_for(|stopped| *stopped).await;
    }
}
