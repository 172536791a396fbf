//! No secret is shown by the types, nor by any failure of any operation.

use cloudally::ErrorKind;
use cloudally::types::{AccessToken, Secret};
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::fixtures;
use cloudally_contract::made_up::{
    ACCESS_TOKEN, CANARY, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN,
};
use cloudally_contract::service::{NOBODY, Service};
use serde_json::json;

use crate::shown::Shown;

#[test]
fn the_secrets_of_these_tests_are_all_canaries() {
    for secret in [CLIENT_SECRET, PASSWORD, ACCESS_TOKEN, REFRESH_TOKEN] {
        assert!(secret.contains(CANARY), "{secret}");
    }
    assert!(!CLIENT_ID.contains(CANARY) && !EMAIL.contains(CANARY));
}

#[test]
fn the_types_show_none() {
    let token: AccessToken = serde_json::from_value(fixtures::full("access_token")).unwrap();
    let mut shown = Shown::default();
    shown.debug(&(token, Secret::from(PASSWORD)));
    let login: cloudally_gen::types::LoginBody =
        serde_json::from_value(json!({"email": EMAIL, "password": PASSWORD})).unwrap();
    let partner: cloudally_gen::types::PartnerLoginBody = serde_json::from_value(json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "email": EMAIL, "password": PASSWORD,
    }))
    .unwrap();
    let refresh: cloudally_gen::types::RefreshTokenBody =
        serde_json::from_value(json!({"refreshToken": REFRESH_TOKEN})).unwrap();
    shown.debug(&(login, partner, refresh));
    shown.assert_clean();
}

#[test]
fn the_raw_client_its_session_and_its_requests_show_none() {
    use cloudally_gen::session::{ClientCredentials, Session};
    use cloudally_gen::types::LoginBody;
    let mut shown = Shown::default();
    let mut session = Session::new();
    session = session.authorization(format!("Bearer {ACCESS_TOKEN}").try_into().unwrap());
    let client = ClientCredentials::new(CLIENT_ID, &Secret::from(CLIENT_SECRET)).unwrap();
    assert_eq!(format!("{client:?}"), "ClientCredentials");
    session = session.client(client);
    shown.debug(&session);
    let raw = cloudally_gen::Client::new_with_client(NOBODY, reqwest::Client::new(), session);
    shown.debug(&raw);
    let body: LoginBody =
        serde_json::from_value(json!({"email": EMAIL, "password": PASSWORD})).unwrap();
    let request = raw.login(body).client_secret(Secret::from(CLIENT_SECRET));
    shown.debug(&request);
    shown.assert_clean();
}

#[tokio::test]
async fn no_failure_of_any_operation_shows_one() {
    let mut shown = Shown::default();
    let mut kinds = std::collections::HashSet::new();
    for call in calls::all() {
        let service = Service::answering(call.before());
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
            shown.error(&error);
            shown.debug(&client);
            kinds.insert(error.kind());
        }
    }
    shown.assert_clean();
    assert!(
        kinds.len() >= 8,
        "the failures are of many kinds: {kinds:?}"
    );
}

#[tokio::test]
async fn no_failed_connection_shows_one() {
    let mut shown = Shown::default();
    for call in calls::all() {
        let service = Service::answering([]);
        let client = service.builder().base_url(NOBODY).build().unwrap();
        let error = (call.run)(client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.cause().is_some());
        shown.error(&error);
    }
    shown.assert_clean();
}
