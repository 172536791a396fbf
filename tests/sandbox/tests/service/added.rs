//! Data by hand, and who sees it.

use std::time::Duration;

use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::api::{Answer, Api, standing_still, start, started};

async fn empty() -> Sandbox {
    started(standing_still().empty()).await
}

fn field(answer: &Answer, name: &str) -> Vec<Value> {
    answer
        .items()
        .iter()
        .map(|item| item[name].clone())
        .collect()
}

#[tokio::test]
async fn a_user_with_a_failed_task() {
    let sandbox = empty().await;
    let api = Api::partner(&sandbox).await;
    assert_eq!(api.get("/v1/partners/users").await.json()["total"], 0);

    let user = sandbox.add_user("Acme 12345").set("status", "SUSPENDED");
    let task = user
        .add_task("EXCHANGE")
        .alias("Sales")
        .set("size", Value::Null)
        .fail("MAIL", "token expired")
        .succeed("CALENDAR")
        .set_status("backupDuration", 7);
    let users = api.get("/v1/partners/users").await.items();
    assert_eq!(users, [user.value()]);
    assert_eq!(users[0]["name"], "Acme 12345");
    assert_eq!(users[0]["status"], "SUSPENDED");
    assert_eq!(
        users[0]["partnerID"],
        sandbox.partner_profile()["partnerId"]
    );
    let tasks = api.get("/v1/partners/tasks").await.items();
    assert_eq!(tasks, [task.value()]);
    assert_eq!(tasks[0]["userId"], user.id());
    assert_eq!(
        (&tasks[0]["alias"], &tasks[0]["size"]),
        (&json!("Sales"), &Value::Null)
    );
    let statuses = api.get("/v1/partners/status").await.items();
    assert_eq!(statuses, [task.status()]);
    assert_eq!(statuses[0]["taskId"], task.id());
    assert_eq!(statuses[0]["backupDuration"], 7);
    assert_eq!(
        statuses[0]["lastBackupAttemptDate"],
        "2026-03-02T07:00:00.000Z"
    );
    assert_eq!(statuses[0]["lastBackupDate"], "2026-03-01T07:00:00.000Z");
    assert_eq!(
        statuses[0]["backupStatus"],
        json!([
            {"subSource": "MAIL", "status": "FAILED", "error": "token expired", "errFAQLink": null},
            {"subSource": "CALENDAR", "status": "ACTIVE", "error": null, "errFAQLink": null},
        ])
    );
    // What a restore names must exist.
    let answer = api.post("/v1/restore", &json!({"taskId": task.id()})).await;
    assert_eq!(answer.status, 201);
    // The start was empty.
    assert!(sandbox.users().is_empty());
}

#[tokio::test]
async fn an_id_stays() {
    let sandbox = empty().await;
    let user = sandbox.add_user("A");
    let id = user.id();
    assert_eq!(user.set("id", "other").value()["id"], id);
}

#[tokio::test]
async fn dates_and_archives() {
    let sandbox = empty().await;
    let last = "2026-02-01T10:20:30Z".parse().unwrap();
    let task = sandbox
        .add_user("A")
        .add_task("BOX")
        .backed_up(last)
        .archived();
    assert_eq!(
        task.value()["lastBackupDates"],
        json!({"BOX": 20_260_201_102_030_i64})
    );
    assert_eq!(task.status()["lastBackupDate"], "2026-02-01T10:20:30.000Z");
    assert_eq!(task.value()["status"], "ARCHIVED");
    sandbox.advance(Duration::from_secs(48 * 3600));
    assert_eq!(task.status()["lastBackupDate"], "2026-02-01T10:20:30.000Z");
}

#[tokio::test]
async fn everybody_sees_what_is_theirs() {
    let sandbox = empty().await;
    let first = sandbox.add_reseller("First");
    let second = sandbox.add_reseller("Second");
    let users = [
        first.add_user("a"),
        second.add_user("b"),
        sandbox.add_user("c"),
    ];
    for user in users {
        user.add_task("GMAIL");
        user.add_bill("2026-02", "12.50");
        user.add_backup_task("BOX", "boxes");
    }
    let [a, b, c] = users.map(|user| json!(user.id()));
    let names = |names: &[&str]| names.iter().map(|name| json!(name)).collect::<Vec<_>>();

    let reseller = Api::client(&sandbox, &first.credentials()).await;
    for (path, list, expected) in [
        ("/v1/partners/users", "id", vec![a.clone()]),
        ("/v2/resellers/accounts", "id", vec![a.clone()]),
        ("/v1/partners/tasks", "userId", vec![a.clone()]),
        (
            "/v2/resellers/accounts/backup-tasks",
            "userId",
            vec![a.clone()],
        ),
        ("/v1/partners/status", "userId", vec![a.clone()]),
        (
            "/v2/resellers/accounts/backup-statuses",
            "userId",
            vec![a.clone()],
        ),
        ("/v1/partners/bills", "name", names(&["a"])),
        ("/v2/resellers/bills", "name", names(&["a"])),
        ("/v1/backup-tasks", "name", names(&["boxes"])),
    ] {
        assert_eq!(field(&reseller.get(path).await, list), expected, "{path}");
    }
    assert_eq!(
        reseller.get("/v2/resellers/details").await.json(),
        first.value()
    );
    assert_eq!(
        reseller.get("/v1/partners").await.json()["partnerId"],
        first.id()
    );
    assert_eq!(reseller.get("/v1/partners/resellers").await.status, 403);

    let all = vec![a, b, c];
    for api in [
        Api::partner(&sandbox).await,
        Api::distributor(&sandbox).await,
    ] {
        assert_eq!(field(&api.get("/v1/partners/users").await, "id"), all);
        assert_eq!(field(&api.get("/v1/partners/tasks").await, "userId"), all);
    }

    let portal = Api::person(&sandbox, &users[1].credentials()).await;
    let backup_tasks = portal.get("/v1/backup-tasks").await.items();
    assert_eq!(backup_tasks.len(), 1);
    let theirs = format!(
        "/v1/backup-tasks/{}",
        backup_tasks[0]["id"].as_str().unwrap()
    );
    assert_eq!(portal.get(&theirs).await.status, 200);
    let other = Api::person(&sandbox, &users[0].credentials()).await;
    other.get(&theirs).await.is_error(404, "Not Found", &theirs);
    let restore = json!({"taskId": backup_tasks[0]["id"]});
    assert_eq!(other.post("/v1/restore", &restore).await.status, 404);
    assert_eq!(portal.post("/v1/restore", &restore).await.status, 201);
}

#[tokio::test]
async fn what_is_added_later_is_seen_too() {
    let sandbox = empty().await;
    let reseller = sandbox.add_reseller("R");
    let api = Api::client(&sandbox, &reseller.credentials()).await;
    assert!(api.get("/v1/partners/users").await.items().is_empty());
    let user = reseller.add_user("late");
    assert_eq!(
        field(&api.get("/v1/partners/users").await, "id"),
        [json!(user.id())]
    );
    // Each account has its own mail address, and all of them can sign in.
    let another = reseller.credentials();
    assert_ne!(another, reseller.credentials());
    let api = Api::client(&sandbox, &another).await;
    assert_eq!(api.get("/v1/partners/users").await.items().len(), 1);
}

#[tokio::test]
async fn the_standard_reseller_sees_its_users() {
    let sandbox = started(standing_still()).await;
    let api = Api::client(&sandbox, sandbox.reseller()).await;
    let id = &sandbox.resellers()[0]["partnerId"];
    let users = sandbox
        .users()
        .iter()
        .filter(|user| user["partnerID"] == *id);
    let users: Vec<_> = users.cloned().collect();
    assert_eq!(users.len(), 3);
    assert_eq!(api.get("/v1/partners/users").await.items(), users);
    let tasks = api.get("/v2/resellers/accounts/backup-tasks").await;
    let ids = field(&tasks, "userId");
    assert!(!ids.is_empty() && tasks.json()["total"].as_u64() < Some(600));
    assert!(
        ids.iter()
            .all(|id| users.iter().any(|user| user["id"] == *id))
    );
}

#[tokio::test]
async fn it_begins_when_the_clock_says() {
    let sandbox = empty().await;
    sandbox.advance(Duration::from_secs(3600));
    assert_eq!(sandbox.add_user("A").value()["date"], 20_260_302);
    assert_eq!(sandbox.clock().now().duration_since(start()).as_hours(), 1);
}
