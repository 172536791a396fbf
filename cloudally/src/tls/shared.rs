//! The TLS configurations that all clients of the process share.
//!
//! Making one reads and checks the certificates of the platform, which takes longer than most calls
//! and blocks. So there is one for all clients, and one more for each content of root certificate
//! files.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::error::Error;

/// How many configurations are kept. With more, the oldest is made again for the next client.
const MAX_CONFIGS: usize = 16;

pub(super) type Roots = Vec<CertificateDer<'static>>;

/// The configurations that were made, by the root certificates that they trust beside the
/// platform's.
static CONFIGS: Mutex<Vec<(Roots, ClientConfig)>> = Mutex::new(Vec::new());

/// Reads root certificates in PEM form.
pub(super) fn roots(pem: &[u8]) -> impl Iterator<Item = CertificateDer<'static>> + '_ {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok)
}

/// The configuration that trusts the platform's certificates and these.
pub(super) fn config(roots: &Roots) -> Result<ClientConfig, Error> {
    // Held while one is made, so that clients which are made at once wait for it.
    let mut configs = CONFIGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, config)) = configs.iter().find(|(trusted, _)| trusted == roots) {
        return Ok(config.clone());
    }
    #[cfg(test)]
    MADE.set(MADE.get() + 1);
    let provider = provider()?;
    let verifier = verifier(roots, Arc::clone(&provider))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = for_http_1(builder.with_no_client_auth());
    if configs.len() >= MAX_CONFIGS {
        configs.remove(0);
    }
    configs.push((roots.clone(), config.clone()));
    Ok(config)
}

/// A configuration that trusts nobody, for a service without TLS.
pub(super) fn unused_config() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = builder.with_root_certificates(RootCertStore::empty());
    Ok(for_http_1(builder.with_no_client_auth()))
}

fn for_http_1(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// The cryptography that the program installed, or the one that this crate is built with.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    let installed = CryptoProvider::get_default().cloned();
    installed.or_else(built_in).ok_or_else(|| {
        Error::configuration(
            "TLS has no cryptography: install a rustls `CryptoProvider` before the client is built, \
             or enable the feature `rustls` or `rustls-ring`",
        )
    })
}

/// The cryptography that this crate is built with.
fn built_in() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "rustls")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
    None
}

fn verifier(
    roots: &Roots,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let verifier = if roots.is_empty() {
        Verifier::new(provider)
    } else {
        Verifier::new_with_extra_roots(roots.iter().cloned(), provider)
    };
    Ok(Arc::new(verifier.map_err(failed)?))
}

fn failed(error: rustls::Error) -> Error {
    Error::configuration("TLS cannot be set up").with_cause(error)
}

#[cfg(test)]
thread_local! {
    static MADE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many configurations were made on this thread.
#[cfg(test)]
pub(crate) fn made() -> usize {
    MADE.get()
}

/// Forgets all configurations, as if many others had been made since.
#[cfg(test)]
pub(crate) fn forget_all() {
    CONFIGS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_lc_rs_goes_before_ring() {
        let name = built_in().map(|provider| format!("{:?}", provider.key_provider));
        let expected = if cfg!(feature = "rustls") {
            Some("AwsLcRs")
        } else if cfg!(feature = "rustls-ring") {
            Some("Ring")
        } else {
            None
        };
        assert_eq!(name.as_deref(), expected);
    }
}
