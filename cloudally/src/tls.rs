//! What connections trust.
//!
//! Every feature of rustls enables `rustls-no-provider`, and rustls goes before the platform's own
//! library.

#[cfg(feature = "rustls-no-provider")]
mod shared;

use reqwest::{Certificate, ClientBuilder};
#[cfg(feature = "rustls-no-provider")]
use rustls::ClientConfig;

use crate::error::Error;

#[cfg(all(test, feature = "rustls-no-provider"))]
pub(crate) use self::shared::{forget_all, made};

/// Whether the HTTP clients of a [`Trust`] share what is read and checked of certificates. If not,
/// making one blocks.
pub(crate) const IS_SHARED: bool = cfg!(feature = "rustls-no-provider");

/// The root certificates that are trusted beside the platform's.
#[derive(Default)]
pub(crate) struct RootCertificates {
    #[cfg(feature = "rustls-no-provider")]
    roots: shared::Roots,
    #[cfg(not(feature = "rustls-no-provider"))]
    certificates: Vec<Certificate>,
}

impl RootCertificates {
    /// Adds the certificates of a PEM file, and returns how many it holds.
    pub(crate) fn add(&mut self, pem: &[u8]) -> Result<usize, reqwest::Error> {
        let certificates = Certificate::from_pem_bundle(pem)?;
        let count = certificates.len();
        #[cfg(feature = "rustls-no-provider")]
        self.roots.extend(shared::roots(pem));
        #[cfg(not(feature = "rustls-no-provider"))]
        self.certificates.extend(certificates);
        Ok(count)
    }
}

/// What the HTTP clients of one SDK client trust: certain root certificates, and the platform's.
///
/// It is made when the SDK client is built, because reading the platform's certificates blocks.
pub(crate) struct Trust {
    #[cfg(feature = "rustls-no-provider")]
    config: ClientConfig,
    #[cfg(not(feature = "rustls-no-provider"))]
    certificates: Vec<Certificate>,
}

#[cfg(feature = "rustls-no-provider")]
impl Trust {
    pub(crate) fn new(certificates: &RootCertificates, is_tls: bool) -> Result<Self, Error> {
        let config = if is_tls {
            shared::config(&certificates.roots)
        } else {
            shared::unused_config()
        };
        Ok(Self { config: config? })
    }

    /// Applies it to an HTTP client.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        builder.tls_backend_preconfigured(self.config.clone())
    }
}

#[cfg(not(feature = "rustls-no-provider"))]
impl Trust {
    pub(crate) fn new(certificates: &RootCertificates, _: bool) -> Result<Self, Error> {
        let certificates = certificates.certificates.clone();
        Ok(Self { certificates })
    }

    /// Applies it to an HTTP client.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        if self.certificates.is_empty() {
            return builder;
        }
        builder.tls_certs_merge(self.certificates.iter().cloned())
    }
}
