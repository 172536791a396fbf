//! What connections trust.
//!
//! Every feature of rustls enables `rustls-no-provider`, and rustls goes before the platform's own
//! library.

#[cfg(feature = "rustls-no-provider")]
mod shared;

use reqwest::{Certificate, ClientBuilder};

use crate::error::Error;

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

    /// Makes a client trust them, and the platform's.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn apply(
        &self,
        builder: ClientBuilder,
        is_tls: bool,
    ) -> Result<ClientBuilder, Error> {
        let config = if is_tls {
            shared::config(&self.roots)
        } else {
            shared::unused_config()
        };
        Ok(builder.tls_backend_preconfigured(config?))
    }

    /// Makes a client trust them, and the platform's.
    #[cfg(not(feature = "rustls-no-provider"))]
    pub(crate) fn apply(&self, builder: ClientBuilder, _: bool) -> Result<ClientBuilder, Error> {
        if self.certificates.is_empty() {
            return Ok(builder);
        }
        Ok(builder.tls_certs_merge(self.certificates.iter().cloned()))
    }
}
