//! Connections that cannot be made, and those that break when they are used again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cloudally::{Credentials, ErrorKind};

use cloudally_contract::names::Names;
use cloudally_contract::server::{Gate, Reserved, Server, Step};
use cloudally_contract::setup::{attempts, builder, profile, read, status_of, with_token};
use cloudally_contract::time::in_time;

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_connect_error_and_the_next_attempt_succeeds() {
    let server = Server::start(|_| profile());
    let names = Names::default();
    let mend = names.clone();
    let client = builder(server.url().replace("127.0.0.1", "localhost"))
        .credentials(Credentials::access_token("t"))
        .http_client(names.connections())
        .retry_policy(attempts(2))
        .on_retry(move |retry| {
            assert_eq!(retry.error.kind(), ErrorKind::Connect, "{}", retry.error);
            mend.fail(false);
        })
        .build()
        .unwrap();
    names.fail(true);
    in_time("the second attempt", read(&client)).await.unwrap();
    assert_eq!(server.requests().len(), 1);
    names.fail(true);
    let error = client
        .with_retry_policy(attempts(1))
        .partners()
        .profile()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), status_of(&error)),
        (ErrorKind::Connect, None)
    );
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_the_next_attempt_succeeds() {
    let reserved = Reserved::new();
    let url = reserved.url();
    let reserved = Mutex::new(Some(reserved));
    let server = Arc::new(Mutex::new(None));
    let opened = Arc::clone(&server);
    let client = builder(url)
        .credentials(Credentials::access_token("t"))
        .retry_policy(attempts(2))
        .on_retry(move |retry| {
            assert_eq!(retry.error.kind(), ErrorKind::Connect);
            let reserved = reserved.lock().unwrap().take().unwrap();
            *opened.lock().unwrap() = Some(reserved.serve(|_| profile()));
        })
        .build()
        .unwrap();
    in_time("the second attempt", read(&client)).await.unwrap();
    assert_eq!(server.lock().unwrap().as_ref().unwrap().requests().len(), 1);
}

/// The server answers, and breaks the connection when it is used again, after the request or at the
/// moment of it.
#[tokio::test]
async fn a_kept_connection_that_breaks_when_used_again_costs_a_read_nothing_but_an_attempt() {
    for fault in [Step::Reset, Step::Close] {
        let uses = AtomicUsize::new(0);
        let broken = fault.clone();
        let server = Server::start(move |_| match uses.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => profile(),
            _ => vec![broken.clone()],
        });
        let client = with_token(&server)
            .retry_policy(attempts(3))
            .build()
            .unwrap();
        for _ in 0..20 {
            in_time("a read", read(&client)).await.unwrap();
        }
        assert!(
            server.connections() > 10,
            "they did break: {}",
            server.connections()
        );
    }
    for fault in [Step::Reset, Step::Close] {
        let gate = Gate::new();
        let (held, broken) = (gate.clone(), fault.clone());
        let server = Server::start(move |_| {
            let mut steps = profile();
            steps.extend([Step::Wait(held.clone()), broken.clone()]);
            steps
        });
        let client = with_token(&server)
            .retry_policy(attempts(3))
            .build()
            .unwrap();
        for _ in 0..20 {
            in_time("a read", read(&client)).await.unwrap();
            gate.open();
        }
    }
}

#[tokio::test]
async fn with_a_proxy_all_goes_through_it() {
    let proxy = Server::start(|request| {
        assert!(request.path.contains("localhost"), "{}", request.path);
        profile()
    });
    let nobody = Reserved::new();
    let service = nobody.url().replace("127.0.0.1", "localhost");
    let client = cloudally::Client::builder()
        .base_url(service)
        .credentials(Credentials::access_token("t"))
        .proxy(proxy.url())
        .build()
        .unwrap();
    in_time("the answer", read(&client)).await.unwrap();
    assert_eq!(proxy.requests_len(), 1);
}

#[tokio::test]
async fn a_failed_connection_names_host_and_port_and_the_proxy() {
    let (service, proxy) = (Reserved::new(), Reserved::new());
    let authority = |reserved: &Reserved| reserved.url().trim_start_matches("http://").to_owned();
    let (service_authority, proxy_authority) = (authority(&service), authority(&proxy));
    let direct = builder(service.url());
    let through = builder(service.url()).proxy(proxy.url().replace("://", "://me:canary@"));
    for (builder, expected) in [
        (
            direct,
            format!("no connection to {service_authority} could"),
        ),
        (
            through,
            format!(
                "no connection to {service_authority} through the proxy {proxy_authority} could"
            ),
        ),
    ] {
        let builder = builder.credentials(Credentials::access_token("t"));
        let client = builder.retry_policy(attempts(1)).build().unwrap();
        let error = in_time("a refusal", read(&client)).await.unwrap_err();
        let shown = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Connect, "{shown}");
        assert!(shown.contains(&expected), "{shown}");
        assert!(shown.contains("refused"), "{shown}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
