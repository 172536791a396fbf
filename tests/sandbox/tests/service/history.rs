//! What the sandbox remembers of its requests.

use cloudally_sandbox::{Fault, Rule, Sandbox};
use serde_json::json;

use crate::api::{Answer, Api, client_body, person_body, small, standing_still, start};

#[tokio::test]
async fn requests_are_recorded() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::status(503));
    let rule = sandbox.faults().add(rule).unwrap();
    api.get("/v1/partners/tasks?pageSize=7&page=1").await;
    api.get("/v1/partners/tasks?pageSize=7&page=2").await;
    api.get("/nothing").await;
    let restore = json!({"taskId": "unknown", "entityName": "x"});
    api.post("/v1/restore", &restore).await;

    let tasks = sandbox.requests().to("listPartnerTasks");
    assert_eq!(tasks.count(), 2);
    let first = tasks.first().unwrap();
    assert_eq!((first.number, first.at), (2, start()));
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("GET", "/v1/partners/tasks")
    );
    assert_eq!(first.query.as_deref(), Some("pageSize=7&page=1"));
    assert_eq!(first.query_value("page"), Some("1"));
    assert_eq!(first.query_value("limit"), None);
    assert_eq!(first.account.as_deref(), Some(sandbox.partner().email()));
    assert_eq!(
        (first.status, &first.faults, &first.body),
        (Some(200), &vec![], &None)
    );
    let last = tasks.last().unwrap();
    assert_eq!((last.status, &last.faults), (Some(503), &vec![rule]));

    let requests = sandbox.requests();
    assert_eq!(requests.clone().with_status(404).count(), 2);
    assert_eq!(requests.clone().by(sandbox.partner().email()).count(), 2);
    assert_eq!(requests.clone().by("nobody@example.com").count(), 0);
    assert_eq!(
        requests
            .clone()
            .to("createRestoreRequest")
            .first()
            .unwrap()
            .body,
        Some(restore)
    );
    let unknown = requests.matching(|request| request.operation.is_none());
    assert_eq!(
        unknown
            .iter()
            .map(|request| &request.path)
            .collect::<Vec<_>>(),
        ["/nothing"]
    );

    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
    assert_eq!(sandbox.request_total(), 5);
}

#[tokio::test]
async fn secrets_are_not_kept() {
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
    Answer::to(
        api.request("POST", "/auth")
            .header("content-type", "application/json")
            .body(broken),
    )
    .await;

    let requests = sandbox.requests();
    assert_eq!(requests.count(), 4);
    let text = format!(
        "{requests:?} {}",
        serde_json::to_string(&requests.iter().collect::<Vec<_>>()).unwrap()
    );
    for secret in [
        account.client_secret(),
        account.password(),
        &access,
        &refresh,
    ] {
        assert!(!text.contains(secret));
    }
    let first = requests.first().unwrap();
    assert_eq!(first.header("Client-Id"), Some(account.client_id()));
    assert_eq!(first.header("client-secret"), Some("[redacted]"));
    assert_eq!(first.body.as_ref().unwrap()["password"], "[redacted]");
    assert_eq!(first.body.as_ref().unwrap()["email"], account.email());
}

#[tokio::test]
async fn credentials_are_not_kept_wherever_they_were_sent() {
    let sandbox = small().await;
    let account = sandbox.portal_user();
    let anonymous = Api::anonymous(&sandbox);
    let tokens = anonymous.post("/auth", &person_body(account)).await;
    let (access, refresh) = (tokens.access_token(), tokens.refresh_token());
    let secrets = [
        account.client_secret(),
        account.password(),
        &access,
        &refresh,
    ];
    sandbox.clear_requests();
    for secret in secrets {
        anonymous.get(&format!("/v1/backup-tasks/{secret}")).await;
        anonymous.get(&format!("/{secret}/x")).await;
        anonymous
            .get(&format!("/v1/partners?q={secret}&{secret}"))
            .await;
        let header = anonymous.request("GET", "/v1/partners");
        Answer::to(header.header("x-note", format!("is {secret}"))).await;
        let body = json!({"note": [{"text": format!("<{secret}>")}], secret: 1});
        anonymous.post("/v1/restore", &body).await;
    }
    // What the sandbox never heard of is known by what the request calls it.
    let foreign = "p\u{e4}ss w/rd";
    let encoded = "p%C3%A4ss%20w%2Frd";
    anonymous
        .get(&format!("/v1/backup-tasks/{encoded}?password={encoded}"))
        .await;
    anonymous
        .post(
            &format!("/auth?note={encoded}"),
            &json!({"password": foreign, "note": foreign}),
        )
        .await;

    let requests = sandbox.requests();
    assert_eq!(requests.count(), 22);
    let text = format!(
        "{requests:?} {}",
        anonymous.get("/_sandbox/requests").await.text
    );
    for secret in secrets.into_iter().chain([foreign, encoded]) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let first = requests.first().unwrap();
    assert_eq!(first.path, "/v1/backup-tasks/[redacted]");
    assert_eq!(first.operation, Some("getBackupTask"));
}

#[tokio::test]
async fn what_is_no_credential_is_kept_as_it_came() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let page = api.get("/v1/partners/tasks?pageSize=5").await.json();
    let token = page["nextPageToken"].as_str().unwrap();
    let query = format!("pageSize=5&nextPageToken={token}");
    api.get(&format!("/v1/partners/tasks?{query}")).await;
    let restore = json!({"taskId": sandbox.tasks()[0]["id"], "entityName": "a@example.com", "snapshotDate": 20_260_301});
    api.post("/v1/restore", &restore).await;
    let requests = sandbox.requests();
    let second = requests.clone().to("listPartnerTasks");
    assert_eq!(second.last().unwrap().query.as_deref(), Some(&*query));
    assert_eq!(requests.last().unwrap().body, Some(restore));
}

#[tokio::test]
async fn only_so_many_are_remembered() {
    let builder = standing_still().users(1).tasks(1).statuses(1).history(3);
    let sandbox = builder.start().await.unwrap();
    let api = Api::partner(&sandbox).await;
    for page in 1..=5 {
        api.get(&format!("/v1/partners/tasks?page={page}")).await;
    }
    let requests = sandbox.requests();
    assert_eq!((requests.count(), requests.forgotten()), (3, 3));
    let pages: Vec<_> = requests
        .iter()
        .filter_map(|request| request.query_value("page"))
        .collect();
    assert_eq!(pages, ["3", "4", "5"]);
    // The counts are exact, whatever is forgotten.
    assert_eq!(sandbox.request_count("listPartnerTasks"), 5);
}

#[tokio::test]
async fn what_was_not_answered_has_no_status() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(Rule::on("login").then(Fault::Reset))
        .unwrap();
    let api = Api::anonymous(&sandbox);
    let request = api
        .request("POST", "/auth")
        .json(&person_body(sandbox.partner()));
    assert!(request.send().await.is_err());
    assert_eq!(sandbox.requests().last().unwrap().status, None);
}
