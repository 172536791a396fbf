//! What a reseller reads of its own accounts (v2).

use cloudally_gen::operations::GET_RESELLER_DETAILS_V2;
use cloudally_gen::types::{Bill, Reseller, StatusEntry, Task, User};

use crate::api::{list, resource};
use crate::page::List;
use crate::page::key::{Key, hash, id_or_all};
use crate::reply::Reply;

resource! {
    /// What a reseller reads of its own accounts. The service's document lacks these paths; public clients call them
    /// (observed). Their lists take `limit` and `page` in place of v1's `pageSize` and `nextPageToken` (observed), which
    /// [`List::page_size`] sends. That the items have the shapes of v1 is inferred.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// let profile = client.resellers().profile().await?;
    /// let accounts = client.resellers().accounts().all().await?;
    /// println!("{:?} has {} accounts", profile.reseller_name, accounts.len());
    /// # Ok(())
    /// # }
    /// ```
    Resellers
}

impl Resellers {
    /// The reseller's own profile: `GET /v2/resellers/details` (observed).
    ///
    /// # Errors
    /// If the call fails.
    pub fn profile(&self) -> Reply<Reseller> {
        let client = self.client.clone();
        Reply::new(async move {
            let answer = client.call(&GET_RESELLER_DETAILS_V2, |raw| async move {
                raw.get_reseller_details_v2().send().await
            });
            Ok(answer.await?)
        })
    }

    /// The accounts: `GET /v2/resellers/accounts` (observed).
    pub fn accounts(&self) -> List<User> {
        list!(
            self.client,
            LIST_RESELLER_ACCOUNTS_V2,
            Key::Id(|user| id_or_all(user, user.id.as_ref())),
            list_reseller_accounts_v2,
            limit
        )
    }

    /// The backup tasks of all accounts: `GET /v2/resellers/accounts/backup-tasks` (observed).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// for task in client.resellers().backup_tasks().limit(5).all().await? {
    ///     println!("{:?} of {:?}", task.alias, task.user_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn backup_tasks(&self) -> List<Task> {
        list!(
            self.client,
            LIST_RESELLER_BACKUP_TASKS_V2,
            Key::Id(|task| id_or_all(task, task.id.as_ref())),
            list_reseller_backup_tasks_v2,
            limit
        )
    }

    /// The backup statuses of all accounts: `GET /v2/resellers/accounts/backup-statuses` (observed).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// let statuses = client.resellers().backup_statuses().all().await?;
    /// println!("{} failed", statuses.iter().filter(|entry| entry.has_failures()).count());
    /// # Ok(())
    /// # }
    /// ```
    pub fn backup_statuses(&self) -> List<StatusEntry> {
        list!(
            self.client,
            LIST_RESELLER_BACKUP_STATUSES_V2,
            Key::Whole(hash),
            list_reseller_backup_statuses_v2,
            limit
        )
    }

    /// The bills: `GET /v2/resellers/bills` (observed).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// println!("{} bills", client.resellers().bills().all().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn bills(&self) -> List<Bill> {
        list!(
            self.client,
            LIST_RESELLER_BILLS_V2,
            Key::Whole(hash),
            list_reseller_bills_v2,
            limit
        )
    }
}
