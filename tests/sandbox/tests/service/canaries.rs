//! Secrets in odd places of a request, of which nothing may be in the history.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use cloudally_sandbox::Sandbox;
use serde_json::json;

use crate::api::{
    Answer, Api, client_body, person_body, small, small_as_anonymous, small_as_partner, started,
};

/// What nobody but the requests here knows.
const CANARY: &str = "c4nary?of+no&body";

/// All that is remembered, from Rust and over HTTP.
async fn remembered(sandbox: &Sandbox) -> String {
    let over_http = Api::anonymous(sandbox).get("/_sandbox/requests").await;
    format!("{:?} {}", sandbox.requests(), over_http.text)
}

fn encoded(text: &str) -> String {
    let bytes = text.bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

/// Asks with a text wherever a text can be: in a header, in the query, in the path, in a body.
async fn ask_with(api: &Api, text: &str) {
    let header = api.request("GET", "/v1/partners").header("referer", text);
    Answer::to(header).await;
    let path = format!("/v1/partners?next={}&page=1", encoded(text));
    Answer::to(api.request("GET", &path)).await;
    Answer::to(api.request("GET", &format!("/{}/x", encoded(text)))).await;
    let body = json!({"redirect": [text], "page": 2, text: "key"});
    api.post("/v1/restore", &body).await;
}

/// Checks that none of these is remembered, in clear or percent-encoded.
async fn forgets(sandbox: &Sandbox, secrets: &[&str]) {
    let remembered = remembered(sandbox).await;
    for secret in secrets {
        assert!(!remembered.contains(secret), "{secret}: {remembered}");
        assert!(
            !remembered.contains(&encoded(secret)),
            "{secret}: {remembered}"
        );
    }
}

#[tokio::test]
async fn secrets_are_not_kept_where_they_belong() {
    let sandbox = small().await;
    let account = sandbox.partner();
    let api = Api::anonymous(&sandbox);
    let mut body = client_body(account);
    body["email"] = json!(account.email());
    body["password"] = json!(account.password());
    let request = api
        .request("POST", "/auth/partner")
        .header("client-id", account.client_id())
        .header("client-secret", account.client_secret());
    let answer = Answer::to(request.json(&body)).await;
    let (access, refresh) = (answer.access_token(), answer.refresh_token());
    api.post("/auth/refresh", &json!({"refreshToken": refresh}))
        .await;
    let api = api.with_token(&access);
    api.get(&format!("/v1/partners?accessToken={access}")).await;
    let broken = format!("{{\"password\": \"{}\"", account.password());
    let request = api
        .request("POST", "/auth")
        .header("content-type", "application/json");
    Answer::to(request.body(broken)).await;

    let requests = sandbox.requests();
    assert_eq!(requests.count(), 4);
    forgets(
        &sandbox,
        &[
            account.client_secret(),
            account.password(),
            &access,
            &refresh,
        ],
    )
    .await;
    let first = requests.first().unwrap();
    assert_eq!(first.header("Client-Id"), Some(account.client_id()));
    assert_eq!(first.header("client-secret"), Some("[redacted]"));
    assert_eq!(first.body.as_ref().unwrap()["password"], "[redacted]");
    assert_eq!(first.body.as_ref().unwrap()["email"], account.email());
}

#[tokio::test]
async fn credentials_of_the_sandbox_are_found_wherever_they_stand() {
    let sandbox = small().await;
    let account = sandbox.portal_user();
    let api = Api::anonymous(&sandbox);
    let tokens = api.post("/auth", &person_body(account)).await;
    let (access, refresh) = (tokens.access_token(), tokens.refresh_token());
    sandbox.clear_requests();
    for secret in [
        account.client_secret(),
        account.password(),
        &access,
        &refresh,
    ] {
        sandbox.clear_requests();
        api.get(&format!("/v1/backup-tasks/{secret}")).await;
        api.get(&format!("/v1/partners?q={secret}&{secret}")).await;
        ask_with(&api, secret).await;
        ask_with(&api, &format!("is <{secret}>")).await;
        forgets(&sandbox, &[secret]).await;
        let requests = sandbox.requests();
        assert_eq!(requests.count(), 10);
        let first = requests.first().unwrap();
        assert_eq!(first.path, "/v1/backup-tasks/[redacted]");
        assert_eq!(first.operation, Some("getBackupTask"));
    }
}

#[tokio::test]
async fn a_named_secret_is_found_within_a_longer_value() {
    let encoded = encoded(CANARY);
    for text in [
        format!("https://example.com/a?password={encoded}"),
        format!("https://example.com/a?x=1&access_token={encoded}#top"),
        format!("https://example.com/login?next=%2Fa%3Fclient-secret%3D{encoded}%26b%3D1"),
        format!("https://somebody:{encoded}@example.com/a"),
        format!("x;pwd={encoded};y"),
        format!("apiKey = '{encoded}'"),
        format!("password: {encoded}, as ever"),
        format!(r#"{{"user": "a", "Password": "{encoded}"}}"#),
        format!(r#"{{\"password\":\"{encoded}\"}}"#),
    ] {
        let sandbox = small().await;
        ask_with(&Api::anonymous(&sandbox), &text).await;
        forgets(&sandbox, &[CANARY]).await;
        // What stands beside it is still there.
        let requests = sandbox.requests();
        assert_eq!(requests.count(), 4);
        let asked = requests.matching(|request| request.query_value("page") == Some("1"));
        assert_eq!(asked.count(), 1, "{text}");
    }
}

/// What the sandbox never heard of is known by what the request calls it, from there on.
#[tokio::test]
async fn what_a_request_calls_a_secret_is_one_everywhere() {
    let (sandbox, api) = small_as_anonymous().await;
    let encoded = encoded(CANARY);
    let basic = STANDARD.encode(format!("somebody:{CANARY}"));
    let post = |path: &str| api.request("POST", &format!("{path}?q={encoded}"));
    for request in [
        post("/v1/restore")
            .header(
                "referer",
                format!("https://example.com/a?password={encoded}"),
            )
            .json(&json!({"note": format!("it is {CANARY}!")})),
        // The body of a form is not kept, but it tells what is secret.
        post("/auth").body(format!("grant_type=password&password={encoded}")),
        post("/auth").header("authorization", format!("Basic {basic}")),
        post("/auth").json(&json!({"password": CANARY, "note": CANARY})),
        api.request(
            "GET",
            &format!("/v1/backup-tasks/{encoded}?password={encoded}"),
        ),
    ] {
        Answer::to(request).await;
    }
    assert_eq!(sandbox.requests().count(), 5);
    forgets(&sandbox, &[CANARY, &basic]).await;
}

#[tokio::test]
async fn a_user_and_password_in_base64_are_found_wherever_they_stand() {
    let sandbox = small().await;
    let partner = sandbox.partner();
    let api = Api::anonymous(&sandbox);
    for (user, password) in [
        ("somebody@example.com", CANARY),
        ("somebody", "p\u{e4}ss:w\u{f6}rd"),
        (partner.email(), partner.password()),
        (partner.client_id(), partner.client_secret()),
        ("", partner.password()),
    ] {
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let basic = engine.encode(format!("{user}:{password}"));
            sandbox.clear_requests();
            for text in [
                basic.clone(),
                format!("Basic {basic}"),
                format!("it was ({basic})."),
                format!("https://example.com/a/{basic}/b?c={basic}"),
            ] {
                ask_with(&api, &text).await;
            }
            forgets(&sandbox, &[&basic]).await;
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_name_of_a_header_is_found_though_names_have_no_capitals() {
    let data = r#"{"accounts": [{"kind": "partner", "clientId": "c-1", "email": "a@example.com",
        "clientSecret": "MyCanaryOfCapitals", "password": "AnotherOfThem"}]}"#;
    let sandbox = started(Sandbox::builder().data_json(data)).await;
    let api = Api::anonymous(&sandbox);
    // The last one is one that the request itself tells of.
    for name in ["X-MyCanaryOfCapitals", "AnotherOfThem", "X-OneMoreCanary"] {
        let request = api.request("POST", "/auth").header(name, "1");
        Answer::to(request.json(&json!({"password": "OneMoreCanary"}))).await;
    }
    let remembered = remembered(&sandbox).await.to_lowercase();
    for canary in ["mycanaryofcapitals", "anotherofthem", "onemorecanary"] {
        assert!(!remembered.contains(canary), "{canary}: {remembered}");
    }
}

#[tokio::test]
async fn what_only_looks_like_a_secret_is_kept() {
    let (sandbox, api) = small_as_partner().await;
    let page = api.get("/v1/partners/tasks?pageSize=5").await.json();
    let token = page["nextPageToken"].as_str().unwrap();
    let query = format!("pageSize=5&nextPageToken={token}");
    for text in [
        format!("https://example.com/v1/partners/tasks?{query}"),
        "at 12:30:00, of 5: password".to_owned(),
        "tokenType=Bearer".to_owned(),
        STANDARD.encode(r#"{"a": 1}"#),
        "0190f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5a6".to_owned(),
        "https://example.com:8080/v1/backup-tasks".to_owned(),
    ] {
        let body = json!({"note": text, "taskId": sandbox.tasks()[0]["id"], "entityName": "a@example.com", "snapshotDate": 20_260_301});
        let request = api.request("POST", &format!("/v1/restore?{query}"));
        Answer::to(request.header("referer", &text).json(&body)).await;
        let requests = sandbox.requests();
        let last = requests.last().unwrap();
        assert_eq!(last.header("referer"), Some(text.as_str()));
        assert_eq!(
            (last.query.as_deref(), &last.body),
            (Some(&*query), &Some(body))
        );
    }
}
