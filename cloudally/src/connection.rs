//! How connections are made.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use cloudally_gen::secret::Secret;
use reqwest::Certificate;

use crate::error::Error;

/// The settings of connections.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) pool_max_idle: usize,
    pub(crate) ca_files: Vec<PathBuf>,
    pub(crate) proxy: Proxy,
    pub(crate) user_agent: String,
    /// A client of the caller's, in place of all this.
    pub(crate) own: Option<reqwest::Client>,
}

/// Through which proxy.
#[derive(Clone, Debug)]
pub(crate) enum Proxy {
    FromEnvironment,
    /// The URL may hold a password.
    Through(Secret),
    None,
}

/// What is kept after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Connections,
    Nothing,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            pool_idle_timeout: Duration::from_secs(90),
            pool_max_idle: usize::MAX,
            ca_files: Vec::new(),
            proxy: Proxy::FromEnvironment,
            user_agent: concat!("cloudally-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            own: None,
        }
    }
}

/// The HTTP clients with some settings.
pub(crate) struct Connections {
    settings: Connection,
    certificates: Vec<Certificate>,
    is_loopback: bool,
    pooled: reqwest::Client,
    fresh: OnceLock<reqwest::Client>,
}

impl Connections {
    pub(crate) fn new(settings: Connection, is_loopback: bool) -> Result<Self, Error> {
        let mut trusted = Vec::new();
        if settings.own.is_none() {
            for path in &settings.ca_files {
                trusted.extend(certificates(path)?);
            }
        }
        Ok(Self {
            pooled: settings.client(&trusted, Keep::Connections, is_loopback)?,
            settings,
            certificates: trusted,
            is_loopback,
            fresh: OnceLock::new(),
        })
    }

    /// Keeps connections open for the next read.
    pub(crate) fn pooled(&self) -> &reqwest::Client {
        &self.pooled
    }

    /// Opens a connection for each request: on one that was idle, a reset leaves open whether a mutation arrived. It is set
    /// up when it is first needed: TLS takes longer to set up than a call takes, and most programs only read.
    pub(crate) fn fresh(&self) -> Result<&reqwest::Client, Error> {
        if let Some(fresh) = self.fresh.get() {
            return Ok(fresh);
        }
        let fresh = self
            .settings
            .client(&self.certificates, Keep::Nothing, self.is_loopback)?;
        Ok(self.fresh.get_or_init(|| fresh))
    }
}

impl Connection {
    /// An HTTP client with these settings.
    fn client(
        &self,
        trusted: &[Certificate],
        keep: Keep,
        is_loopback: bool,
    ) -> Result<reqwest::Client, Error> {
        if let Some(own) = &self.own {
            return Ok(own.clone());
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.read_timeout)
            .pool_idle_timeout(self.pool_idle_timeout)
            // Another crate may turn HTTP/2 on for reqwest; it costs more here, where calls come one by one.
            .http1_only()
            // A redirect would carry the client's headers to another origin.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(match keep {
                Keep::Connections => self.pool_max_idle,
                Keep::Nothing => 0,
            });
        if !trusted.is_empty() {
            builder = builder.tls_certs_merge(trusted.iter().cloned());
        }
        match &self.proxy {
            // What goes to this machine in the clear must not take a way round by another.
            Proxy::FromEnvironment if is_loopback => builder = builder.no_proxy(),
            Proxy::FromEnvironment => {}
            Proxy::None => builder = builder.no_proxy(),
            Proxy::Through(url) => {
                let proxy = reqwest::Proxy::all(url.expose());
                // The error would show the URL, and with it a password.
                builder = builder.proxy(proxy.map_err(|_| {
                    Error::configuration(
                        "the URL of the proxy is none: write it like http://proxy.example.com:3128",
                    )
                })?);
            }
        }
        builder.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be set up").caused_by(error)
        })
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let refuse =
        |what: &str| Error::configuration(format!("the CA file {} {what}", path.display()));
    let pem = fs::read(path).map_err(|error| refuse("cannot be read").caused_by(error))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if certificates.is_empty() => {
            Err(refuse("holds no certificate in PEM form"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(refuse("is not in PEM form").caused_by(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_that_is_none_is_named() {
        for content in [
            None,
            Some(""),
            Some("no certificate"),
            Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
        ] {
            let folder = std::env::temp_dir().join(format!(
                "cloudally-ca-{}-{}",
                std::process::id(),
                content.map_or(0, str::len)
            ));
            if let Some(content) = content {
                fs::write(&folder, content).unwrap();
            }
            let connection = Connection {
                ca_files: vec![folder.clone()],
                ..Connection::default()
            };
            let made = Connections::new(connection, false).map(|_| ());
            let error = made.unwrap_err().to_string();
            let _ = fs::remove_file(&folder);
            assert!(error.contains("cloudally-ca-"), "{content:?}: {error}");
        }
    }

    #[test]
    fn a_proxy_that_is_none_is_not_shown() {
        let connection = Connection {
            proxy: Proxy::Through(Secret::from("http://me:canary@[")),
            ..Connection::default()
        };
        let made = Connections::new(connection.clone(), false).map(|_| ());
        let error = made.unwrap_err();
        assert!(!format!("{error} {error:?} {connection:?}").contains("canary"));
        assert!(error.to_string().contains("proxy"));
    }
}
