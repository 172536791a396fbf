//! Data from JSON.

use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::api::{Api, client_body, small, standing_still, started};

#[tokio::test]
async fn items_are_served_as_they_are() {
    let data = json!({
        "partner": {"partnerId": "p", "email": "p@example.com"},
        "users": [
            {"id": "u-1", "name": "Acme", "partnerID": "r-1", "unheard": {"of": [1, null]}},
            {"id": "u-2", "name": "Other", "partnerID": "p"},
        ],
        "tasks": [{"id": "t-1", "userId": "u-1", "size": 18_446_744_073_709_551_615_u64}, {}],
        "statuses": [{"taskId": "t-1", "userId": "u-1"}],
        "bills": [{"name": "Acme", "total": "0.10"}],
        "resellers": [{"partnerId": "r-1"}],
        "backupTasks": [{"id": "b-1", "userId": "u-2"}],
        "accounts": [
            {"kind": "reseller", "partnerId": "r-1", "clientId": "c", "clientSecret": "s",
             "email": "r@example.com", "password": "x"},
            {"kind": "portalUser", "userId": "u-2", "clientId": "c2", "clientSecret": "s2",
             "email": "u@example.com", "password": "y"},
        ],
    });
    let sandbox = started(standing_still().data_json(data.to_string())).await;
    let api = Api::partner(&sandbox).await;
    assert_eq!(api.get("/v1/partners").await.json(), data["partner"]);
    for (path, list) in [
        ("/v1/partners/users", "users"),
        ("/v1/partners/tasks", "tasks"),
        ("/v1/partners/status", "statuses"),
        ("/v1/partners/bills", "bills"),
        ("/v1/backup-tasks", "backupTasks"),
    ] {
        assert_eq!(api.get(path).await.json()["data"], data[list], "{path}");
    }

    let anonymous = Api::anonymous(&sandbox);
    let body = json!({"clientId": "c", "clientSecret": "s"});
    let token = anonymous.post("/auth/partner", &body).await.access_token();
    let reseller = Api::anonymous(&sandbox).with_token(&token);
    let users = reseller.get("/v1/partners/users").await.items();
    assert_eq!(users, [data["users"][0].clone()]);
    assert_eq!(
        reseller.get("/v2/resellers/bills").await.json()["data"],
        data["bills"]
    );
    let body = json!({"email": "u@example.com", "password": "y"});
    let token = anonymous.post("/auth", &body).await.access_token();
    let portal = Api::anonymous(&sandbox).with_token(&token);
    assert_eq!(
        portal.get("/v1/backup-tasks").await.json()["data"],
        data["backupTasks"]
    );
}

#[tokio::test]
async fn what_is_exported_can_be_loaded() {
    let first = small().await;
    let second = started(standing_still().data_json(first.export().to_string())).await;
    assert_eq!(second.export(), first.export());
    assert_eq!(second.tasks(), first.tasks());
    assert_eq!(client_body(second.partner()), client_body(first.partner()));
}

/// What each item of a list says of its owner in the export.
fn owners(sandbox: &Sandbox, list: &str) -> Vec<Value> {
    let items = sandbox.export()[list].as_array().unwrap().clone();
    items.iter().map(|item| item["_owner"].clone()).collect()
}

#[tokio::test]
async fn a_reseller_sees_its_own_backup_tasks_before_and_after_an_export() {
    for seed in [0, 1, 7, 42] {
        let first = started(standing_still().seed(seed)).await;
        let second = standing_still().seed(seed);
        let second = started(second.data_json(first.export().to_string())).await;
        let path = "/v1/backup-tasks?pageSize=500";
        let mut seen = Vec::new();
        for sandbox in [&first, &second] {
            let all = Api::partner(sandbox).await.get(path).await.items();
            let reseller = Api::client(sandbox, sandbox.reseller()).await;
            let own = reseller.get(path).await.items();
            assert_eq!(all.len(), 60);
            assert!((1..60).contains(&own.len()), "{seed}: {}", own.len());
            // Of its users, and all that are of its users.
            let id = &sandbox.resellers()[0]["partnerId"];
            let users = sandbox.users().iter();
            let users: Vec<_> = users.filter(|user| user["partnerID"] == *id).collect();
            let expected: Vec<Value> = all
                .iter()
                .zip(owners(sandbox, "backupTasks"))
                .filter(|(_, owner)| users.iter().any(|user| user["id"] == *owner))
                .map(|(task, _)| task.clone())
                .collect();
            assert_eq!(own, expected, "{seed}");
            for task in &all {
                let path = format!("/v1/backup-tasks/{}", task["id"].as_str().unwrap());
                let status = if own.contains(task) { 200 } else { 404 };
                assert_eq!(reseller.get(&path).await.status, status);
                assert!(task.get("_owner").is_none());
            }
            let bills = reseller.get("/v1/partners/bills").await.items();
            seen.push((all, own, bills));
        }
        assert_eq!(seen[0], seen[1], "{seed}");
    }
}

#[tokio::test]
async fn an_owner_can_be_given_and_is_not_served() {
    let data = json!({
        "users": [{"id": "u-1", "partnerID": "r-1"}, {"id": "u-2", "partnerID": "p"}],
        "resellers": [{"partnerId": "r-1"}],
        "backupTasks": [
            {"id": "b-1", "_owner": "u-1"}, {"id": "b-2", "_owner": "u-2"},
            {"id": "b-3", "userId": "u-1"}, {"id": "b-4", "userId": "u-1", "_owner": null},
        ],
    });
    let sandbox = started(standing_still().data_json(data.to_string())).await;
    let reseller = Api::client(&sandbox, sandbox.reseller()).await;
    let own = reseller.get("/v1/backup-tasks").await.items();
    assert_eq!(
        own,
        [json!({"id": "b-1"}), json!({"id": "b-3", "userId": "u-1"})]
    );
    assert_eq!(sandbox.export()["backupTasks"], data["backupTasks"]);
}

#[tokio::test]
async fn bad_data_does_not_start() {
    let taken = json!({"accounts": [{
        "kind": "partner", "clientId": "a", "clientSecret": "b", "password": "c",
        "email": small().await.partner().email(),
    }]});
    for (json, message) in [
        (
            "nonsense".to_owned(),
            "the data set cannot be used: it is not JSON: expected ident",
        ),
        (
            r#"{"tasks": [1]}"#.to_owned(),
            "the data set cannot be used: tasks[0]: must be an object",
        ),
        (
            r#"{"backupTasks": [{"_owner": "u"}, {"_owner": 1}]}"#.to_owned(),
            "the data set cannot be used: backupTasks[1]._owner: must be the id of a user, or null",
        ),
        (
            taken.to_string(),
            "the data set cannot be used: accounts: the email \"backup@harbor-msp.example.com\" is another account's",
        ),
    ] {
        let error = Sandbox::builder()
            .data_json(json)
            .start()
            .await
            .unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    }
}
