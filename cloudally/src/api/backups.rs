//! Backup tasks of an account.

use cloudally_gen::id::BackupTaskId;
use cloudally_gen::operations::GET_BACKUP_TASK;
use cloudally_gen::types::BackupTask;

use crate::api::{list, path_id, resource};
use crate::page::List;
use crate::page::key::{Key, id_or_all};
use crate::reply::Reply;

resource! {
    /// The backup tasks of the account that is signed in.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// for task in client.backups().list().limit(3).all().await? {
    ///     let Some(id) = &task.id else { continue };
    ///     let task = client.backups().get(id).await?;
    ///     println!("{:?} last ran {:?}", task.name, task.last_backup.and_then(|at| at.instant()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Backups
}

impl Backups {
    /// All backup tasks: `GET /v1/backup-tasks` (spec; the shape is published).
    pub fn list(&self) -> List<BackupTask> {
        list!(
            self.client,
            LIST_BACKUP_TASKS,
            Key::Id(|task| id_or_all(task, task.id.as_ref())),
            list_backup_tasks,
            page_size,
            next_page_token
        )
    }

    /// One backup task: `GET /v1/backup-tasks/{taskId}` (spec; the shape is published).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none with this id, or if the call fails.
    pub fn get(&self, task_id: impl Into<BackupTaskId>) -> Reply<BackupTask> {
        let client = self.client.clone();
        let id = path_id(&GET_BACKUP_TASK, task_id.into());
        Reply::new(async move {
            let id = id?;
            let answer = client.call(&GET_BACKUP_TASK, |raw| {
                let id = id.clone();
                async move { raw.get_backup_task().task_id(id).send().await }
            });
            Ok(answer.await?)
        })
    }
}
