//! The settings of a sandbox, and how it starts from them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::account::Account;
use crate::auth::{Authority, TokenRules};
use crate::clock::Clock;
use crate::data::{self, DataSet, Origin, Profiles, Size, Store};
use crate::faults::Faults;
use crate::history::History;
use crate::hosts::{self, Hosts};
use crate::restore::Restores;
use crate::sandbox::Sandbox;
use crate::situations::{Scenario, Situation, Situations};
use crate::start_error::SandboxError;
use crate::state::State;
use crate::stop::Stop;
use crate::tls::Tls;
use crate::traffic::Traffic;
use crate::{routes, sandbox};

/// The settings of a [`Sandbox`], from [`Sandbox::builder`].
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
    variety: Variety,
    json: Option<String>,
    situations: Vec<Situation>,
    address: SocketAddr,
    hosts: Vec<String>,
    tls: bool,
    history: usize,
    tokens: TokenRules,
    restore_duration: Duration,
    clock: Clock,
}

/// What the generated data is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variety {
    Plain,
    Ragged,
    Healthy,
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
            variety: Variety::Plain,
            json: None,
            situations: Vec::new(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            hosts: Vec::new(),
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
    /// Sets the seed that data, credentials and tokens are generated from (default: 0). Equal seeds
    /// and equal times at the start give equal bytes.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the number of users to generate (default: 40).
    pub fn users(mut self, users: usize) -> Self {
        self.size.users = users;
        self
    }

    /// Sets the number of tasks to generate (default: 1,200).
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.size.tasks = tasks;
        self
    }

    /// Sets the number of status entries to generate (default: 3,000).
    pub fn statuses(mut self, statuses: usize) -> Self {
        self.size.statuses = statuses;
        self
    }

    /// Generates data with nulls, missing and unknown fields, enum values that no document names,
    /// dates in every known format and unusual names, for testing what a client makes of them.
    ///
    /// Without it, the data has every field that the published samples of the live service have,
    /// because clients rely on them: a user has a name, and a task has an alias. It takes the place
    /// of [`healthy`](Self::healthy).
    ///
    /// ```
    /// # use cloudally_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
    /// let sandbox = Sandbox::builder().ragged().start().await?;
    /// assert!(sandbox.users().iter().any(|user| user["name"].is_null()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn ragged(mut self) -> Self {
        self.variety = Variety::Ragged;
        self
    }

    /// Generates a fleet whose backups all work, which stays so as the clock moves: a program that
    /// looks for trouble must find none. It takes the place of [`ragged`](Self::ragged).
    ///
    /// Every user has a task, every task runs daily and has a status entry per entity, and no entry
    /// names a task or user that is not in the lists. There must be at least one user, as many
    /// tasks as users, and as many status entries as tasks.
    ///
    /// ```
    /// # use cloudally_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
    /// let sandbox = Sandbox::builder().healthy().start().await?;
    /// for entry in sandbox.statuses() {
    ///     assert_eq!(entry["lastBackupDate"], entry["lastBackupAttemptDate"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn healthy(mut self) -> Self {
        self.variety = Variety::Healthy;
        self
    }

    /// Adds a situation to the data, whatever that is: generated, ragged, or given. May be
    /// repeated; each situation has tasks of its own. [`Sandbox::apply`] adds one to a running sandbox.
    pub fn situation(mut self, situation: Situation) -> Self {
        self.situations.push(situation);
        self
    }

    /// Generates a [`healthy`](Self::healthy) fleet and adds the situation of a scenario. May be
    /// repeated, to combine scenarios.
    ///
    /// ```
    /// # use cloudally_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().scenario("dormant".parse()?).start().await?;
    /// assert_eq!(sandbox.affected()[0].situation, "dormant");
    /// # Ok(())
    /// # }
    /// ```
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.situations.extend(scenario.situation());
        self.healthy()
    }

    /// Starts with empty lists, for tests that add their own items with [`Sandbox::add_user`] and
    /// [`Sandbox::add_reseller`]. The profiles and the accounts are generated as usual.
    pub fn empty(self) -> Self {
        self.data_json("{}")
    }

    /// Replaces the generated data by a JSON object with the arrays `users`, `tasks`, `statuses`,
    /// `bills`, `resellers` and `backupTasks`, whose items are served unchanged, the objects
    /// `partner`, `distributor` and `resellerDetails`, and the array `accounts`.
    ///
    /// Any of these may be missing: a missing list is empty, and a missing profile is generated.
    /// The JSON is parsed by [`start`](Self::start), and takes the place of [`users`](Self::users),
    /// [`tasks`](Self::tasks) and [`statuses`](Self::statuses). [`Sandbox::export`] returns this
    /// format.
    ///
    /// The owner of an item is its `userId`, for a user its `partnerID`, and for a bill the user
    /// with the bill's `name`. A member `_owner`, with the owner's id or null, takes precedence
    /// over these and is not served.
    ///
    /// An account has a `kind` (`partner`, `distributor`, `reseller`, `portalUser`), a `clientId`,
    /// a `clientSecret`, an `email` and a `password`. A reseller also has the `partnerId`, and a
    /// portal user the `userId`, whose items it sees. The accounts that every sandbox has are there
    /// as well.
    ///
    /// ```
    /// # use cloudally_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudally_sandbox::SandboxError> {
    /// let json = r#"{
    ///     "users": [{"id": "u-1", "name": "Acme"}],
    ///     "tasks": [{"id": "t-1", "userId": "u-1"}]
    /// }"#;
    /// let sandbox = Sandbox::builder().data_json(json).start().await?;
    /// assert_eq!(sandbox.tasks()[0]["userId"], "u-1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn data_json(mut self, json: impl Into<String>) -> Self {
        self.json = Some(json.into());
        self
    }

    /// Sets the address to listen on (default: 127.0.0.1 and a free port). On any address but
    /// loopback, everyone who can reach it can use and control the sandbox.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also responds to requests for this domain, such as the name of a container. May be repeated.
    ///
    /// Without it, a sandbox responds to requests for `localhost`, for loopback addresses and for
    /// the bound address, because a web page could otherwise reach it under a domain of its own.
    /// Where all addresses are bound, it responds to requests for any address.
    pub fn allow_host(mut self, domain: impl Into<String>) -> Self {
        self.hosts.push(domain.into());
        self
    }

    /// Serves over TLS, with a certificate for `localhost`, the loopback addresses, the bound
    /// address and each [`allow_host`](Self::allow_host). A client must trust [`Sandbox::ca_certificate`], which is generated at each start.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Sets how many requests are kept for [`Sandbox::requests`] (default: 10,000). The oldest are
    /// dropped first, and also when all of them together exceed 32 MiB.
    pub fn history(mut self, requests: usize) -> Self {
        self.history = requests;
        self
    }

    /// Sets how long an access token is valid (default: one hour), in whole seconds. Longer than
    /// 1,000 years of 365 days counts as 1,000 years.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.tokens.access_lifetime = lifetime;
        self
    }

    /// Sets how long a refresh token is valid (default: 30 days).
    pub fn refresh_lifetime(mut self, lifetime: Duration) -> Self {
        self.tokens.refresh_lifetime = lifetime;
        self
    }

    /// Sets whether using a refresh token a second time revokes all tokens of the same sign-in
    /// (default: true). If false, only that second use is refused.
    pub fn revoke_on_reuse(mut self, revoke: bool) -> Self {
        self.tokens.revokes_on_reuse = revoke;
        self
    }

    /// Sets how long a restore takes by the sandbox's clock (default: three seconds).
    pub fn restore_duration(mut self, duration: Duration) -> Self {
        self.restore_duration = duration;
        self
    }

    /// Sets the sandbox's clock (default: [`Clock::system`]). The dates of the generated data are
    /// relative to its time at the start.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Starts the sandbox, as a task of the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`SandboxError::Bind`] if the address cannot be bound, [`SandboxError::Data`] if the
    /// JSON of [`data_json`](Self::data_json) is not a data set, [`SandboxError::Host`] if an
    /// [`allow_host`](Self::allow_host) is not a domain, [`SandboxError::Tls`] if no certificate can
    /// be generated, [`SandboxError::Size`] if a [`healthy`](Self::healthy) fleet cannot have the
    /// given size, and [`SandboxError::Situation`] if a [`situation`](Self::situation) cannot be applied.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let host = |given: &String| {
            hosts::domain(given).ok_or_else(|| SandboxError::Host {
                host: given.clone(),
            })
        };
        let names = self.hosts.iter().map(host).collect::<Result<Vec<_>, _>>()?;
        let bind_error = |source| SandboxError::Bind {
            address: self.address,
            source,
        };
        let listener = TcpListener::bind(self.address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let origin = Origin {
            seed: self.seed,
            now: self.clock.now(),
            ragged: self.variety == Variety::Ragged,
            healthy: self.variety == Variety::Healthy,
        };
        let (profiles, mut set, accounts) = self.data(origin)?;
        let authority = Authority::new(origin, self.tokens, &set);
        for account in accounts {
            let email = account.credentials.email.clone();
            if !authority.add(account) {
                return Err(SandboxError::Data {
                    message: format!("accounts: the email {email:?} is another account's"),
                });
            }
        }
        let mut situations = Situations::new(origin, &profiles.partner);
        let faults = Faults::default();
        for situation in &self.situations {
            situations
                .add(situation, &mut set, origin.now)
                .map_err(|source| SandboxError::Situation { source })?;
            faults.add_own(situation.rules());
        }
        let tls = if self.tls {
            Some(Tls::generate(address, &names).map_err(|source| SandboxError::Tls { source })?)
        } else {
            None
        };
        let state = Arc::new(State {
            authority,
            data: Store::new(origin, profiles, set, situations, self.clock.clone()),
            faults,
            stop: Stop::new(),
            restores: Restores::new(origin, self.restore_duration),
            history: History::new(self.history),
            traffic: Traffic::new(routes::operation_ids()),
            hosts: Hosts::new(address.ip(), names),
            scheme: if self.tls { "https" } else { "http" },
            clock: self.clock,
        });
        Ok(sandbox::serve(state, listener, address, tls))
    }

    fn data(&self, origin: Origin) -> Result<(Profiles, DataSet, Vec<Account>), SandboxError> {
        let Some(json) = &self.json else {
            if origin.healthy
                && let Some(message) = data::healthy::obstacle(self.size)
            {
                return Err(SandboxError::Size { message });
            }
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
