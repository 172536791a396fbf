//! Pools of open connections, and what is known of the connections in them.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use http::Extensions;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpInfo;
use tokio::runtime::{Handle, Id};

use crate::error::Error;
use crate::runtime::has_shut_down;

/// How many runtimes have a pool of their own. With more, the oldest pool is given up.
const MAX_POOLS: usize = 16;

/// How many connections are remembered. With more, all are forgotten, which costs a retry at most.
const MAX_SERVED: usize = 4_096;

/// A pool of connections for each runtime.
///
/// A connection is driven by the runtime on which it was opened. Were it taken from the pool by
/// another one, it would stand still whenever the first does.
pub(crate) struct Pools {
    /// The pool that nobody uses yet.
    unused: Mutex<Option<reqwest::Client>>,
    used: RwLock<Vec<Pool>>,
}

struct Pool {
    id: Id,
    runtime: Handle,
    client: reqwest::Client,
}

impl Pools {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self {
            unused: Mutex::new(Some(client)),
            used: RwLock::default(),
        }
    }

    /// The pool of a runtime. If it has none, it takes over that of a runtime which has shut down,
    /// or has one made.
    pub(crate) fn of(
        &self,
        runtime: &Handle,
        make: impl FnOnce() -> Result<reqwest::Client, Error>,
    ) -> Result<reqwest::Client, Error> {
        let id = runtime.id();
        let of_runtime = |pools: &[Pool]| {
            let pool = pools.iter().find(|pool| pool.id == id);
            pool.map(|pool| pool.client.clone())
        };
        let used = self.used.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = of_runtime(&used) {
            return Ok(client);
        }
        drop(used);
        let client = match self.take_over() {
            Some(client) => client,
            None => make()?,
        };
        let mut used = self.used.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = of_runtime(&used) {
            return Ok(client);
        }
        if used.len() >= MAX_POOLS {
            used.remove(0);
        }
        used.push(Pool {
            id,
            runtime: runtime.clone(),
            client: client.clone(),
        });
        Ok(client)
    }

    /// The pool that nobody uses, or that of a runtime which has shut down.
    fn take_over(&self) -> Option<reqwest::Client> {
        if let Some(client) = lock(&self.unused).take() {
            return Some(client);
        }
        let mut used = self.used.write().unwrap_or_else(PoisonError::into_inner);
        let abandoned = used.iter().position(|pool| has_shut_down(&pool.runtime))?;
        Some(used.remove(abandoned).client)
    }
}

/// The open connections that have served a response.
///
/// A service may close an idle connection at any moment. A request that is sent at that moment fails
/// without a response.
#[derive(Default)]
pub(crate) struct Served {
    connections: Mutex<HashSet<SocketAddr>>,
    /// The port of the connection that was recorded last, which is often the next one too.
    last: AtomicU16,
}

impl Served {
    /// Remembers the connection of a response.
    pub(crate) fn record(&self, response: &Extensions) {
        let Some(connection) = response.get().map(HttpInfo::local_addr) else {
            return;
        };
        if self.last.swap(connection.port(), Ordering::AcqRel) == connection.port() {
            return;
        }
        let mut served = lock(&self.connections);
        if served.len() >= MAX_SERVED {
            served.clear();
        }
        served.insert(connection);
    }

    /// Forgets the connection that broke with this error, and returns whether it had served a
    /// response.
    pub(crate) fn forget(&self, error: &reqwest::Error) -> bool {
        self.last.store(0, Ordering::Release);
        connection_of(error).is_some_and(|connection| lock(&self.connections).remove(&connection))
    }
}

/// The connection on which a request failed, by its address on this side.
fn connection_of(error: &reqwest::Error) -> Option<SocketAddr> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            let mut extensions = Extensions::new();
            error.connect_info()?.get_extras(&mut extensions);
            return extensions.get().map(HttpInfo::local_addr);
        }
        source = error.source();
    }
    None
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
