//! Secrets in odd places of a request, of which nothing may be in the history.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use cloudally_sandbox::Sandbox;
use serde_json::json;

use crate::api::{Answer, Api, small};

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
        let api = Api::anonymous(&sandbox);
        ask_with(&api, &text).await;
        let remembered = remembered(&sandbox).await;
        assert!(!remembered.contains(CANARY), "{text}: {remembered}");
        assert!(!remembered.contains(&encoded), "{text}: {remembered}");
        // What stands beside it is still there.
        let requests = sandbox.requests();
        assert_eq!(requests.count(), 4);
        let asked = requests.matching(|request| request.query_value("page") == Some("1"));
        assert_eq!(asked.count(), 1, "{text}: {remembered}");
    }
}

#[tokio::test]
async fn what_a_longer_value_calls_a_secret_is_one_everywhere() {
    let sandbox = small().await;
    let api = Api::anonymous(&sandbox);
    let referer = format!("https://example.com/a?password={}", encoded(CANARY));
    let request = api
        .request("POST", &format!("/v1/restore?q={}", encoded(CANARY)))
        .header("referer", referer)
        .json(&json!({"note": format!("it is {CANARY}!")}));
    Answer::to(request).await;
    // The body of a form is not kept, but it tells what is secret.
    let request = api
        .request("POST", &format!("/auth?q={}", encoded(CANARY)))
        .body(format!("grant_type=password&password={}", encoded(CANARY)));
    Answer::to(request).await;
    let remembered = remembered(&sandbox).await;
    for canary in [CANARY, &encoded(CANARY)] {
        assert!(!remembered.contains(canary), "{remembered}");
    }
}

#[tokio::test]
async fn a_user_and_password_in_base64_are_found_wherever_they_stand() {
    let sandbox = small().await;
    let partner = sandbox.partner();
    for (user, password) in [
        ("somebody@example.com", CANARY),
        ("somebody", "p\u{e4}ss:w\u{f6}rd"),
        (partner.email(), partner.password()),
        (partner.client_id(), partner.client_secret()),
        ("", partner.password()),
    ] {
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let basic = engine.encode(format!("{user}:{password}"));
            let within = [
                basic.clone(),
                format!("Basic {basic}"),
                format!("it was ({basic})."),
                format!("https://example.com/a/{basic}/b?c={basic}"),
            ];
            sandbox.clear_requests();
            let api = Api::anonymous(&sandbox);
            for text in within {
                ask_with(&api, &text).await;
            }
            let remembered = remembered(&sandbox).await;
            for canary in [basic.clone(), encoded(&basic)] {
                assert!(!remembered.contains(&canary), "{canary}: {remembered}");
            }
        }
    }
    // A password that came with its user is known from there on.
    sandbox.clear_requests();
    let api = Api::anonymous(&sandbox);
    let basic = STANDARD.encode(format!("somebody:{CANARY}"));
    let request = api
        .request("GET", &format!("/v1/partners?q={}", encoded(CANARY)))
        .header("authorization", format!("Basic {basic}"));
    Answer::to(request).await;
    let remembered = remembered(&sandbox).await;
    assert!(!remembered.contains(&encoded(CANARY)), "{remembered}");
}

#[tokio::test]
async fn a_secret_in_the_name_of_a_header_is_found_though_names_have_no_capitals() {
    let sandbox = Sandbox::builder()
        .data_json(
            r#"{"accounts": [{"kind": "partner", "clientId": "c-1", "clientSecret": "MyCanaryOfCapitals",
                "email": "a@example.com", "password": "AnotherOfThem"}]}"#,
        )
        .start()
        .await
        .unwrap();
    let api = Api::anonymous(&sandbox);
    for name in ["X-MyCanaryOfCapitals", "AnotherOfThem"] {
        Answer::to(api.request("GET", "/v1/partners").header(name, "1")).await;
    }
    // One that the request itself tells of.
    let request = api.request("POST", "/auth").header("X-OneMoreCanary", "1");
    Answer::to(request.json(&json!({"password": "OneMoreCanary"}))).await;
    let remembered = remembered(&sandbox).await.to_lowercase();
    for canary in ["mycanaryofcapitals", "anotherofthem", "onemorecanary"] {
        assert!(!remembered.contains(canary), "{canary}: {remembered}");
    }
}

#[tokio::test]
async fn what_only_looks_like_a_secret_is_kept() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let page = api.get("/v1/partners/tasks?pageSize=5").await.json();
    let token = page["nextPageToken"].as_str().unwrap();
    let kept = [
        format!("https://example.com/v1/partners/tasks?pageSize=5&nextPageToken={token}"),
        "at 12:30:00, of 5: password".to_owned(),
        "tokenType=Bearer".to_owned(),
        STANDARD.encode(r#"{"a": 1}"#),
        "0190f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5a6".to_owned(),
        "https://example.com:8080/v1/backup-tasks".to_owned(),
    ];
    for text in &kept {
        let request = api.request("POST", "/v1/restore").header("referer", text);
        Answer::to(request.json(&json!({"note": text}))).await;
        let requests = sandbox.requests();
        let last = requests.last().unwrap();
        assert_eq!(last.header("referer"), Some(text.as_str()));
        assert_eq!(last.body, Some(json!({"note": text})));
    }
}
