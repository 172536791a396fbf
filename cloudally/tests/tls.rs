//! Calls over TLS on loopback, by whichever library this crate is built with.
#![allow(clippy::unwrap_used)]

use std::fs;

use cloudally::{Client, ClientBuilder, Credentials, ErrorKind};
use cloudally_sandbox::Sandbox;
use tokio::runtime::Runtime;

/// How many calls are measured.
const CALLS: u32 = 100;

/// A sandbox with threads of its own, so that what it does is not counted.
fn sandbox() -> (Sandbox, Runtime) {
    let runtime = Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::builder().tls().start());
    (sandbox.unwrap(), runtime)
}

/// Builds a client that trusts the sandbox's authority.
fn client(
    sandbox: &Sandbox,
    settings: impl Fn(ClientBuilder) -> ClientBuilder,
) -> Result<Client, cloudally::Error> {
    let file = format!("cloudally-tls-{}.pem", std::process::id());
    let file = std::env::temp_dir().join(file);
    fs::write(&file, sandbox.ca_certificate().unwrap()).unwrap();
    let account = sandbox.partner();
    let credentials = Credentials::partner(account.client_id(), account.client_secret());
    let builder = Client::builder().base_url(sandbox.url());
    let builder = builder.credentials(credentials);
    let client = settings(builder.root_certificate_file(&file)).build();
    let _ = fs::remove_file(&file);
    client
}

/// Whether the program has to install the cryptography of rustls.
fn has_no_provider() -> bool {
    cfg!(feature = "rustls-no-provider") && !cfg!(any(feature = "rustls", feature = "rustls-ring"))
}

#[tokio::test]
async fn a_call_is_made_over_tls() {
    let (sandbox, runtime) = tokio::task::spawn_blocking(sandbox).await.unwrap();
    if has_no_provider() {
        let error = client(&sandbox, |builder| builder).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("CryptoProvider"), "{error}");
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.install_default().unwrap();
    }
    let client = client(&sandbox, |builder| builder).unwrap();
    client.partners().profile().await.unwrap();
    drop(sandbox);
    runtime.shutdown_background();
}

/// Prints the milliseconds of CPU that the first call takes, a further one on a new connection, and
/// a page of 500 tasks.
#[test]
#[ignore = "it measures"]
fn what_tls_costs() {
    let (sandbox, _runtime) = sandbox();
    let own = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    own.block_on(async {
        let start = milliseconds();
        let client_of = |idle| client(&sandbox, |builder| builder.pool_max_idle(idle)).unwrap();
        let pooled = client_of(1);
        pooled.partners().profile().await.unwrap();
        let first = milliseconds() - start;

        let unpooled = client_of(0);
        unpooled.sign_in().await.unwrap();
        let start = milliseconds();
        for _ in 0..CALLS {
            unpooled.partners().profile().await.unwrap();
        }
        let connection = (milliseconds() - start) / f64::from(CALLS);

        let start = milliseconds();
        for _ in 0..CALLS {
            let page = pooled.tasks().list().page_size(500).page().await.unwrap();
            assert_eq!(page.items.len(), 500);
        }
        let page = (milliseconds() - start) / f64::from(CALLS);
        println!("TLS: {first:.1} {connection:.2} {page:.2}");
    });
}

/// The milliseconds for which this thread ran.
fn milliseconds() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = told.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e6
}
