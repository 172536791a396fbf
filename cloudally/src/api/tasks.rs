//! Tasks of a partner's users.

use cloudally_gen::types::Task;

use crate::api::{list, resource};
use crate::page::List;
use crate::page::key::{Key, id_or_all};

resource! {
    /// The tasks of all users of the partner.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use std::collections::HashMap;
    /// use futures_util::TryStreamExt;
    /// let mut by_user: HashMap<_, Vec<_>> = HashMap::new();
    /// let mut tasks = client.tasks().list().items();
    /// while let Some(task) = tasks.try_next().await? {
    ///     println!("{:?} last ran {:?}, next {:?}", task.alias, task.last_backup(), task.next_backup);
    ///     if let Some(user) = &task.user_id {
    ///         by_user.entry(user.clone()).or_default().push(task);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Tasks
}

impl Tasks {
    /// All tasks: `GET /v1/partners/tasks` (spec; the shape is observed).
    pub fn list(&self) -> List<Task> {
        list!(
            self.client,
            LIST_PARTNER_TASKS,
            Key::Id(|task| id_or_all(task, task.id.as_ref())),
            list_partner_tasks,
            page_size,
            next_page_token
        )
    }
}
