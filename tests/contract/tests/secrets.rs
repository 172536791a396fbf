//! No secret is shown, whatever happens. Every secret of these tests has one word in it, which
//! nothing shown may have.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error as _;
use std::fmt::Write as _;

use cloudally::types::{AccessToken, Secret};
use cloudally::{Client, Credentials, ErrorKind};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::fixtures;
use cloudally_contract::made_up::{
    ACCESS_TOKEN, CANARY, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN, partner, portal,
};
use cloudally_contract::service::{NOBODY, Service};
use serde_json::json;

#[track_caller]
fn assert_hidden(shown: &str) {
    assert!(!shown.contains(CANARY), "a secret is shown: {shown}");
}

/// All that can be shown of an error.
fn shown(error: &cloudally::Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        write!(shown, " {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    shown
}

fn all_credentials() -> [Credentials; 5] {
    [
        partner(),
        partner().with_user(EMAIL, PASSWORD),
        portal(),
        portal().with_client(CLIENT_ID, CLIENT_SECRET),
        Credentials::access_token(ACCESS_TOKEN),
    ]
}

#[test]
fn the_secrets_of_these_tests_are_all_canaries() {
    for secret in [CLIENT_SECRET, PASSWORD, ACCESS_TOKEN, REFRESH_TOKEN] {
        assert!(secret.contains(CANARY), "{secret}");
    }
    assert!(!CLIENT_ID.contains(CANARY) && !EMAIL.contains(CANARY));
}

#[tokio::test]
async fn credentials_builder_and_client_show_none_before_and_after_use() {
    for credentials in all_credentials() {
        assert_hidden(&format!("{credentials:?} {credentials:#?}"));
        let script = if format!("{credentials:?}").contains("Token") {
            vec![Answer::ok(&fixtures::full("partner"))]
        } else {
            vec![Answer::signed_in(), Answer::ok(&fixtures::full("partner"))]
        };
        let service = Service::answering(script).await;
        let builder = service.builder().credentials(credentials);
        assert_hidden(&format!("{builder:?} {builder:#?}"));
        let client = builder.build().unwrap();
        assert_hidden(&format!("{client:?} {client:#?}"));
        client.partners().profile().await.unwrap();
        assert_hidden(&format!("{client:?} {client:#?}"));
        assert_hidden(&format!(
            "{:?} {:?}",
            client.partners(),
            client.authentication()
        ));
        assert_hidden(&format!(
            "{:?} {:?}",
            client.tasks().list(),
            client.restores().job("J-1")
        ));
    }
}

#[test]
fn the_types_show_none() {
    let token: AccessToken = serde_json::from_value(fixtures::full("access_token")).unwrap();
    assert_hidden(&format!(
        "{token:?} {token:#?} {:?}",
        Secret::from(PASSWORD)
    ));
    let login: cloudally_gen::types::LoginBody =
        serde_json::from_value(json!({"email": EMAIL, "password": PASSWORD})).unwrap();
    let partner: cloudally_gen::types::PartnerLoginBody = serde_json::from_value(json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "email": EMAIL, "password": PASSWORD,
    }))
    .unwrap();
    let refresh: cloudally_gen::types::RefreshTokenBody =
        serde_json::from_value(json!({"refreshToken": REFRESH_TOKEN})).unwrap();
    assert_hidden(&format!("{login:?} {partner:?} {refresh:?}"));
}

#[test]
fn the_raw_client_its_session_and_its_requests_show_none() {
    use cloudally_gen::session::{ClientCredentials, Session};
    use cloudally_gen::types::LoginBody;
    let mut session = Session::new();
    session = session.authorization(format!("Bearer {ACCESS_TOKEN}").try_into().unwrap());
    let client = ClientCredentials::new(CLIENT_ID, &Secret::from(CLIENT_SECRET)).unwrap();
    assert_eq!(format!("{client:?}"), "ClientCredentials");
    session = session.client(client);
    assert_hidden(&format!("{session:?} {session:#?}"));
    let raw = cloudally_gen::Client::new_with_client(NOBODY, reqwest::Client::new(), session);
    assert_hidden(&format!("{raw:?} {raw:#?}"));
    let body: LoginBody =
        serde_json::from_value(json!({"email": EMAIL, "password": PASSWORD})).unwrap();
    let request = raw.login(body).client_secret(Secret::from(CLIENT_SECRET));
    assert_hidden(&format!("{request:?} {request:#?}"));
}

#[tokio::test]
async fn no_failure_of_any_operation_shows_one() {
    let mut kinds = std::collections::HashSet::new();
    for call in calls::all() {
        let service = Service::answering(call.before()).await;
        let client = service
            .builder()
            .retry_policy(cloudally::RetryPolicy::never())
            .build()
            .unwrap();
        if !call.is_sign_in() {
            client.sign_in().await.unwrap();
        }
        for answer in [
            Answer::spring(400, "Bad request"),
            Answer::empty(403),
            Answer::spring(404, "Nothing here"),
            Answer::empty(429).header("retry-after", "7"),
            Answer::spring(500, "Oh no"),
            Answer::html(502),
            Answer::empty(307).header("location", "https://elsewhere.example.com/"),
            Answer::html(200),
            Answer::empty(200),
            Answer::empty(401),
        ] {
            service.answers_next([answer]);
            // Even a restore fails on all of them: none of the successes tells its id.
            let error = (call.run)(client.clone()).await.unwrap_err();
            assert_hidden(&shown(&error));
            assert_hidden(&format!("{client:?}"));
            kinds.insert(error.kind());
        }
    }
    assert!(
        kinds.len() >= 8,
        "the failures are of many kinds: {kinds:?}"
    );
}

#[tokio::test]
async fn no_failed_connection_shows_one() {
    for call in calls::all() {
        let service = Service::answering([]).await;
        let client = service.builder().base_url(NOBODY).build().unwrap();
        let error = (call.run)(client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.cause().is_some());
        assert_hidden(&shown(&error));
    }
}

#[tokio::test]
async fn a_sign_in_whose_answer_cannot_be_read_shows_nothing_of_it() {
    let canary = |name: &str, value: serde_json::Value| {
        let mut answer = fixtures::full("access_token");
        answer[name] = value;
        answer
    };
    for answer in [
        json!(ACCESS_TOKEN),
        json!([ACCESS_TOKEN]),
        canary("accessToken", json!([ACCESS_TOKEN])),
        canary("accessToken", json!({ACCESS_TOKEN: ACCESS_TOKEN})),
        canary("tokenType", json!({"canary": "canary"})),
        canary("refreshToken", json!([REFRESH_TOKEN])),
        canary("accessToken", json!("canary\n")),
    ] {
        for id in ["login", "partnerLogin", "refreshToken"] {
            let service = Service::answering([Answer::ok(&answer)]).await;
            // An odd token is no trouble to who signs in by hand.
            if let Err(error) = (calls::of(id).run)(service.client()).await {
                assert_hidden(&shown(&error));
            }
        }
        let service = Service::answering([Answer::ok(&answer)]).await;
        let error = service.client().partners().profile().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert_hidden(&shown(&error));
    }
}

#[tokio::test]
async fn a_secret_that_no_header_can_carry_is_an_error_that_does_not_show_it() {
    let service = Service::answering([]).await;
    for credentials in [
        Credentials::partner(CLIENT_ID, "canary\n"),
        Credentials::access_token("canary\n"),
        portal().with_client(CLIENT_ID, "canary\n"),
    ] {
        let error = service
            .builder()
            .credentials(credentials)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_hidden(&shown(&error));
    }
    service.assert_saw([]);
}

#[test]
fn a_base_url_with_a_password_is_refused_without_showing_it() {
    for url in [
        "https://me:canary@api.example.com",
        "ftp://canary",
        "http://canary.example.com",
    ] {
        let error = Client::builder()
            .credentials(partner())
            .base_url(url)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_hidden(&shown(&error));
    }
}
