//! Adds backup tasks to a running sandbox.

use serde_json::json;

use super::user::AddedUser;
use super::{Added, item};
use crate::data::{self, DAY, HOUR, Kind};

/// A backup task that was added with [`AddedUser::add_backup_task`].
#[derive(Clone, Copy)]
pub struct AddedBackupTask<'a>(Added<'a>);

item!(AddedBackupTask, 0, "backup task");

impl<'a> AddedUser<'a> {
    /// Adds a backup task with a type (`MS365`, `BOX`, ...) and a name, which the portal accounts
    /// of this user see.
    pub fn add_backup_task(&self, kind: &str, name: &str) -> AddedBackupTask<'a> {
        let state = self.0.state;
        let now = state.clock.now();
        let task = json!({
            "id": state.data.new_id(),
            "name": name,
            "type": kind,
            "status": "success",
            "lastBackup": data::rfc3339(data::ago(now, HOUR)),
            "createdAt": data::rfc3339(data::ago(now, 30 * DAY)),
            "size": 0,
            "schedule": {"frequency": "daily", "timezone": "UTC"},
        });
        AddedBackupTask(Added::new(
            state,
            Kind::BackupTasks,
            &task,
            Some(&self.id()),
        ))
    }
}

impl AddedBackupTask<'_> {
    /// Returns the id of the backup task.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id()
    }
}
