//! Calls over TLS on loopback, by whichever library this crate is built with.
#![allow(clippy::unwrap_used)]

use std::fs;

use cloudally::{Client, Credentials, Error};
use cloudally_sandbox::Sandbox;

/// Builds a client that trusts the sandbox's authority.
fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let file = format!("cloudally-tls-{}.pem", std::process::id());
    let file = std::env::temp_dir().join(file);
    fs::write(&file, sandbox.ca_certificate().unwrap()).unwrap();
    let account = sandbox.partner();
    let credentials = Credentials::partner(account.client_id(), account.client_secret());
    let builder = Client::builder().base_url(sandbox.url());
    let client = builder
        .credentials(credentials)
        .root_certificate_file(&file)
        .build();
    let _ = fs::remove_file(&file);
    client
}

#[tokio::test]
async fn a_call_is_made_over_tls() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    if cfg!(all(
        feature = "rustls-no-provider",
        not(any(feature = "rustls", feature = "rustls-ring"))
    )) {
        let error = client(&sandbox).unwrap_err();
        assert_eq!(error.kind(), cloudally::ErrorKind::Configuration);
        assert!(error.to_string().contains("CryptoProvider"), "{error}");
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.install_default().unwrap();
    }
    let client = client(&sandbox).unwrap();
    client.partners().profile().await.unwrap();
}
