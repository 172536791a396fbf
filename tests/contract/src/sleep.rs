//! Waiting that takes no time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloudally::time::AsyncSleep;
use futures_util::future::BoxFuture;

/// Every wait is over at once, and is noted; no deadline ever passes.
#[derive(Clone, Default)]
pub struct NoWait {
    waits: Arc<Mutex<Vec<Duration>>>,
    meanwhile: Option<Arc<dyn Fn(Duration) + Send + Sync>>,
}

impl NoWait {
    /// Lets something happen in the time that a wait would have taken.
    #[must_use]
    pub fn meanwhile(happens: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        Self {
            waits: Arc::default(),
            meanwhile: Some(Arc::new(happens)),
        }
    }

    /// The waits up to now, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.waits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl AsyncSleep for NoWait {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.waits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(duration);
        if let Some(happens) = &self.meanwhile {
            happens(duration);
        }
        Box::pin(std::future::ready(()))
    }

    fn deadline(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

impl fmt::Debug for NoWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoWait")
    }
}
