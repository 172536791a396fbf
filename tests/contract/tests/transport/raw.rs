//! The generated client as it is: with the token and headers of now, and nothing tried again.

use std::sync::Arc;

use cloudally::types::RestoreRequest;
use cloudally::{Client, ClientHeaders, Credentials, ErrorKind, raw};
use futures_util::FutureExt;

use cloudally_contract::server::{Reserved, Server, json, reply};
use cloudally_contract::setup::{
    READ, RESTORE, SECOND, SIGN_IN, builder, profile, read, tokens, with_token,
};
use cloudally_contract::time::{FakeClock, in_time};

fn service() -> Server {
    Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, Some(3600)),
        RESTORE => json(201, r#"{"jobId": "J"}"#),
        _ => profile(),
    })
}

async fn raw_of(client: &Client) -> raw::Client {
    in_time("the raw client", client.raw()).await.unwrap()
}

#[tokio::test]
async fn its_calls_carry_the_token_and_the_headers_of_the_client() {
    let server = service();
    let client = builder(server.url()).build().unwrap();
    let raw = raw_of(&client).await;
    let partner = raw.get_partner().send().await.unwrap();
    assert_eq!(partner.status().as_u16(), 200);
    assert_eq!(partner.headers()["content-type"], "application/json");
    assert_eq!(
        partner
            .into_inner()
            .partner_id
            .as_ref()
            .map(|id| id.as_str()),
        Some("P-1")
    );
    let tasks = raw.list_partner_tasks().page_size(7_u32).page(2).send();
    tasks.await.unwrap();
    let restore = raw.create_restore_request(RestoreRequest::default());
    let job = restore.send().await.unwrap().into_inner();
    assert_eq!(job.job_id.as_ref().map(|id| id.as_str()), Some("J"));
    let requests = server.requests();
    let [_, reads @ ..] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(reads.len(), 3);
    for request in reads {
        assert_eq!(request.token(), "t0", "{request:?}");
        assert_eq!(request.header("client-id"), Some("id"));
        assert_eq!(request.header("client-secret"), Some("secret"));
        assert_eq!(request.header("api-version"), None);
    }
    let mut query: Vec<_> = reads[1].query.as_deref().unwrap().split('&').collect();
    query.sort_unstable();
    assert_eq!(query, ["page=2", "pageSize=7"]);
    assert_eq!(server.count_of(SIGN_IN), 1);
}

#[tokio::test]
async fn it_leaves_out_the_client_headers_as_the_client_does() {
    let server = service();
    let builder = builder(server.url()).client_headers(ClientHeaders::SignInOnly);
    let raw = raw_of(&builder.build().unwrap()).await;
    raw.get_partner().send().await.unwrap();
    let request = &server.requests()[1];
    assert_eq!(request.token(), "t0");
    assert_eq!(request.header("client-id"), None);
}

#[tokio::test]
async fn it_is_given_a_token_that_is_good() {
    let server = service();
    let clock = FakeClock::new();
    let builder = builder(server.url()).clock(Arc::new(clock.clone()));
    let client = builder.build().unwrap();
    raw_of(&client).await;
    raw_of(&client).await;
    assert_eq!(server.count_of(SIGN_IN), 1);
    clock.advance(4000 * SECOND);
    raw_of(&client).await;
    assert_eq!(server.count_of(SIGN_IN), 2);
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own() {
    let server = service();
    let client = with_token(&server).build().unwrap();
    read(&client).await.unwrap();
    let raw = raw_of(&client).await;
    for _ in 0..3 {
        raw.get_partner().send().await.unwrap();
        let restore = raw.create_restore_request(RestoreRequest::default());
        restore.send().await.unwrap();
    }
    let mut connections: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    connections.dedup();
    assert_eq!(connections, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn nothing_is_tried_again() {
    let server = Server::start(|_| json(503, "{}"));
    let raw = raw_of(&with_token(&server).build().unwrap()).await;
    let error = raw.get_partner().send().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 503);
    assert_eq!(server.requests_len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = service();
    let to = other.url();
    let server = Server::start(move |_| reply(307, &[("location", &to)], ""));
    let raw = raw_of(&with_token(&server).build().unwrap()).await;
    let error = raw.get_partner().send().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 307);
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn the_limit_of_bodies_holds() {
    let body = format!(r#"{{"contactName": "{}"}}"#, "x".repeat(10_000));
    for (limit, fits) in [(body.len(), true), (body.len() - 1, false)] {
        let body = body.clone();
        let server = Server::start(move |_| json(200, &body));
        let client = with_token(&server)
            .max_response_bytes(limit)
            .build()
            .unwrap();
        let answer = raw_of(&client).await.get_partner().send().await;
        assert_eq!(answer.is_ok(), fits, "{limit}");
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_is_its_error() {
    let server = Server::start(|_| json(401, r#"{"message": "no such client"}"#));
    let client = builder(server.url()).build().unwrap();
    let error = in_time("an error", client.raw())
        .await
        .map(drop)
        .unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(error.operation(), Some("partnerLogin"));
    assert_eq!(error.server_message(), Some("no such client"));

    let nobody = Reserved::new();
    let client = builder(nobody.url()).retry_policy(cloudally::RetryPolicy::never());
    let error = client.build().unwrap().raw().await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[test]
fn without_a_runtime_it_is_an_error_that_says_so() {
    for credentials in [
        cloudally_contract::setup::partner(),
        Credentials::access_token("t"),
    ] {
        let builder = builder("http://127.0.0.1:1").credentials(credentials);
        let client = builder.build().unwrap();
        let raw = client.raw().now_or_never().expect("it waits for nothing");
        let error = raw.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("runtime"), "{error}");
    }
}

/// It borrows nothing of the client.
#[tokio::test]
async fn it_outlives_the_client() {
    let server = service();
    let client = builder(server.url()).build().unwrap();
    let raw = tokio::spawn(client.raw()).await.unwrap().unwrap();
    drop(client);
    let call = tokio::spawn(async move { raw.get_partner().send().await.map(drop) });
    call.await.unwrap().unwrap();
    assert_eq!(server.count_of(READ), 1);
}
