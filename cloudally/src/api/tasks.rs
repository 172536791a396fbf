//! Tasks of a partner's users.

use cloudally_gen::types::Task;

use crate::api::{list, resource};
use crate::list::{Key, ListRequest, id_text};

resource! {
    /// The tasks of all users of the partner.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// let mut tasks = client.tasks().list().items();
    /// while let Some(task) = tasks.try_next().await? {
    ///     if !task.is_archived() {
    ///         println!("{} last ran {:?}, next {:?}", task.label(), task.last_backup(), task.next_backup);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Tasks
}

impl Tasks {
    /// Lists the tasks, archived ones included: `GET /v1/partners/tasks`.
    ///
    /// [Evidence](crate#evidence): spec for the path, observed for the shape.
    pub fn list(&self) -> ListRequest<Task> {
        list!(
            self.client,
            ListPartnerTasks,
            Key::id(|task| id_text(task.id.as_ref())),
            page_size,
            next_page_token
        )
    }
}
