//! Every dialect of signing in, refusals, expiry and refresh.

use std::time::Duration;

use cloudally_sandbox::{Credentials, Sandbox};
use serde_json::{Value, json};

use crate::api::{
    Answer, Api, client_body, person_body, small, small_as_anonymous, standing_still, started,
};

async fn with_headers(
    sandbox: &Sandbox,
    path: &str,
    credentials: &Credentials,
    body: &Value,
) -> Answer {
    let request = Api::anonymous(sandbox)
        .request("POST", path)
        .header("client-id", &credentials.client_id)
        .header("client-secret", &credentials.client_secret);
    Answer::to(request.json(body)).await
}

fn union(client: &Credentials, person: &Credentials) -> Value {
    let mut body = client_body(client);
    body["email"] = json!(person.email);
    body["password"] = json!(person.password);
    body
}

#[tokio::test]
async fn the_client_in_the_body() {
    let sandbox = small().await;
    for (credentials, path) in [
        (sandbox.partner(), "/auth/partner"),
        (sandbox.partner(), "/v2/auth/partner"),
        (sandbox.distributor(), "/auth/partner"),
        (sandbox.reseller(), "/auth/partner"),
    ] {
        let answer = Api::anonymous(&sandbox)
            .post(path, &client_body(credentials))
            .await;
        assert_eq!(answer.status, 200);
        let body = answer.json();
        assert_eq!(body["tokenType"], "Bearer");
        assert_eq!(body["expiresIn"], 3600);
        assert_eq!(body.as_object().unwrap().len(), 4);
        assert_eq!(answer.access_token().split('.').count(), 3);
    }
}

#[tokio::test]
async fn the_client_in_headers() {
    let sandbox = small().await;
    let partner = sandbox.partner();
    for path in ["/auth/partner", "/v2/auth/partner", "/auth"] {
        let answer = with_headers(&sandbox, path, partner, &person_body(partner)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let api = Api::anonymous(&sandbox).with_token(&answer.access_token());
        assert_eq!(api.get("/v1/partners").await.status, 200);
    }
}

#[tokio::test]
async fn everything_at_once() {
    let sandbox = small().await;
    let (partner, distributor) = (sandbox.partner(), sandbox.distributor());
    let answer = with_headers(&sandbox, "/auth/partner", partner, &union(partner, partner)).await;
    assert_eq!(answer.status, 200);
    let answer = Api::anonymous(&sandbox)
        .post("/auth/partner", &union(partner, partner))
        .await;
    assert_eq!(answer.status, 200);
    for (headers, client, person) in [
        (distributor, partner, partner),
        (partner, distributor, partner),
        (partner, partner, distributor),
    ] {
        let answer = with_headers(&sandbox, "/auth/partner", headers, &union(client, person)).await;
        answer.is_error(401, "Unauthorized", "/auth/partner");
    }
}

#[tokio::test]
async fn a_portal_user_signs_in_with_or_without_the_client() {
    let sandbox = small().await;
    let user = sandbox.portal_user();
    let api = Api::anonymous(&sandbox);
    let mut answers = vec![api.post("/auth", &person_body(user)).await];
    for path in ["/auth", "/auth/partner", "/v2/auth/partner"] {
        answers.push(with_headers(&sandbox, path, user, &person_body(user)).await);
    }
    for path in ["/auth/partner", "/v2/auth/partner"] {
        answers.push(with_headers(&sandbox, path, user, &union(user, user)).await);
        answers.push(api.post(path, &union(user, user)).await);
    }
    // Whichever way in, it is the same person.
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let api = Api::anonymous(&sandbox).with_token(&answer.access_token());
        assert_eq!(api.get("/v1/backup-tasks").await.status, 200);
        assert_eq!(api.get("/v1/partners").await.status, 403);
    }
    for path in ["/auth", "/auth/partner", "/v2/auth/partner"] {
        let other = sandbox.distributor();
        let answer = with_headers(&sandbox, path, other, &person_body(user)).await;
        answer.is_error(401, "Unauthorized", path);
    }
}

#[tokio::test]
async fn a_client_by_itself_is_the_partner_and_no_portal_user() {
    let sandbox = small().await;
    // The two have the same client.
    let api = Api::client(&sandbox, sandbox.portal_user()).await;
    assert_eq!(
        api.get("/v1/partners").await.json(),
        *sandbox.partner_profile()
    );
    // Without a partner, the client of a portal user signs nobody in.
    let alone = r#"{"accounts": [{"kind": "portalUser", "clientId": "c", "clientSecret": "s",
        "email": "p@example.com", "password": "w", "userId": "u"}]}"#;
    let sandbox = started(Sandbox::builder().data_json(alone)).await;
    let body = json!({"clientId": "c", "clientSecret": "s"});
    let answer = Api::anonymous(&sandbox).post("/auth/partner", &body).await;
    answer.is_error(401, "Unauthorized", "/auth/partner");
}

#[tokio::test]
async fn wrong_credentials_are_401() {
    let sandbox = small().await;
    let partner = sandbox.partner();
    let api = Api::anonymous(&sandbox);
    let wrong_secret = json!({"clientId": partner.client_id, "clientSecret": "wrong"});
    let answer = api.post("/auth/partner", &wrong_secret).await;
    answer.is_error(401, "Unauthorized", "/auth/partner");
    let wrong_password = json!({"email": partner.email, "password": "wrong"});
    let answer = with_headers(&sandbox, "/auth/partner", partner, &wrong_password).await;
    answer.is_error(401, "Unauthorized", "/auth/partner");
    let answer = api.post("/auth", &wrong_password).await;
    answer.is_error(401, "Unauthorized", "/auth");
    let answer = api
        .post("/auth/refresh", &json!({"refreshToken": "wrong"}))
        .await;
    answer.is_error(401, "Unauthorized", "/auth/refresh");
}

#[tokio::test]
async fn missing_credentials_are_400() {
    let sandbox = small().await;
    let partner = sandbox.partner();
    let api = Api::anonymous(&sandbox);
    for (path, body) in [
        ("/auth/partner", json!({})),
        ("/auth/partner", person_body(partner)),
        ("/auth/partner", json!({"clientId": partner.client_id})),
        (
            "/auth/partner",
            json!({"clientId": partner.client_id, "clientSecret": null}),
        ),
        ("/auth/partner", json!({"clientId": 1, "clientSecret": 2})),
        ("/auth", json!({})),
        ("/auth", client_body(partner)),
        ("/auth", json!({"email": partner.email})),
        ("/auth/refresh", json!({})),
        ("/auth/refresh", json!({"refreshToken": 7})),
    ] {
        api.post(path, &body)
            .await
            .is_error(400, "Bad Request", path);
    }
    let answer = with_headers(&sandbox, "/auth/partner", partner, &json!({})).await;
    answer.is_error(400, "Bad Request", "/auth/partner");
    let half = api
        .request("POST", "/auth/partner")
        .header("client-id", &partner.client_id);
    let answer = Answer::to(half.json(&person_body(partner))).await;
    answer.is_error(400, "Bad Request", "/auth/partner");
}

#[tokio::test]
async fn a_token_expires() {
    let lifetime = Duration::from_secs(90);
    let sandbox = started(standing_still().token_lifetime(lifetime)).await;
    let answer = Api::anonymous(&sandbox)
        .post("/auth/partner", &client_body(sandbox.partner()))
        .await;
    assert_eq!(answer.json()["expiresIn"], 90);
    let api = Api::anonymous(&sandbox).with_token(&answer.access_token());
    sandbox.advance(lifetime - Duration::from_secs(1));
    assert_eq!(api.get("/v1/partners").await.status, 200);
    sandbox.advance(Duration::from_secs(1));
    let answer = api.get("/v1/partners").await;
    answer.is_error(401, "Unauthorized", "/v1/partners");
}

#[tokio::test]
async fn the_system_clock_can_be_advanced_too() {
    let sandbox = started(Sandbox::builder().users(1).tasks(1).statuses(1)).await;
    let api = Api::partner(&sandbox).await;
    assert_eq!(api.get("/v1/partners").await.status, 200);
    sandbox.advance(Duration::from_secs(3600));
    assert_eq!(api.get("/v1/partners").await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let (sandbox, api) = small_as_anonymous().await;
    let first = api
        .post("/auth/partner", &client_body(sandbox.distributor()))
        .await;
    let body = json!({"refreshToken": first.refresh_token()});
    sandbox.advance(Duration::from_secs(7200));

    let second = api.post("/auth/refresh", &body).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.refresh_token(), first.refresh_token());
    assert_ne!(second.access_token(), first.access_token());

    // The new tokens are good, and still the distributor's.
    let next = json!({"refreshToken": second.refresh_token()});
    let third = api.post("/auth/refresh", &next).await;
    let api = Api::anonymous(&sandbox).with_token(&third.access_token());
    assert_eq!(api.get("/v1/partners/resellers").await.status, 200);
    let again = api.post("/auth/refresh", &body).await;
    again.is_error(401, "Unauthorized", "/auth/refresh");
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_whole_sign_in() {
    for (revokes, status) in [(true, 401), (false, 200)] {
        let sandbox = started(standing_still().revoke_on_reuse(revokes)).await;
        let api = Api::anonymous(&sandbox);
        let sign_in = client_body(sandbox.partner());
        let first = api.post("/auth/partner", &sign_in).await;
        let other = api.post("/auth/partner", &sign_in).await;
        let stolen = json!({"refreshToken": first.refresh_token()});
        let second = api.post("/auth/refresh", &stolen).await;
        assert_eq!(api.post("/auth/refresh", &stolen).await.status, 401);

        for token in [first.access_token(), second.access_token()] {
            let api = Api::anonymous(&sandbox).with_token(&token);
            assert_eq!(api.get("/v1/partners").await.status, status);
        }
        let body = json!({"refreshToken": second.refresh_token()});
        assert_eq!(api.post("/auth/refresh", &body).await.status, status);
        // Another sign-in of the same account has nothing to do with it.
        let api = Api::anonymous(&sandbox).with_token(&other.access_token());
        assert_eq!(api.get("/v1/partners").await.status, 200);
    }
}

#[tokio::test]
async fn a_refresh_token_expires() {
    let lifetime = Duration::from_secs(7200);
    let sandbox = started(standing_still().refresh_lifetime(lifetime)).await;
    let api = Api::anonymous(&sandbox);
    let answer = api
        .post("/auth/partner", &client_body(sandbox.partner()))
        .await;
    let body = json!({"refreshToken": answer.refresh_token()});
    sandbox.advance(lifetime);
    let late = api.post("/auth/refresh", &body).await;
    late.is_error(401, "Unauthorized", "/auth/refresh");
    assert_eq!(late.json()["message"], "The refresh token has expired");
}

#[tokio::test]
async fn of_simultaneous_refreshes_one_wins() {
    let (sandbox, api) = small_as_anonymous().await;
    let token = api
        .post("/auth/partner", &client_body(sandbox.partner()))
        .await
        .refresh_token();
    let body = json!({"refreshToken": token});
    let (a, b, c) = tokio::join!(
        api.post("/auth/refresh", &body),
        api.post("/auth/refresh", &body),
        api.post("/auth/refresh", &body),
    );
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let sandbox = small().await;
    for credentials in [
        sandbox.partner(),
        sandbox.distributor(),
        sandbox.reseller(),
        sandbox.portal_user(),
    ] {
        let text = format!("{credentials:?} {sandbox:?}");
        assert!(text.contains(credentials.email()));
        assert!(text.contains(sandbox.url()));
        assert!(!text.contains(credentials.client_secret()));
        assert!(!text.contains(credentials.password()));
    }
}
