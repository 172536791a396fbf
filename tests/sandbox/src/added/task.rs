//! Adds tasks, each with its status entry, to a running sandbox.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::user::AddedUser;
use super::{Added, item};
use crate::data::{self, DAY, HOUR, Kind};

/// A task with its status entry, added with [`AddedUser::add_task`].
#[derive(Clone, Copy)]
pub struct AddedTask<'a> {
    task: Added<'a>,
    status: Added<'a>,
}

item!(AddedTask, task, "task");

impl<'a> AddedUser<'a> {
    /// Adds a task for a source (`GMAIL`, `EXCHANGE`, ...), and its status entry. Its last backup
    /// was an hour ago, and its next one is in 23 hours, by the sandbox's clock.
    pub fn add_task(&self, source: &str) -> AddedTask<'a> {
        let state = self.0.state;
        let (user, id, now) = (self.id(), state.data.new_id(), state.clock.now());
        let account = self.0.text("email");
        let last = data::ago(now, HOUR);
        let task = json!({
            "id": id,
            "account": account,
            "type": "BACKUP",
            "source": source,
            "userId": user,
            "domain": null,
            "status": "ACTIVE",
            "region": "US_EST",
            "alias": account,
            "backupTaskId": null,
            "index": true,
            "snapshotDate": null,
            "lastBackupDates": {source: data::second_number(last)},
            "nextBackup": "In 23 hours",
            "progress": null,
            "size": 0,
            "createDate": data::rfc3339(data::ago(now, 30 * DAY)),
            "numOfBilledEntities": 1,
            "numOfEntities": 1,
            "userEmail": account,
            "multiEntitiesTask": false,
        });
        let status = json!({
            "userId": user,
            "taskId": id,
            "source": source,
            "entityName": account,
            "lastBackupDate": data::rfc3339(last),
            "lastBackupAttemptDate": data::rfc3339(last),
            "backupDuration": 60,
            "size": 0,
            "backupStatus": [],
        });
        AddedTask {
            task: Added::new(state, Kind::Tasks, &task, Some(&user)),
            status: Added::new(state, Kind::Statuses, &status, Some(&user)),
        }
    }
}

impl AddedTask<'_> {
    /// Returns the id of the task.
    #[must_use]
    pub fn id(&self) -> String {
        self.task.id()
    }

    /// Returns the task's status entry as the service serves it now.
    #[must_use]
    pub fn status(&self) -> Value {
        self.status.value()
    }

    /// Sets the alias of the task.
    pub fn alias(self, alias: &str) -> Self {
        self.set("alias", alias)
    }

    /// Archives the task, which ends its backups.
    pub fn archived(self) -> Self {
        self.set("status", "ARCHIVED")
            .set("nextBackup", Value::Null)
    }

    /// Adds a failed sub-source to the last backup, with the service's error message. The last
    /// successful backup was then a day earlier, and all later backups fail as well.
    pub fn fail(self, sub_source: &str, error: &str) -> Self {
        let result = json!({
            "subSource": sub_source,
            "status": "FAILED",
            "error": error,
            "errFAQLink": null,
        });
        self.result(result, true)
    }

    /// Adds a sub-source that did not fail, with the status `ACTIVE`, to the last backup.
    ///
    /// Evidence: observed for `ACTIVE`, which is no failure. What success is called is not known.
    pub fn succeed(self, sub_source: &str) -> Self {
        let result = json!({
            "subSource": sub_source,
            "status": "ACTIVE",
            "error": null,
            "errFAQLink": null,
        });
        self.result(result, false)
    }

    /// Sets the time of the last successful backup and of the last attempt, on the task and on its
    /// status entry.
    pub fn backed_up(self, last: Timestamp) -> Self {
        let (text, number) = (data::rfc3339(last), data::second_number(last));
        self.task.change(|task| {
            let source = task["source"].as_str().unwrap_or_default().to_owned();
            task["lastBackupDates"] = json!({source: number});
        });
        self.status.change(|entry| {
            entry["lastBackupDate"] = json!(text);
            entry["lastBackupAttemptDate"] = json!(text);
        });
        self
    }

    /// Sets any field of the task's status entry.
    pub fn set_status(self, field: &str, value: impl Into<Value>) -> Self {
        self.status.set(field, value.into());
        self
    }

    fn result(self, result: Value, failed: bool) -> Self {
        let now = self.status.state.clock.now();
        self.status.change(|entry| {
            if failed {
                entry["lastBackupDate"] = json!(data::rfc3339(data::ago(now, HOUR + DAY)));
            }
            match &mut entry["backupStatus"] {
                Value::Array(results) => results.push(result),
                other => *other = json!([result]),
            }
        });
        self
    }
}
