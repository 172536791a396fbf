//! The operations by which a reseller reads its own accounts (v2).

use cloudally_gen::operations::GetResellerDetailsV2;
use cloudally_gen::types::{BackupStatus, Bill, Reseller, Task, User};

use crate::api::{list, resource};
use crate::call::Call;
use crate::list::{Key, ListRequest, id_hash};

resource! {
    /// The operations by which a reseller reads its own accounts.
    ///
    /// The service's document lacks these paths, and public clients call them. Their lists take
    /// `limit` and `page` in place of the `pageSize` and `nextPageToken` of v1;
    /// [`ListRequest::page_size`] sets either.
    ///
    /// [Evidence](crate#evidence): observed for paths and parameters, inferred that the items have
    /// the shapes of v1.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// let profile = client.resellers().profile().await?;
    /// let accounts = client.resellers().accounts().collect().await?;
    /// println!("{} has {} accounts", profile.label(), accounts.len());
    /// # Ok(())
    /// # }
    /// ```
    Resellers
}

impl Resellers {
    /// Reads the reseller's own profile: `GET /v2/resellers/details`.
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`](crate::ErrorKind).
    pub fn profile(&self) -> Call<Reseller> {
        self.client.call(GetResellerDetailsV2, |request| request)
    }

    /// Lists the accounts: `GET /v2/resellers/accounts`.
    ///
    /// [Evidence](crate#evidence): observed.
    pub fn accounts(&self) -> ListRequest<User> {
        list!(
            self.client,
            ListResellerAccountsV2,
            Key::id(|user| id_hash(user.id.as_ref())),
            limit
        )
    }

    /// Lists the backup tasks of all accounts: `GET /v2/resellers/accounts/backup-tasks`.
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// for task in client.resellers().backup_tasks().max_items(5).collect().await? {
    ///     println!("{} of {:?}", task.label(), task.user_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn backup_tasks(&self) -> ListRequest<Task> {
        list!(
            self.client,
            ListResellerBackupTasksV2,
            Key::id(|task| id_hash(task.id.as_ref())),
            limit
        )
    }

    /// Lists the backup statuses of all accounts: `GET /v2/resellers/accounts/backup-statuses`.
    ///
    /// [`Partners::backup_statuses`](crate::api::Partners::backup_statuses) says what is in such a
    /// list.
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// let statuses = client.resellers().backup_statuses().collect().await?;
    /// println!("{} failed", statuses.iter().filter(|entry| entry.has_failures()).count());
    /// # Ok(())
    /// # }
    /// ```
    pub fn backup_statuses(&self) -> ListRequest<BackupStatus> {
        list!(
            self.client,
            ListResellerBackupStatusesV2,
            Key::whole(),
            limit
        )
    }

    /// Lists the bills: `GET /v2/resellers/bills`.
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// println!("{} bills", client.resellers().bills().collect().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn bills(&self) -> ListRequest<Bill> {
        list!(self.client, ListResellerBillsV2, Key::whole(), limit)
    }
}
