//! Every refusal has the same form.

use std::collections::HashSet;

use crate::api::{Answer, Api, small, small_as_distributor, small_as_partner};

#[tokio::test]
async fn unknown_paths_are_404() {
    let sandbox = small().await;
    for api in [Api::anonymous(&sandbox), Api::partner(&sandbox).await] {
        for path in ["/v1", "/v1/partners/", "/v3/partners", "/auth/partner/x"] {
            api.get(path).await.is_error(404, "Not Found", path);
        }
        let query = api.get("/nothing?secret=1").await;
        query.is_error(404, "Not Found", "/nothing");
    }
}

#[tokio::test]
async fn unknown_ids_are_404() {
    let (_sandbox, api) = small_as_distributor().await;
    for path in [
        "/v1/backup-tasks/unknown",
        "/v1/partners/resellers/unknown",
        "/v1/restore/unknown",
    ] {
        api.get(path).await.is_error(404, "Not Found", path);
    }
    let not_text = "/v1/backup-tasks/%ff";
    api.get(not_text)
        .await
        .is_error(400, "Bad Request", not_text);
}

#[tokio::test]
async fn wrong_methods_are_405() {
    let (_sandbox, api) = small_as_partner().await;
    for (method, path, allowed) in [
        ("GET", "/auth", "POST"),
        ("DELETE", "/v1/partners/users", "GET,HEAD"),
        ("POST", "/v1/backup-tasks/x", "GET,HEAD"),
        ("PUT", "/v1/restore", "POST"),
    ] {
        let answer = Answer::to(api.request(method, path)).await;
        answer.is_error(405, "Method Not Allowed", path);
        assert_eq!(answer.headers["allow"], allowed);
    }
}

#[tokio::test]
async fn bad_bodies_are_400() {
    let (_sandbox, api) = small_as_partner().await;
    for path in [
        "/auth",
        "/auth/partner",
        "/v2/auth/partner",
        "/auth/refresh",
        "/v1/restore",
    ] {
        for body in ["", "{", "[]", "null", "\"hunter2\"", "7", "{} {}"] {
            let request = api
                .request("POST", path)
                .header("content-type", "application/json")
                .body(body);
            let answer = Answer::to(request).await;
            answer.is_error(400, "Bad Request", path);
            assert!(!answer.text.contains("hunter2"));
        }
        let answer = Answer::to(api.request("POST", path).body("{}")).await;
        answer.is_error(415, "Unsupported Media Type", path);
    }
}

#[tokio::test]
async fn a_huge_body_is_413() {
    let (_sandbox, api) = small_as_partner().await;
    let answer = api
        .post(
            "/v1/restore",
            &serde_json::json!({"note": "x".repeat(3 << 20)}),
        )
        .await;
    answer.is_error(413, "Payload Too Large", "/v1/restore");
}

#[tokio::test]
async fn every_response_has_a_request_id() {
    let (_sandbox, api) = small_as_partner().await;
    let mut ids = HashSet::new();
    for path in [
        "/v1/partners",
        "/v1/partners/resellers",
        "/nothing",
        "/auth",
    ] {
        let answer = api.get(path).await;
        ids.insert(answer.headers["x-request-id"].to_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 4);
}
