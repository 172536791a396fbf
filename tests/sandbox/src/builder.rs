//! How a sandbox is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::auth::Authority;
use crate::clock::Clock;
use crate::data::{DataSet, Origin, Size};
use crate::faults::Faults;
use crate::restore::Restores;
use crate::sandbox::Sandbox;
use crate::state::State;
use crate::traffic::Traffic;
use crate::{routes, sandbox};

/// Settings of a sandbox, from [`Sandbox::builder`].
///
/// ```
/// use std::time::Duration;
/// use cloudally_sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
/// let sandbox = Sandbox::builder()
///     .seed(7)
///     .users(5)
///     .tasks(20)
///     .statuses(50)
///     .token_lifetime(Duration::from_secs(600))
///     .start()
///     .await?;
/// assert_eq!(sandbox.tasks().len(), 20);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct SandboxBuilder {
    seed: u64,
    size: Size,
    address: SocketAddr,
    token_lifetime: Duration,
    restore_duration: Duration,
    clock: Clock,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            seed: 0,
            size: Size {
                users: 40,
                tasks: 1200,
                statuses: 3000,
            },
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            token_lifetime: Duration::from_secs(3600),
            restore_duration: Duration::from_secs(3),
            clock: Clock::system(),
        }
    }
}

impl SandboxBuilder {
    /// What the data, the credentials and the tokens are made from (default 0). The same seed at the same
    /// time of start gives the same bytes.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many users there are (default 40).
    pub fn users(mut self, users: usize) -> Self {
        self.size.users = users;
        self
    }

    /// How many tasks there are (default 1,200).
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.size.tasks = tasks;
        self
    }

    /// How many status entries there are (default 3,000).
    pub fn statuses(mut self, statuses: usize) -> Self {
        self.size.statuses = statuses;
        self
    }

    /// The address to listen on (default 127.0.0.1 and a free port).
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How long an access token is good, in whole seconds (default one hour).
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How long a restore takes (default three seconds).
    pub fn restore_duration(mut self, duration: Duration) -> Self {
        self.restore_duration = duration;
        self
    }

    /// The sandbox's time (default [`Clock::system`]). The dates of the data are relative to what it says
    /// at the start.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Starts the sandbox, as a task of the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be listened on.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let bind_error = |source| SandboxError::Bind {
            address: self.address,
            source,
        };
        let listener = TcpListener::bind(self.address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let origin = Origin {
            seed: self.seed,
            now: self.clock.now(),
        };
        let state = Arc::new(State {
            data: DataSet::generate(origin, self.size),
            authority: Authority::new(origin, self.token_lifetime),
            faults: Faults::default(),
            restores: Restores::new(origin, self.restore_duration),
            traffic: Traffic::new(routes::operation_ids()),
            clock: self.clock,
        });
        Ok(sandbox::serve(state, listener, address))
    }
}

/// Why a sandbox did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address cannot be listened on: the port is in use, or not allowed.
    #[error("cannot listen on {address}: {source}")]
    #[non_exhaustive]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}
