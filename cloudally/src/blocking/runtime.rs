//! The runtime of the blocking client.

use std::fmt;
use std::future::Future;

use tokio::runtime::{Builder, Handle, Runtime as Tokio};

use crate::error::Error;

/// A runtime with one thread.
pub(super) struct Runtime(Option<Tokio>);

impl Runtime {
    pub(super) fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("cloudally")
            .enable_all()
            .build();
        let failed = |error| {
            Error::configuration("the blocking client could not start a thread").with_cause(error)
        };
        Ok(Self(Some(runtime.map_err(failed)?)))
    }

    /// Blocks until the future is done.
    pub(super) fn wait<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if Handle::try_current().is_ok() {
            let what = "the blocking client would stop the asynchronous runtime in which it is called: use `cloudally::Client` there, or call it on a thread of its own (`std::thread::spawn`; within `spawn_blocking` there still is a runtime)";
            return Err(Error::configuration(what));
        }
        match &self.0 {
            Some(runtime) => runtime.block_on(call),
            None => Err(Error::configuration("the blocking client is shut down")),
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // The last clone may be dropped within another runtime, where waiting for this one would
        // panic.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runtime")
    }
}
