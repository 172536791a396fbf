//! How connections are made, and where they lead.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use cloudally_gen::secret::Secret;
use http::Extensions;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::error::Error;
use crate::pool::{Pools, Served};
use crate::runtime::require_runtime;
use crate::small_file::read_small_file;
use crate::tls::{self, RootCertificates, Trust};

/// As good as no timeout. The HTTP client adds a timeout to the current time, where a longer one
/// may overflow.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The settings of connections.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionSettings {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) pool_max_idle: usize,
    pub(crate) root_certificate_files: Vec<PathBuf>,
    pub(crate) proxy: Proxy,
    pub(crate) user_agent: String,
}

/// Which proxy is used.
#[derive(Clone, Debug)]
pub(crate) enum Proxy {
    FromEnvironment,
    /// The URL may hold a password.
    Through(Secret),
    None,
}

/// What becomes of a connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reuse {
    Pooled,
    Never,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            pool_idle_timeout: Duration::from_secs(90),
            pool_max_idle: 100,
            root_certificate_files: Vec::new(),
            proxy: Proxy::FromEnvironment,
            user_agent: concat!("cloudally-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The service as connections see it, for error messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Destination {
    /// The host, as it is written in a URL.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port of the proxy, if one is used.
    pub(crate) proxy: Option<String>,
    pub(crate) is_tls: bool,
    /// Whether the program's own HTTP client leads there, which may send a mutation on a connection
    /// that was idle.
    pub(crate) is_by_own_client: bool,
}

impl Destination {
    fn new(base_url: &Url, proxy: &Proxy, is_loopback: bool) -> Self {
        let proxy = match proxy {
            Proxy::None => None,
            Proxy::FromEnvironment if is_loopback => None,
            // The matcher that the HTTP client itself consults.
            Proxy::FromEnvironment => base_url.as_str().parse().ok().and_then(|uri| {
                let intercept = Matcher::from_system().intercept(&uri)?;
                let uri = intercept.uri();
                let port = uri.port().map(|port| format!(":{port}"));
                Some(format!("{}{}", uri.host()?, port.unwrap_or_default()))
            }),
            Proxy::Through(url) => {
                // Like the HTTP client, which takes a URL without a scheme for one of http.
                let with_scheme = format!("http://{}", url.expose());
                [url.expose(), &with_scheme]
                    .into_iter()
                    .find_map(|url| authority(&Url::parse(url).ok()?))
            }
        };
        Self {
            host: base_url.host_str().unwrap_or_default().to_owned(),
            port: base_url.port_or_known_default().unwrap_or_default(),
            proxy,
            is_tls: base_url.scheme() == "https",
            is_by_own_client: false,
        }
    }
}

/// Host and port of a URL, without the user and password that it may hold.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let port = url.port_or_known_default().map(|port| format!(":{port}"));
    Some(format!("{host}{}", port.unwrap_or_default()))
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)?;
        match &self.proxy {
            Some(proxy) => write!(f, " through the proxy {proxy}"),
            None => Ok(()),
        }
    }
}

/// The HTTP clients of one SDK client.
pub(crate) enum Connections {
    /// Made from the settings.
    Own(Box<OwnConnections>),
    /// The client that the program provides, in place of all settings.
    Provided(reqwest::Client),
}

pub(crate) struct OwnConnections {
    settings: ConnectionSettings,
    trust: Trust,
    is_loopback: bool,
    pools: Pools,
    fresh: OnceLock<reqwest::Client>,
    served: Served,
}

impl Connections {
    /// Sets up connections to a service, and describes where they lead.
    pub(crate) fn new(
        settings: ConnectionSettings,
        base_url: &Url,
        is_loopback: bool,
    ) -> Result<(Self, Destination), Error> {
        let mut roots = RootCertificates::default();
        for path in &settings.root_certificate_files {
            read_certificates(path, &mut roots)?;
        }
        let destination = Destination::new(base_url, &settings.proxy, is_loopback);
        let trust = Trust::new(&roots, destination.is_tls)?;
        let pooled = settings.http_client(&trust, Reuse::Pooled, is_loopback)?;
        let fresh = OnceLock::new();
        if !tls::IS_SHARED {
            // No call may block.
            let client = settings.http_client(&trust, Reuse::Never, is_loopback)?;
            fresh.get_or_init(|| client);
        }
        let own = OwnConnections {
            settings,
            trust,
            is_loopback,
            pools: Pools::new(pooled),
            fresh,
            served: Served::default(),
        };
        Ok((Self::Own(Box::new(own)), destination))
    }

    /// Uses the program's own client, whose proxies are not known.
    pub(crate) fn provided(client: reqwest::Client, base_url: &Url) -> (Self, Destination) {
        let mut destination = Destination::new(base_url, &Proxy::None, false);
        destination.is_by_own_client = true;
        (Self::Provided(client), destination)
    }

    /// The client that keeps connections open for the next read on the same runtime.
    pub(crate) fn pooled(&self) -> Result<reqwest::Client, Error> {
        match self {
            Self::Own(own) => {
                let make = || own.http_client(Reuse::Pooled);
                own.pools.of(&require_runtime()?, make)
            }
            Self::Provided(client) => Ok(client.clone()),
        }
    }

    /// Remembers that a connection served a response.
    pub(crate) fn record(&self, response: &Extensions) {
        if let Self::Own(own) = self {
            own.served.record(response);
        }
    }

    /// Returns whether a request failed because it was sent on a connection that had served
    /// another, and that the service closed meanwhile.
    pub(crate) fn was_stale(&self, error: &reqwest::Error) -> bool {
        match self {
            Self::Own(own) => !error.is_timeout() && own.served.forget(error),
            Self::Provided(_) => false,
        }
    }

    /// The client that opens a connection for each request. On a pooled one, a reset leaves open
    /// whether a mutation arrived.
    ///
    /// It is made when it is first needed, because most programs only read. That takes no more than
    /// memory: what it trusts is known since the SDK client was built.
    pub(crate) fn fresh(&self) -> Result<reqwest::Client, Error> {
        let own = match self {
            Self::Own(own) => own,
            Self::Provided(client) => return Ok(client.clone()),
        };
        if let Some(fresh) = own.fresh.get() {
            return Ok(fresh.clone());
        }
        let fresh = own.http_client(Reuse::Never)?;
        Ok(own.fresh.get_or_init(|| fresh).clone())
    }
}

impl OwnConnections {
    fn http_client(&self, reuse: Reuse) -> Result<reqwest::Client, Error> {
        self.settings
            .http_client(&self.trust, reuse, self.is_loopback)
    }
}

impl ConnectionSettings {
    fn http_client(
        &self,
        trust: &Trust,
        reuse: Reuse,
        is_loopback: bool,
    ) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout.min(MAX_TIMEOUT))
            .read_timeout(self.read_timeout.min(MAX_TIMEOUT))
            .pool_idle_timeout(self.pool_idle_timeout.min(MAX_TIMEOUT))
            // Another crate may enable HTTP/2 in reqwest. It costs more here, where calls are
            // sequential.
            .http1_only()
            // A redirect would carry the client's headers to another origin.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(match reuse {
                Reuse::Pooled => self.pool_max_idle,
                Reuse::Never => 0,
            });
        builder = trust.apply(builder);
        match &self.proxy {
            // Credentials in plain HTTP must not leave this machine by way of a proxy.
            Proxy::FromEnvironment if is_loopback => builder = builder.no_proxy(),
            Proxy::FromEnvironment => {}
            Proxy::None => builder = builder.no_proxy(),
            Proxy::Through(url) => {
                let proxy = reqwest::Proxy::all(url.expose());
                // The error would show the URL, and with it a password.
                builder = builder.proxy(proxy.map_err(|_| {
                    Error::configuration(
                        "the URL of the proxy is invalid: write it like http://proxy.example.com:3128",
                    )
                })?);
            }
        }
        builder.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be set up").with_root_cause(error)
        })
    }
}

/// How long a file of root certificates may be, in bytes. Those of whole systems have some 250 kB.
const MAX_CERTIFICATE_FILE: usize = 4 << 20;

fn read_certificates(path: &Path, roots: &mut RootCertificates) -> Result<(), Error> {
    let refuse = |what: &str| {
        Error::configuration(format!(
            "the root certificate file {} {what}",
            path.display()
        ))
    };
    let pem = read_small_file(path, MAX_CERTIFICATE_FILE)
        .map_err(|error| refuse("cannot be read").with_cause(error))?;
    match roots.add(&pem) {
        Ok(0) => Err(refuse("holds no certificate in PEM form")),
        Ok(_) => Ok(()),
        Err(error) => Err(refuse("is not in PEM form").with_root_cause(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn live() -> Url {
        Url::parse("https://api.example.com/v0").unwrap()
    }

    #[test]
    fn an_unusable_certificate_file_is_named() {
        for content in [
            None,
            Some(""),
            Some("no certificate"),
            Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
        ] {
            let file = std::env::temp_dir().join(format!(
                "cloudally-ca-{}-{}",
                std::process::id(),
                content.map_or(0, str::len)
            ));
            if let Some(content) = content {
                fs::write(&file, content).unwrap();
            }
            let settings = ConnectionSettings {
                root_certificate_files: vec![file.clone()],
                ..ConnectionSettings::default()
            };
            let made = Connections::new(settings, &live(), false).map(|_| ());
            let error = made.unwrap_err().to_string();
            let _ = fs::remove_file(&file);
            assert!(error.contains("cloudally-ca-"), "{content:?}: {error}");
            if content.is_none() {
                assert!(error.contains("os error"), "{error}");
            }
        }
    }

    #[cfg(feature = "rustls-no-provider")]
    #[test]
    fn no_call_reads_the_certificates_of_the_platform() {
        let settings = ConnectionSettings::default();
        let (connections, _) = Connections::new(settings, &live(), false).unwrap();
        let made = tls::made();
        tls::forget_all();
        // For a restore or a sign-in, and for a read on a second runtime.
        connections.fresh().unwrap();
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap()
        };
        for runtime in [runtime(), runtime()].each_ref() {
            runtime.block_on(async { connections.pooled().unwrap() });
        }
        assert_eq!(tls::made(), made);
    }

    #[test]
    fn an_invalid_proxy_is_not_shown() {
        let settings = ConnectionSettings {
            proxy: Proxy::Through(Secret::from("http://me:canary@[")),
            ..ConnectionSettings::default()
        };
        let made = Connections::new(settings.clone(), &live(), false).map(|_| ());
        let error = made.unwrap_err();
        assert!(!format!("{error} {error:?} {settings:?}").contains("canary"));
        assert!(error.to_string().contains("proxy"));
    }

    #[test]
    fn a_destination_names_host_port_and_proxy_and_no_password() {
        let proxy = Proxy::Through(Secret::from("http://me:canary@proxy.example.com:3128"));
        for (url, proxy, expected) in [
            (
                "https://api.example.com/v0",
                &proxy,
                "api.example.com:443 through the proxy proxy.example.com:3128",
            ),
            (
                "https://api.example.com",
                &Proxy::Through(Secret::from("proxy.example.com:3128")),
                "api.example.com:443 through the proxy proxy.example.com:3128",
            ),
            ("http://127.0.0.1:8080", &Proxy::None, "127.0.0.1:8080"),
            ("http://[::1]:8080", &Proxy::FromEnvironment, "[::1]:8080"),
        ] {
            let url = Url::parse(url).unwrap();
            let destination = Destination::new(&url, proxy, url.scheme() == "http");
            assert_eq!(destination.to_string(), expected);
        }
    }
}
