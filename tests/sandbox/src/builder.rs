//! How a sandbox is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::account::Account;
use crate::auth::{Authority, TokenRules};
use crate::clock::Clock;
use crate::data::{self, DataSet, Origin, Profiles, Size, Store};
use crate::faults::Faults;
use crate::history::History;
use crate::restore::Restores;
use crate::sandbox::Sandbox;
use crate::state::State;
use crate::stop::Stop;
use crate::tls::Tls;
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
    json: Option<String>,
    address: SocketAddr,
    tls: bool,
    history: usize,
    tokens: TokenRules,
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
            json: None,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: false,
            history: 10_000,
            tokens: TokenRules {
                access_lifetime: Duration::from_secs(3600),
                refresh_lifetime: Duration::from_secs(30 * 24 * 3600),
                revokes_on_reuse: true,
            },
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

    /// No users, no tasks, nothing: what there is comes by [`Sandbox::add_user`] and
    /// [`Sandbox::add_reseller`]. The profiles and the accounts are as ever.
    pub fn empty(self) -> Self {
        self.data_json("{}")
    }

    /// The data, in place of what a seed makes: a JSON object with the arrays `users`, `tasks`, `statuses`,
    /// `bills`, `resellers` and `backupTasks`, whose items are served as they are, the objects `partner`,
    /// `distributor` and `resellerDetails`, and `accounts`. Any of these may be missing. It is read at the
    /// start.
    ///
    /// Whose an item is says its `userId`, or the `partnerID` of a user, or the `name` of a bill, which is a user's. A
    /// member `_owner` with the id of whom it is (or null) comes before that, and is not served.
    ///
    /// An account has a `kind` (`partner`, `distributor`, `reseller`, `portalUser`), `clientId`,
    /// `clientSecret`, `email` and `password`; a reseller a `partnerId`, and a portal user a `userId`, whose
    /// items it sees. The accounts of the sandbox are there beside them. [`Sandbox::export`] writes this form.
    ///
    /// ```
    /// # use cloudally_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
    /// let json = r#"{"users": [{"id": "u-1", "name": "Acme"}], "tasks": [{"id": "t-1", "userId": "u-1"}]}"#;
    /// let sandbox = Sandbox::builder().data_json(json).start().await?;
    /// assert_eq!(sandbox.tasks()[0]["userId"], "u-1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn data_json(mut self, json: impl Into<String>) -> Self {
        self.json = Some(json.into());
        self
    }

    /// The address to listen on (default 127.0.0.1 and a free port).
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Serves over TLS, with a certificate for `localhost` and the loopback addresses. A client must trust
    /// [`Sandbox::ca_certificate`], which is made anew at each start.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// How many requests are remembered for [`Sandbox::requests`] (default 10,000), up to 32 MiB of them. The oldest go
    /// first.
    pub fn history(mut self, requests: usize) -> Self {
        self.history = requests;
        self
    }

    /// How long an access token is good, in whole seconds (default one hour). More than 1,000 years of 365 days count as
    /// these.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.tokens.access_lifetime = lifetime;
        self
    }

    /// How long a refresh token is good (default 30 days).
    pub fn refresh_lifetime(mut self, lifetime: Duration) -> Self {
        self.tokens.refresh_lifetime = lifetime;
        self
    }

    /// Whether a refresh token that is used a second time takes along all tokens that came of the same
    /// sign-in (default true). If not, it is just refused.
    pub fn revoke_on_reuse(mut self, revoke: bool) -> Self {
        self.tokens.revokes_on_reuse = revoke;
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
    /// Fails if the address cannot be listened on, or if the data that was given is not a data set.
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
        let (profiles, set, accounts) = self.data(origin)?;
        let authority = Authority::new(origin, self.tokens, &set);
        for account in accounts {
            let email = account.credentials.email.clone();
            if !authority.add(account) {
                return Err(SandboxError::Data {
                    message: format!("accounts: the email {email:?} is another account's"),
                });
            }
        }
        let state = Arc::new(State {
            authority,
            data: Store::new(origin, profiles, set),
            faults: Faults::default(),
            stop: Stop::new(),
            restores: Restores::new(origin, self.restore_duration),
            history: History::new(self.history),
            traffic: Traffic::new(routes::operation_ids()),
            clock: self.clock,
        });
        let tls = if self.tls {
            Some(Tls::generate(address).map_err(|source| SandboxError::Tls { source })?)
        } else {
            None
        };
        Ok(sandbox::serve(state, listener, address, tls))
    }

    fn data(&self, origin: Origin) -> Result<(Profiles, DataSet, Vec<Account>), SandboxError> {
        let Some(json) = &self.json else {
            let (profiles, set) = DataSet::generate(origin, self.size);
            return Ok((profiles, set, Vec::new()));
        };
        let mut profiles = data::profiles(origin);
        let (set, accounts) =
            data::read(json, &mut profiles, origin.now).map_err(|error| SandboxError::Data {
                message: error.to_string(),
            })?;
        Ok((profiles, set, accounts))
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
    /// No certificate could be made.
    #[error("cannot make a certificate: {source}")]
    #[non_exhaustive]
    Tls {
        /// What the libraries for it say.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The data that was given is not a data set.
    #[error("the data set cannot be used: {message}")]
    #[non_exhaustive]
    Data {
        /// What is wrong, and where.
        message: String,
    },
}
