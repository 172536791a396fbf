//! TLS: a private authority is trusted when its file is given, and only then.

use std::path::PathBuf;
use std::sync::Arc;

use cloudally::{Credentials, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{DEFAULT_VERSIONS, ServerConfig, SupportedProtocolVersion};

use cloudally_contract::server::{Server, json};
use cloudally_contract::setup::{RESTORE, attempts, builder, profile, read, status_of};
use cloudally_contract::time::in_time;

/// A server with a certificate of an authority that was made just now, and the file of that
/// authority.
fn server(name: &str, for_host: &str) -> (Server, CaFile) {
    server_with(name, for_host, DEFAULT_VERSIONS)
}

/// The same, which speaks these versions of TLS only.
fn server_with(
    name: &str,
    for_host: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> (Server, CaFile) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([for_host.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let file = format!("cloudally-transport-{name}-{}.pem", std::process::id());
    let file = CaFile(std::env::temp_dir().join(file));
    std::fs::write(&file.0, authority.pem()).unwrap();
    let server = Server::tls(TlsAcceptor::from(Arc::new(config)), |request| match request
        .path
        .as_str()
    {
        RESTORE => json(201, r#"{"jobId": "J"}"#),
        _ => profile(),
    });
    (server, file)
}

/// A file that goes when the test does.
struct CaFile(PathBuf);

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_with_its_file_and_not_without() {
    let (server, file) = server("trusted", "127.0.0.1");
    assert!(server.url().starts_with("https://"));
    let builder = || {
        builder(server.url())
            .credentials(Credentials::access_token("t"))
            .retry_policy(attempts(2))
    };
    let client = builder().root_certificate_file(&file.0).build().unwrap();
    for _ in 0..3 {
        in_time("a read over TLS", read(&client)).await.unwrap();
    }
    let restore = client.restores();
    restore
        .create(cloudally::types::RestoreRequest::new("T-1"))
        .await
        .unwrap();
    assert_eq!(server.requests().len(), 4);

    let client = builder().build().unwrap();
    let error = in_time("a refusal", read(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), status_of(&error)),
        (ErrorKind::Connect, None),
        "{error}"
    );
    let request = cloudally::types::RestoreRequest::new("T-1");
    let error = client.restores().create(request.clone()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Connect,
        "nothing was sent: {error}"
    );
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_server_that_speaks_one_version_of_tls_is_called_with_it() {
    for (name, version) in [("tls12", &TLS12), ("tls13", &TLS13)] {
        let (server, file) = server_with(name, "127.0.0.1", &[version]);
        let builder = builder(server.url())
            .credentials(Credentials::access_token("t"))
            .retry_policy(attempts(1));
        let client = builder.root_certificate_file(&file.0).build().unwrap();
        for _ in 0..2 {
            let partner = in_time("a read", read(&client)).await;
            partner.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let restore = client.restores();
        let restore = restore.create(cloudally::types::RestoreRequest::new("T-1"));
        let restore = in_time("a restore", restore).await;
        assert_eq!(restore.unwrap().id().as_str(), "J", "{name}");
        // The reads share a connection, and the restore has its own.
        assert_eq!(
            (server.requests_len(), server.connections()),
            (3, 2),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (server, file) = server("other", "other.example.com");
    let builder = builder(server.url())
        .credentials(Credentials::access_token("t"))
        .retry_policy(attempts(1));
    let client = builder.root_certificate_file(&file.0).build().unwrap();
    let error = in_time("a refusal", read(&client)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn plain_http_to_a_tls_port_and_the_reverse_are_named() {
    let (tls, file) = server("mismatch", "127.0.0.1");
    // What a web server says to bytes that are no request.
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_url = format!("https://{}", plain.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        let (mut connection, _) = plain.accept().await.unwrap();
        let mut hello = [0; 1024];
        assert!(connection.read(&mut hello).await.unwrap() > 0);
        let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
    });
    let of = |url: String| {
        let builder = builder(url).credentials(Credentials::access_token("t"));
        let builder = builder.root_certificate_file(&file.0);
        builder.retry_policy(attempts(1)).build().unwrap()
    };
    let http_to_tls = of(tls.url().replace("https://", "http://"));
    let error = in_time("a refusal", read(&http_to_tls)).await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("write https"), "{shown}");

    let tls_to_http = of(plain_url);
    let error = in_time("a refusal", read(&tls_to_http)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    answering.await.unwrap();
}
