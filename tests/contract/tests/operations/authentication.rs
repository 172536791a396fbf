//! Signing in.

use std::time::Duration;

use cloudally::Credentials;
use cloudally_contract::answer::Answer;
use cloudally_contract::fixtures;
use cloudally_contract::made_up::{
    ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN,
};
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use serde_json::json;

#[tokio::test]
async fn a_portal_user_signs_in_by_address_and_password() {
    let service = Service::answering([Answer::signed_in()]);
    let token = service
        .client()
        .authentication()
        .login(EMAIL, PASSWORD)
        .await
        .unwrap();
    assert_eq!(token.access_token.unwrap().expose(), ACCESS_TOKEN);
    assert_eq!(token.refresh_token.unwrap().expose(), REFRESH_TOKEN);
    assert_eq!(token.token_type.as_deref(), Some("Bearer"));
    assert_eq!(
        token.expires_in.unwrap().duration(),
        Some(Duration::from_secs(3600))
    );
    assert_eq!(token.extra["scope"], "read write");
    let seen = service.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line(), "POST /auth");
    assert_eq!(seen[0].body, json!({"email": EMAIL, "password": PASSWORD}));
}

#[tokio::test]
async fn a_sign_in_by_hand_takes_the_answer_as_it_comes() {
    let service = Service::answering([Answer::ok(&fixtures::odd("access_token"))]);
    let token = service
        .client()
        .authentication()
        .login(EMAIL, PASSWORD)
        .await
        .unwrap();
    assert!(
        token.refresh_token.is_none() && token.expires_in.is_none() && token.token_type.is_none()
    );
    assert_eq!(
        token.extra["mfa"],
        json!({"required": false, "method": null})
    );
}

#[tokio::test]
async fn a_partner_signs_in_by_client_id_and_secret_in_body_and_headers() {
    let service = Service::answering([Answer::signed_in()]);
    let other = service
        .builder()
        .credentials(Credentials::portal(EMAIL, PASSWORD))
        .build()
        .unwrap();
    let by_hand = other.authentication();
    let sign_in = by_hand.partner_login(CLIENT_ID, CLIENT_SECRET);
    assert_eq!(
        sign_in.await.unwrap().access_token.unwrap().expose(),
        ACCESS_TOKEN
    );
    service.assert_saw([Request::sign_in()]);
}

#[tokio::test]
async fn a_partner_signs_in_for_a_user_with_all_four() {
    let body = json!({
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "email": EMAIL,
        "password": PASSWORD,
    });
    let expected = Request::post("/auth/partner", body).without("authorization");

    let service = Service::answering([Answer::signed_in()]);
    let by_hand = service.client().authentication();
    let sign_in = by_hand.partner_login_as(CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD);
    sign_in.await.unwrap();
    service.assert_saw([expected]);
}

#[tokio::test]
async fn a_refresh_token_is_traded_for_new_tokens() {
    let answer = json!({"accessToken": "canary-2", "refreshToken": "canary-3", "expiresIn": "60"});
    let service = Service::answering([Answer::ok(&answer)]);
    let by_hand = service.client().authentication();
    let token = by_hand.refresh_token(REFRESH_TOKEN).await.unwrap();
    assert_eq!(token.access_token.unwrap().expose(), "canary-2");
    assert_eq!(token.refresh_token.unwrap().expose(), "canary-3");
    assert_eq!(
        token.expires_in.unwrap().duration(),
        Some(Duration::from_secs(60))
    );
    let seen = service.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line(), "POST /auth/refresh");
    assert_eq!(seen[0].body, json!({"refreshToken": REFRESH_TOKEN}));
    assert!(!seen[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn signing_in_early_happens_once() {
    let service = Service::signed_in([Answer::ok(&fixtures::full("partner"))]);
    let client = service.client();
    client.sign_in().await.unwrap();
    client.sign_in().await.unwrap();
    client.partners().profile().await.unwrap();
    service.assert_saw([Request::sign_in(), Request::get("/v1/partners")]);
}
