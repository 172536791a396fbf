//! Sets up a client.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::secret::Secret;

use crate::auth::cache::TokenCache;
use crate::auth::credentials::{ClientPair, Credentials};
use crate::auth::login::SignIn;
use crate::base_url::{self, BaseUrl};
use crate::client::Client;
use crate::connection::{Connection, Connections, Proxy};
use crate::environment::{self, Source};
use crate::error::Error;
use crate::page::PAGE_SIZE;
use crate::random::Random;
use crate::retry::budget::{Budget, RetryBudget};
use crate::retry::policy::RetryPolicy;
use crate::retry::rate::{Limiter, RateLimit};
use crate::time::{Clock, Sleep, SystemClock, TokioSleep};
use crate::transport::{OnRetry, Retry, Transport};

/// The live service (spec).
const BASE_URL: &str = "https://api.cloudally.com";

/// Which requests carry the client id and secret as headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientHeaders {
    /// Every request to the service, as public clients do (observed).
    #[default]
    EveryRequest,
    /// Only the sign-in.
    SignInOnly,
}

/// Sets up a [`Client`].
///
/// ```
/// # fn main() -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// use cloudally::{Client, Credentials, RetryPolicy};
///
/// let client = Client::builder()
///     .credentials(Credentials::partner("my-client-id", "my-client-secret"))
///     .retry(RetryPolicy::default().deadline(Duration::from_secs(30)))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    base_url: String,
    credentials: Option<Credentials>,
    client_headers: ClientHeaders,
    policy: RetryPolicy,
    budget: RetryBudget,
    rate_limit: Option<RateLimit>,
    connection: Connection,
    body_limit: usize,
    page_size: u32,
    on_retry: Option<OnRetry>,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn Sleep>,
}

impl ClientBuilder {
    /// The settings of a client for the live service, without credentials.
    pub fn new() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            credentials: None,
            client_headers: ClientHeaders::default(),
            policy: RetryPolicy::default(),
            budget: RetryBudget::default(),
            rate_limit: None,
            connection: Connection::default(),
            body_limit: 64 << 20,
            page_size: PAGE_SIZE,
            on_retry: None,
            clock: Arc::new(SystemClock::new()),
            sleep: Arc::new(TokioSleep),
        }
    }

    /// Takes credentials and base URL from the environment.
    ///
    /// | variables | meaning |
    /// |---|---|
    /// | `CLOUDALLY_CLIENT_ID`, `CLOUDALLY_CLIENT_SECRET` | a partner |
    /// | `CLOUDALLY_USER`, `CLOUDALLY_PASSWORD` | with the above, the user that the partner signs in for; without, a portal user |
    /// | `CLOUDALLY_BASE_URL` | another service, such as the sandbox |
    ///
    /// Each of them may end in `_FILE` and name a file that holds the value.
    ///
    /// # Errors
    /// If the set of variables is incomplete or ambiguous, or a file cannot be read. The error names the variables.
    pub fn from_env() -> Result<Self, Error> {
        let read = environment::read(&Source {
            variable: &|name| std::env::var(name),
            file: &|path: &Path| std::fs::read_to_string(path),
        })?;
        let builder = Self::new().credentials(read.credentials);
        Ok(match read.base_url {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        })
    }

    /// Where the service is. Must be https, except on this machine itself. The default is the live service.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// What to sign in with.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Which requests carry the client id and secret as headers; by default every one.
    pub fn client_headers(mut self, which: ClientHeaders) -> Self {
        self.client_headers = which;
        self
    }

    /// How often and how long calls are tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// How many attempts there may be beyond the first of each call, over all calls of the client: by default a tenth of the
    /// calls, and 20 more.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// How long connecting may take; 10 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connection.connect_timeout = timeout;
        self
    }

    /// How long the service may stay silent, from the start of the request on and then between two pieces of its answer; 30 s
    /// by default. Connecting counts, too, so it should be longer than [`connect_timeout`](Self::connect_timeout).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.connection.read_timeout = timeout;
        self
    }

    /// How many bytes an answer may have, decompressed; 64 MiB by default.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How many items a page of a list holds at most, unless the list says otherwise; 500 by default.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = items.max(1);
        self
    }

    /// What the client calls itself.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.connection.user_agent = user_agent.into();
        self
    }

    /// How many requests are sent at most, attempts and sign-ins included; no limit by default.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Is told of each attempt that will be followed by another. It runs within the call, so it must not block.
    ///
    /// ```
    /// let builder = cloudally::Client::builder().on_retry(|retry| {
    ///     eprintln!("{} (again in {:?})", retry.error, retry.wait);
    /// });
    /// ```
    pub fn on_retry(mut self, hook: impl Fn(&Retry<'_>) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(Arc::new(hook));
        self
    }

    /// Trusts the certificates of this PEM file, too: those of a company's own authority, say. It is read by
    /// [`build`](Self::build).
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.connection.ca_files.push(path.into());
        self
    }

    /// Sends everything through this proxy, also what goes to this machine. By default the usual variables (`HTTPS_PROXY`, `NO_PROXY`, ...) say through
    /// which, and a service on this machine is reached without.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.connection.proxy = Proxy::Through(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.connection.proxy = Proxy::None;
        self
    }

    /// How long a connection is kept for the next read; 90 s by default.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.connection.pool_idle_timeout = timeout;
        self
    }

    /// How many connections are kept for the next reads; no limit by default.
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.connection.pool_max_idle = connections;
        self
    }

    /// Uses an HTTP client of your own, in place of all settings here that are about connections.
    ///
    /// Some promises are then yours to keep: that redirects are not followed (with credentials), that nothing is sent
    /// again below the SDK, that connecting times out, and that a mutation goes out on a fresh connection.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.connection.own = Some(client);
        self
    }

    /// Takes the time from elsewhere, in tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Waits in another way, in tests.
    pub fn sleep(mut self, sleep: Arc<dyn Sleep>) -> Self {
        self.sleep = sleep;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// If there are no credentials, the base URL is not one that credentials may be sent to, or TLS cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
        let credentials = self.credentials.clone().ok_or_else(|| {
            Error::configuration(
                "no credentials: call `credentials` on the builder, or start from `from_env`",
            )
        })?;
        credentials.check()?;
        let random = Arc::new(Random::new());
        let transport =
            Arc::new(self.transport(credentials.client().cloned(), Arc::clone(&random))?);
        let sign_in = SignIn {
            transport: Arc::clone(&transport),
            credentials,
        };
        let tokens = TokenCache::new(Arc::new(sign_in), Arc::clone(&self.clock), random);
        Ok(Client::new(transport, tokens, self.page_size))
    }

    fn transport(
        &self,
        client: Option<ClientPair>,
        random: Arc<Random>,
    ) -> Result<Transport, Error> {
        let BaseUrl {
            text,
            base,
            is_loopback,
        } = base_url::checked(&self.base_url)?;
        let is_every = self.client_headers == ClientHeaders::EveryRequest;
        let every_request = match client.as_ref().filter(|_| is_every) {
            Some(pair) => Some(pair.headers()?),
            None => None,
        };
        Ok(Transport {
            base_url: text,
            base,
            http: Connections::new(self.connection.clone(), is_loopback)?,
            policy: self.policy,
            budget: Budget::new(self.budget),
            limiter: self.rate_limit.map(Limiter::new),
            body_limit: self.body_limit,
            client,
            every_request,
            clock: Arc::clone(&self.clock),
            sleep: Arc::clone(&self.sleep),
            random,
            on_retry: self.on_retry.clone(),
        })
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("client_headers", &self.client_headers)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_credentials_says_what_to_do() {
        let error = Client::builder().build().unwrap_err();
        assert!(error.to_string().contains("from_env"), "{error}");
    }

    #[test]
    fn nothing_secret_is_shown() {
        let credentials = Credentials::partner("id", "canary-1").with_user("me", "canary-2");
        let builder = Client::builder().credentials(credentials.clone());
        let mut shown = format!("{credentials:?} {builder:?}");
        shown += &format!("{:?}", builder.build().unwrap());
        assert!(!shown.contains("canary"), "{shown}");
    }
}
