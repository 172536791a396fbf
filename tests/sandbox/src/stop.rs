//! The end of a sandbox, for what waits in it.

use tokio::sync::watch;

/// Says when the sandbox stops. Clones are of the same sandbox.
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
        // It can't be gone, for this has a sender itself.
        let _ = state.wait_for(|stopped| *stopped).await;
    }
}
