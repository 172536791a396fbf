//! Tasks of a partner's users.

use cloudally_gen::types::Task;

use crate::api::{list, resource};
use crate::page::{List, key};

resource! {
    /// The tasks of all users of the partner.
    ///
    /// ```no_run
    /// # async fn run(client: cloudally::Client) -> Result<(), cloudally::Error> {
    /// use futures_util::TryStreamExt;
    /// let mut tasks = client.tasks().list().items();
    /// while let Some(task) = tasks.try_next().await? {
    ///     println!("{:?} next runs {:?}", task.alias, task.next_backup);
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
            |task, hasher| key::id(task.id.as_ref(), hasher),
            list_partner_tasks,
            page_size,
            next_page_token
        )
    }
}
