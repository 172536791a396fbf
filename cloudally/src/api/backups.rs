//! Backup tasks of an account.

use cloudally_gen::id::BackupTaskId;
use cloudally_gen::operations::{GET_BACKUP_TASK, GetBackupTask};
use cloudally_gen::types::BackupTask;

use crate::api::{list, path_id, resource};
use crate::call::Call;
use crate::list::{Key, ListRequest, id_text};

resource! {
    /// The backup tasks of the account that is signed in.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// for task in client.backups().list().max_items(3).collect().await? {
    ///     let Some(id) = &task.id else { continue };
    ///     let task = client.backups().get(id).await?;
    ///     let last = task.last_backup.as_ref().and_then(|date| date.instant());
    ///     println!("{} last ran {last:?}", task.label());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Backups
}

impl Backups {
    /// Lists the backup tasks: `GET /v1/backup-tasks`.
    ///
    /// [Evidence](crate#evidence): spec for the path, published for the shape.
    pub fn list(&self) -> ListRequest<BackupTask> {
        list!(
            self.client,
            ListBackupTasks,
            Key::id(|task| id_text(task.id.as_ref())),
            page_size,
            next_page_token
        )
    }

    /// Reads one backup task: `GET /v1/backup-tasks/{taskId}`.
    ///
    /// [Evidence](crate#evidence): spec for the path, published for the shape.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none with this id;
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the id cannot be one;
    /// otherwise as with every call. The error names the id.
    pub fn get(&self, task_id: impl Into<BackupTaskId>) -> Call<BackupTask> {
        let client = self.client.clone();
        let id = path_id(&GET_BACKUP_TASK, task_id.into());
        Call::new(async move {
            let endpoint = GetBackupTask { task_id: id? };
            let sent = client.send(&endpoint, |request| request).await;
            sent.map_err(|failed| {
                let subject = format!("backup task {}", endpoint.task_id);
                failed.error.with_subject(subject)
            })
        })
    }
}
