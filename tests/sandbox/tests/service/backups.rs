//! Backups run as time goes by.

use std::time::Duration;

use serde_json::json;

use crate::api::{Api, small, standing_still, started};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_task_is_backed_up_when_it_is_due() {
    let sandbox = started(standing_still().empty().token_lifetime(100 * HOUR)).await;
    let user = sandbox.add_user("A");
    user.add_task("GMAIL").succeed("MAIL");
    user.add_task("BOX").fail("FILES", "quota");
    user.add_backup_task("BOX", "files");
    let api = Api::partner(&sandbox).await;
    let seen = async || {
        let tasks = api.get("/v1/partners/tasks").await.items();
        let statuses = api.get("/v1/partners/status").await.items();
        let backup_tasks = api.get("/v1/backup-tasks").await.items();
        json!([
            tasks[0]["nextBackup"],
            tasks[0]["lastBackupDates"]["GMAIL"],
            statuses[0]["lastBackupDate"],
            statuses[0]["lastBackupAttemptDate"],
            statuses[1]["lastBackupDate"],
            statuses[1]["lastBackupAttemptDate"],
            backup_tasks[0]["lastBackup"],
        ])
    };
    let before = json!([
        "In 23 hours",
        20_260_302_070_000_i64,
        "2026-03-02T07:00:00.000Z",
        "2026-03-02T07:00:00.000Z",
        "2026-03-01T07:00:00.000Z",
        "2026-03-02T07:00:00.000Z",
        "2026-03-02T07:00:00.000Z",
    ]);
    assert_eq!(seen().await, before);
    sandbox.advance(22 * HOUR);
    let mut soon = before.clone();
    soon[0] = json!("In 1 hours");
    assert_eq!(seen().await, soon);
    sandbox.advance(HOUR);
    assert_eq!(
        seen().await,
        json!([
            "In 24 hours",
            20_260_303_070_000_i64,
            "2026-03-03T07:00:00.000Z",
            "2026-03-03T07:00:00.000Z",
            "2026-03-01T07:00:00.000Z",
            "2026-03-03T07:00:00.000Z",
            "2026-03-03T07:00:00.000Z",
        ])
    );
}

#[tokio::test]
async fn a_generated_data_set_moves_and_its_start_does_not() {
    let sandbox = small().await;
    let tasks = sandbox.tasks().to_vec();
    sandbox.advance(48 * HOUR);
    let api = Api::partner(&sandbox).await;
    let moved = api.get("/v1/partners/tasks").await.items();
    assert_eq!(sandbox.tasks(), tasks);
    for (moved, before) in moved.iter().zip(&tasks) {
        let is_active = before["status"] == "ACTIVE" && before["nextBackup"].is_string();
        if is_active && before["lastBackupDates"].is_object() {
            assert_ne!(moved["lastBackupDates"], before["lastBackupDates"]);
        }
        assert_eq!(moved["id"], before["id"]);
    }
    assert_eq!(sandbox.export()["tasks"], json!(moved));
}

#[tokio::test]
async fn a_change_of_a_task_leaves_its_past_as_it_is() {
    let sandbox = started(standing_still().empty()).await;
    let task = sandbox.add_user("A").add_task("GMAIL");
    sandbox.advance(30 * HOUR);
    let before = task.status();
    assert_eq!(before["lastBackupDate"], "2026-03-03T07:00:00.000Z");
    assert_eq!(task.archived().status(), before);
}
