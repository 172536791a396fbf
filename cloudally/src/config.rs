//! The settings of a client.

mod build;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cloudally_gen::secret::Secret;
use http::{HeaderMap, HeaderValue};

use crate::auth::credentials::Credentials;
use crate::base_url::BASE_URL;
use crate::client::Client;
use crate::connection::{ConnectionSettings, Proxy};
use crate::environment::{self, ROOT_CERTIFICATE_FILE, Source};
use crate::error::Error;
use crate::headers;
use crate::list::PAGE_SIZE;
use crate::observe::{Observer, Observers, OnRetry, RetryEvent};
use crate::retry::budget::RetryBudget;
use crate::retry::policy::RetryPolicy;
use crate::retry::rate_limit::RateLimit;
use crate::small_file::read_small_file;
use crate::time::{AsyncSleep, Clock, SystemClock, TokioSleep};

/// How long a file with a value for [`ClientBuilder::from_env`] may be, in bytes.
const MAX_SECRET_FILE: usize = 64 << 10;

/// Which requests carry the client id and secret as headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientHeaders {
    /// Every request to the service, as public clients do. Evidence: observed.
    #[default]
    EveryRequest,
    /// Only the sign-in.
    SignInOnly,
}

/// Builds a [`Client`].
///
/// Settings are checked by [`build`](Self::build): one that cannot be used, or that would have no
/// effect beside another, is an error there and not ignored.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), cloudally::Error> {
/// use std::time::Duration;
/// use cloudally::{Client, Credentials, RetryPolicy};
///
/// let client = Client::builder()
///     .credentials(Credentials::partner("my-client-id", "my-client-secret"))
///     .retry_policy(RetryPolicy::default().deadline(Duration::from_secs(30)))
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
    connection: ConnectionSettings,
    /// The names of the connection settings that were called.
    connection_calls: Vec<&'static str>,
    http_client: Option<reqwest::Client>,
    max_response_bytes: usize,
    max_page_items: usize,
    page_size: u32,
    observers: Observers,
    default_headers: HeaderMap,
    /// The first header that cannot be sent, reported by `build`.
    header_problem: Option<String>,
    /// The values of secret headers.
    secrets: Vec<Secret>,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn AsyncSleep>,
}

impl Client {
    /// Starts building a client for the live service.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Builds a client with the credentials of the environment; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if variables are missing,
    /// contradict each other, or cannot be read. The error names them.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

impl ClientBuilder {
    /// Starts with the default settings: the live service, and no credentials.
    pub fn new() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            credentials: None,
            client_headers: ClientHeaders::default(),
            policy: RetryPolicy::default(),
            budget: RetryBudget::default(),
            rate_limit: None,
            connection: ConnectionSettings::default(),
            connection_calls: Vec::new(),
            http_client: None,
            max_response_bytes: 64 << 20,
            max_page_items: 20_000,
            page_size: PAGE_SIZE,
            observers: Observers::default(),
            default_headers: HeaderMap::new(),
            header_problem: None,
            secrets: Vec::new(),
            clock: Arc::new(SystemClock::new()),
            sleep: Arc::new(TokioSleep),
        }
    }

    /// Takes the credentials and the base URL from environment variables.
    ///
    /// | variables | meaning |
    /// |---|---|
    /// | `CLOUDALLY_CLIENT_ID`, `CLOUDALLY_CLIENT_SECRET` | a partner |
    /// | `CLOUDALLY_USER`, `CLOUDALLY_PASSWORD` | beside the above, the user for whom the partner signs in; alone, a portal user |
    /// | `CLOUDALLY_BASE_URL` | another service, such as the sandbox |
    /// | `CLOUDALLY_ROOT_CERTIFICATE_FILE` | a file for [`root_certificate_file`](Self::root_certificate_file) |
    ///
    /// Each of the others can have the suffix `_FILE` and then names a file that holds the value:
    /// one line of at most 64 KiB. A byte order mark and the final line feed are not part of it. A
    /// pipe such as `<(pass show cloudally)` is a file too; this blocks until it is read, for at
    /// most 60 s.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the variables are
    /// incomplete or contradict each other, if one is set but blank, or if a file cannot be read.
    /// The error names the variables, and the file with the reason why it cannot be read.
    pub fn from_env() -> Result<Self, Error> {
        let environment = environment::read(&Source {
            variable: &|name| std::env::var(name),
            file: &|path: &Path| read_small_file(path, MAX_SECRET_FILE),
        })?;
        let mut builder = Self::new().credentials(environment.credentials);
        if let Some(base_url) = environment.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(path) = environment.root_certificate_file {
            builder.connection_calls.push(ROOT_CERTIFICATE_FILE);
            builder.connection.root_certificate_files.push(path);
        }
        Ok(builder)
    }

    /// Sets the address of the service. It must be https, except for a service on this machine.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Sets the credentials to sign in with.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets which requests carry the client id and secret as headers; by default every request.
    ///
    /// They are sent to the origin of the base URL only.
    pub fn client_headers(mut self, which: ClientHeaders) -> Self {
        self.client_headers = which;
        self
    }

    /// Sets how often and for how long calls are attempted.
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how many retries there can be over all calls of the client: by default one for every
    /// ten calls, and a burst of 20.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets how long connecting may take; 10 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connection_calls.push("connect_timeout");
        self.connection.connect_timeout = timeout;
        self
    }

    /// Sets how long the service may be silent, from the start of the request on and then between
    /// two chunks of its response; 30 s by default.
    ///
    /// Connecting counts, so it should be longer than [`connect_timeout`](Self::connect_timeout).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.connection_calls.push("read_timeout");
        self.connection.read_timeout = timeout;
        self
    }

    /// Sets the maximal size of a decompressed response body in bytes; 64 MiB by default.
    ///
    /// It bounds memory too: decoding a response takes at most four times as much, and 32 MB. A
    /// response that could take more is an
    /// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge).
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Sets how many items a page of a list can have before it is refused; 20,000 by default.
    ///
    /// It is for a service that ignores the page size, and so is no less than any
    /// [`page_size`](Self::page_size) that is used. A longer page is an
    /// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge).
    pub fn max_page_items(mut self, items: usize) -> Self {
        self.max_page_items = items;
        self
    }

    /// Sets how many items a page of a list has at most, unless the list sets its own; 500 by
    /// default.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = items;
        self
    }

    /// Sets the `User-Agent` header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.connection_calls.push("user_agent");
        self.connection.user_agent = user_agent.into();
        self
    }

    /// Limits how many requests are sent, retries and sign-ins included; no limit by default.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Registers a callback that runs before each retry. It runs within the call, so it must not
    /// block.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = cloudally::Client::builder().on_retry(|retry| {
    ///     eprintln!("{} (again in {:?})", retry.error, retry.delay);
    /// });
    /// ```
    pub fn on_retry(mut self, callback: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.observers.add(OnRetry(callback));
        self
    }

    /// Registers an observer, which receives the events of the client: see
    /// [`observe`](crate::observe). Several can be registered, and are called in this order.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::observe::{Observer, PageRead};
    ///
    /// struct Progress;
    ///
    /// impl Observer for Progress {
    ///     fn page_read(&self, page: &PageRead<'_>) {
    ///         eprintln!("{}: page {} of {:?}", page.operation, page.number, page.total_pages);
    ///     }
    /// }
    ///
    /// let builder = cloudally::Client::builder().observer(Progress);
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Sets a header of every request, sign-ins included, such as one that a gateway of the company
    /// asks for. The header of a request itself takes precedence.
    ///
    /// With a name or a value that cannot be sent, or a header that the client sets itself
    /// (credentials, host, length, encoding), [`build`](Self::build) fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = cloudally::Client::builder()
    ///     .default_header("x-team", "backup")
    ///     .secret_header("x-gateway-key", "a secret of the gateway");
    /// ```
    pub fn default_header(self, name: &str, value: &str) -> Self {
        self.header(name, HeaderValue::try_from(value).ok())
    }

    /// Sets a header whose value is a secret; otherwise like
    /// [`default_header`](Self::default_header).
    ///
    /// It is hidden like the credentials, also where the service repeats it.
    pub fn secret_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        let value = value.into();
        let header = value.to_header_value().ok();
        self.secrets.push(value);
        self.header(name, header)
    }

    fn header(mut self, name: &str, value: Option<HeaderValue>) -> Self {
        if let Err(problem) = headers::set_default(&mut self.default_headers, name, value) {
            self.header_problem.get_or_insert(problem);
        }
        self
    }

    /// Trusts the certificates of a PEM file beside those of the platform, such as those of a
    /// company's own authority. [`build`](Self::build) reads the file.
    pub fn root_certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.connection_calls.push("root_certificate_file");
        self.connection.root_certificate_files.push(path.into());
        self
    }

    /// Sends everything through this proxy, even to a service on this machine.
    ///
    /// By default the usual variables (`HTTPS_PROXY`, `NO_PROXY` and so on) say which proxy is
    /// used, and a service on this machine is reached without one.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.connection_calls.push("proxy");
        self.connection.proxy = Proxy::Through(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.connection_calls.push("no_proxy");
        self.connection.proxy = Proxy::None;
        self
    }

    /// Sets how long an idle connection is kept for the next read; 90 s by default.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.connection_calls.push("pool_idle_timeout");
        self.connection.pool_idle_timeout = timeout;
        self
    }

    /// Sets how many idle connections are kept for the next reads; 100 by default.
    ///
    /// It limits no calls: as many as are made at once have a connection each, and those beyond this
    /// number are closed after their response.
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.connection_calls.push("pool_max_idle");
        self.connection.pool_max_idle = connections;
        self
    }

    /// Uses an HTTP client of the program's own.
    ///
    /// The settings of connections here would have no effect beside it, so calling one of them as
    /// well is an error at [`build`](Self::build): the timeouts for connecting and reading, the
    /// proxy, the root certificates, the user agent and the pool.
    ///
    /// The program then has to keep some of the promises of the SDK: that redirects are not
    /// followed with credentials, that nothing below the SDK sends a request again, that connecting
    /// times out, and that a mutation is sent on a fresh connection. On a pooled connection that
    /// the service closes at that moment, a restore ends as
    /// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) more often.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Takes the time from another clock, in tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Waits in another way, in tests.
    pub fn sleep(mut self, sleep: Arc<dyn AsyncSleep>) -> Self {
        self.sleep = sleep;
        self
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
mod tests;
