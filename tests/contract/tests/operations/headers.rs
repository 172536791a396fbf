//! The headers of every request.

use cloudally::ClientHeaders;
use cloudally_contract::answer::Answer;
use cloudally_contract::made_up::ACCESS_TOKEN;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_contract::{calls, fixtures};
use serde_json::json;

use crate::after_sign_in;

#[tokio::test]
async fn on_request_only_the_sign_in_carries_the_client_s_headers() {
    let calls: Vec<_> = calls::all()
        .into_iter()
        .filter(|call| !call.is_sign_in())
        .collect();
    let service = Service::signed_in(calls.iter().map(calls::Call::good));
    let client = service
        .builder()
        .client_headers(ClientHeaders::SignInOnly)
        .build()
        .unwrap();
    for call in &calls {
        (call.run)(client.clone()).await.unwrap();
    }
    let bare = calls.into_iter().map(|call| call.request.without_client());
    service.assert_saw(after_sign_in(bare));
}

#[tokio::test]
async fn a_bare_token_is_sent_without_a_sign_in() {
    let service = Service::answering([Answer::ok(&fixtures::full("partner"))]);
    let credentials = cloudally::Credentials::access_token(ACCESS_TOKEN);
    let client = service.builder().credentials(credentials).build().unwrap();
    client.partners().profile().await.unwrap();
    service.assert_saw([Request::get("/v1/partners").without_client()]);
}

#[tokio::test]
async fn the_scheme_of_the_authorization_is_the_one_that_the_sign_in_answers() {
    for (scheme, expected) in [
        (json!("MAC"), "MAC"),
        (json!(null), "Bearer"),
        (json!(""), "Bearer"),
    ] {
        let token = json!({"accessToken": ACCESS_TOKEN, "tokenType": scheme});
        let partner = Answer::ok(&fixtures::full("partner"));
        let service = Service::answering([Answer::ok(&token), partner]);
        service.client().partners().profile().await.unwrap();
        let authorization = format!("{expected} {ACCESS_TOKEN}");
        service.assert_saw(after_sign_in([
            Request::get("/v1/partners").header("authorization", &authorization)
        ]));
    }
}

#[tokio::test]
async fn the_user_agent_can_be_replaced() {
    let service = Service::signed_in([Answer::ok(&fixtures::full("partner"))]);
    let client = service
        .builder()
        .user_agent("morning-check/1")
        .build()
        .unwrap();
    client.partners().profile().await.unwrap();
    let agent = |request: Request| request.header("user-agent", "morning-check/1");
    service.assert_saw([
        agent(Request::sign_in()),
        agent(Request::get("/v1/partners")),
    ]);
}

#[tokio::test]
async fn the_renewal_by_refresh_token_carries_the_client_s_headers_like_every_request() {
    let script = [
        Answer::signed_in(),
        Answer::empty(401),
        Answer::signed_in(),
        Answer::ok(&fixtures::full("partner")),
    ];
    let service = Service::answering(script);
    service.client().partners().profile().await.unwrap();
    let read = Request::get("/v1/partners");
    service.assert_saw([Request::sign_in(), read.clone(), Request::refresh(), read]);
}
