//! What each kind of credentials sends, and where.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cloudally::{Credentials, ErrorKind, TemporaryToken};
use serde_json::{Value, json};
use std::error::Error as _;

use cloudally_contract::server::{Request, Server, json as answer};
use cloudally_contract::setup::{
    READ, SECOND, SIGN_IN, begin, builder, finish, many, partner, profile, read, renewing,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

fn pair(request: &Request) -> (Option<&str>, Option<&str>) {
    (request.header("client-id"), request.header("client-secret"))
}

const BOTH: (Option<&str>, Option<&str>) = (Some("id"), Some("secret"));
const NEITHER: (Option<&str>, Option<&str>) = (None, None);

#[tokio::test]
async fn each_kind_of_credentials_signs_in_in_its_own_way() {
    let user = Credentials::portal("me@example.com", "password");
    for (credentials, path, body, headers) in [
        (
            partner(),
            SIGN_IN,
            json!({"clientId": "id", "clientSecret": "secret"}),
            BOTH,
        ),
        (
            partner().with_user("me@example.com", "password"),
            SIGN_IN,
            json!({
                "clientId": "id", "clientSecret": "secret",
                "email": "me@example.com", "password": "password"
            }),
            BOTH,
        ),
        (
            user.clone(),
            "/auth",
            json!({"email": "me@example.com", "password": "password"}),
            NEITHER,
        ),
        (
            user.with_client("id", "secret"),
            "/auth",
            json!({"email": "me@example.com", "password": "password"}),
            BOTH,
        ),
    ] {
        let server = renewing(100);
        let client = builder(server.url())
            .credentials(credentials)
            .build()
            .unwrap();
        read(&client).await.unwrap();
        let [sign_in, call] = &server.requests()[..] else {
            panic!("{:?}", server.requests());
        };
        assert_eq!(
            (sign_in.method.as_str(), sign_in.path.as_str()),
            ("POST", path)
        );
        assert_eq!(serde_json::from_str::<Value>(&sign_in.body).unwrap(), body);
        assert_eq!(
            (pair(sign_in), sign_in.header("authorization")),
            (headers, None)
        );
        assert_eq!((pair(call), call.token()), (headers, "t0"));
        for request in [sign_in, call] {
            assert_eq!(request.header("api-version"), None);
            assert_eq!(request.query, None);
        }
    }
}

#[tokio::test]
async fn a_ready_token_is_used_until_it_is_refused_and_never_renewed() {
    let server = Server::start(|request| match request.connection {
        0 if request.path == READ => profile(),
        _ => answer(401, "{}"),
    });
    let client = builder(server.url())
        .credentials(Credentials::access_token("mine"))
        .build()
        .unwrap();
    read(&client).await.unwrap();
    assert_eq!(server.requests()[0].token(), "mine");

    let server = Server::start(|_| answer(401, "{}"));
    let client = builder(server.url())
        .credentials(Credentials::access_token("mine"))
        .build()
        .unwrap();
    for _ in 0..3 {
        let error = in_time("the error", read(&client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(server.count_of(READ), 3, "one attempt each");
    assert_eq!(
        server.requests().len(),
        3,
        "and nobody is asked for another"
    );
}

#[tokio::test]
async fn a_provider_is_asked_when_there_is_no_token_when_it_expires_and_when_it_is_refused() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = Credentials::provider(move || {
        let number = count.fetch_add(1, Ordering::SeqCst);
        async move {
            let token = TemporaryToken::new(format!("p{number}"));
            Ok::<_, std::io::Error>(token.expires_in(100 * SECOND))
        }
    });
    let is_revoked = Arc::new(AtomicBool::new(false));
    let revoked = Arc::clone(&is_revoked);
    let server = Server::start(move |request| match request.token() {
        "p1" if revoked.load(Ordering::SeqCst) => answer(401, "{}"),
        _ => profile(),
    });
    let clock = FakeClock::new();
    let builder = builder(server.url()).credentials(provider);
    let client = builder.clock(Arc::new(clock.clone())).build().unwrap();
    read(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    clock.advance(101 * SECOND);
    read(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2, "p0 has expired");
    clock.advance(2 * SECOND);
    is_revoked.store(true, Ordering::SeqCst);
    read(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 3, "p1 was refused");
    let tokens: Vec<_> = server
        .requests()
        .iter()
        .map(|call| call.token().to_owned())
        .collect();
    assert_eq!(tokens, ["p0", "p1", "p1", "p2"]);
    assert!(server.requests().iter().all(|call| pair(call) == NEITHER));
}

#[tokio::test]
async fn a_provider_that_fails_is_asked_once_for_all_and_its_error_is_the_source() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = Credentials::provider(move || {
        let number = count.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            match number {
                0 => Err(std::io::Error::other("the vault is shut")),
                _ => Ok(TemporaryToken::new("p")),
            }
        }
    });
    let server = Server::start(|_| profile());
    let client = builder(server.url()).credentials(provider).build().unwrap();
    let mut calls = many(&client, 1_000);
    for call in &mut calls {
        begin(call).await;
    }
    for result in in_time("the errors", finish(calls)).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.to_string().contains(": the vault is shut"), "{error}");
        assert!(error.cause().unwrap().is::<std::io::Error>());
        assert!(error.source().is_none(), "the message is not shown twice");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    read(&client).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_panics_is_asked_once_for_all_and_the_next_call_recovers() {
    for in_future in [false, true] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let provider = Credentials::provider(move || {
            let panics = count.fetch_add(1, Ordering::SeqCst) == 0;
            assert!(in_future || !panics, "made to panic");
            async move {
                assert!(!panics, "made to panic");
                Ok::<_, std::io::Error>(TemporaryToken::new("p"))
            }
        });
        let server = Server::start(|_| profile());
        let client = builder(server.url())
            .credentials(provider)
            .sleep(Arc::new(NoWait::default()))
            .build()
            .unwrap();
        let mut calls = many(&client, 1_000);
        for call in &mut calls {
            begin(call).await;
        }
        let results = in_time("the errors", finish(calls)).await;
        assert_eq!(
            asked.load(Ordering::SeqCst),
            1,
            "asked once for all who waited"
        );
        for result in results {
            let error = result.unwrap_err();
            assert!(
                !error.to_string().contains("runtime"),
                "it did not shut down: {error}"
            );
        }
        read(&client).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
