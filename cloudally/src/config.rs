//! Sets up a client.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Url;

use crate::auth::cache::TokenCache;
use crate::auth::credentials::{ClientPair, Credentials};
use crate::auth::login::SignIn;
use crate::call::Transport;
use crate::client::Client;
use crate::environment::{self, Source};
use crate::error::Error;
use crate::page::PAGE_SIZE;
use crate::retry::policy::RetryPolicy;
use crate::time::{Clock, Sleep, SystemClock, TokioSleep};

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
    connect_timeout: Duration,
    read_timeout: Duration,
    body_limit: usize,
    page_size: u32,
    user_agent: String,
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
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            body_limit: 64 << 20,
            page_size: PAGE_SIZE,
            user_agent: concat!("cloudally-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
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

    /// How long connecting may take; 10 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the service may stay silent while an answer is awaited or read; 30 s by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
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
        self.user_agent = user_agent.into();
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
        let client_headers = match self.client_headers {
            ClientHeaders::EveryRequest => credentials.client().cloned(),
            ClientHeaders::SignInOnly => None,
        };
        let transport = Arc::new(self.transport(client_headers)?);
        let sign_in = SignIn {
            transport: Arc::clone(&transport),
            credentials,
        };
        let tokens = TokenCache::new(Arc::new(sign_in), Arc::clone(&self.clock));
        Ok(Client::new(transport, tokens, self.page_size))
    }

    fn transport(&self, client_headers: Option<ClientPair>) -> Result<Transport, Error> {
        Ok(Transport {
            base_url: checked(&self.base_url)?,
            pooled: self.http(true)?,
            fresh: self.http(false)?,
            policy: self.policy,
            body_limit: self.body_limit,
            client_headers,
            clock: Arc::clone(&self.clock),
            sleep: Arc::clone(&self.sleep),
            random: Mutex::new(fastrand::Rng::new()),
        })
    }

    fn http(&self, keeps_connections: bool) -> Result<reqwest::Client, Error> {
        let mut http = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.read_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never());
        if !keeps_connections {
            http = http.pool_max_idle_per_host(0);
        }
        http.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be set up").caused_by(error)
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

/// The base URL as requests are made from it. The error does not show it, for it may hold a password.
fn checked(base_url: &str) -> Result<String, Error> {
    let refuse = |what: &str| Err(Error::configuration(format!("the base URL {what}")));
    let Ok(url) = Url::parse(base_url) else {
        return refuse("is none: write it like https://api.cloudally.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user or password: set credentials instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or fragment: end it after the path");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return refuse("is plain http, where anyone can read the credentials: write https");
        }
        _ => return refuse("is neither https nor http: write it like https://api.cloudally.com"),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn credentials_go_over_https_or_to_this_machine() {
        for good in [
            "https://api.cloudally.com",
            "https://api.cloudally.com/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1/prefix/",
        ] {
            assert!(!checked(good).unwrap().ends_with('/'), "{good}");
        }
        for bad in [
            "",
            "api.cloudally.com",
            "http://api.cloudally.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "https://user:canary@api.cloudally.com",
            "https://api.cloudally.com?canary",
        ] {
            let error = checked(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }

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
