//! The operations by which a reseller reads its own accounts (v2).

use std::sync::Arc;

use cloudally_gen::id::{TaskId, UserId};
use cloudally_gen::operations::{
    GET_ACCOUNT_BACKUP_TASK_V2, GetAccountBackupTaskV2, GetResellerDetailsV2,
    LIST_ACCOUNT_BACKUP_TASKS_V2, ListAccountBackupTasksV2,
};
use cloudally_gen::types::{BackupStatus, Bill, Reseller, Task, User};

use crate::api::{list, path_id, resource};
use crate::attempt::FailedCall;
use crate::call::Call;
use crate::list::{Key, ListRequest, id_text};

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
            Key::id(|user| id_text(user.id.as_ref())),
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
            Key::id(|task| id_text(task.id.as_ref())),
            limit
        )
    }

    /// Lists the backup tasks of one account:
    /// `GET /v2/resellers/accounts/{accountId}/backup-tasks`.
    ///
    /// The code of a public client calls this path, and is not known to have been run against the
    /// live service. [`backup_tasks`](Self::backup_tasks) with a filter by
    /// [`Task::user_id`] reads the same from a path that is.
    ///
    /// An id that cannot be one is an [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput)
    /// when the list is read. The error of a failed call names the id.
    ///
    /// [Evidence](crate#evidence): observed for the path, inferred for the shape and for what the
    /// id is.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// for account in client.resellers().accounts().max_items(3).collect().await? {
    ///     let Some(id) = &account.id else { continue };
    ///     let tasks = client.resellers().account_backup_tasks(id).collect().await?;
    ///     println!("{} has {} tasks", account.label(), tasks.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn account_backup_tasks(&self, account_id: impl Into<UserId>) -> ListRequest<Task> {
        let account_id = account_id.into();
        let checked = path_id(&LIST_ACCOUNT_BACKUP_TASKS_V2, &account_id);
        let key = Key::id(|task: &Task| id_text(task.id.as_ref()));
        let (operation, subject) = (&LIST_ACCOUNT_BACKUP_TASKS_V2, account_id.to_string());
        let endpoint = Arc::new(ListAccountBackupTasksV2 {
            account_id: subject.clone(),
        });
        let list = ListRequest::new(&self.client, operation, Some(subject), key, {
            move |client, position| {
                let endpoint = Arc::clone(&endpoint);
                Box::pin(async move {
                    let sent = client.send(&*endpoint, |request| {
                        let request = request.limit(position.page_size);
                        match position.number() {
                            Some(number) => request.page(number),
                            None => request,
                        }
                    });
                    sent.await.map_err(|failed| FailedCall {
                        error: failed
                            .error
                            .with_subject(format!("account {}", endpoint.account_id)),
                        ..failed
                    })
                })
            }
        });
        match checked {
            Ok(_) => list,
            Err(problem) => list.refused(problem),
        }
    }

    /// Reads one backup task of one account:
    /// `GET /v2/resellers/accounts/{accountId}/backup-tasks/{taskId}`.
    ///
    /// The code of a public client calls this path, and is not known to have been run against the
    /// live service.
    ///
    /// [Evidence](crate#evidence): observed for the path, inferred for the shape and for what the
    /// ids are.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the account has no task with this id;
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if an id cannot be one;
    /// otherwise as with every call. The error names the ids.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// # let first = client.resellers().backup_tasks().max_items(1).collect().await?.remove(0);
    /// # let (account, task) = first.user_id.zip(first.id).ok_or("a task without ids")?;
    /// let task = client.resellers().account_backup_task(&account, &task).await?;
    /// println!("{} of account {account}", task.label());
    /// # Ok(())
    /// # }
    /// ```
    pub fn account_backup_task(
        &self,
        account_id: impl Into<UserId>,
        task_id: impl Into<TaskId>,
    ) -> Call<Task> {
        let client = self.client.clone();
        let account_id = path_id(&GET_ACCOUNT_BACKUP_TASK_V2, account_id.into());
        let task_id = path_id(&GET_ACCOUNT_BACKUP_TASK_V2, task_id.into());
        Call::new(async move {
            let endpoint = GetAccountBackupTaskV2 {
                account_id: account_id?,
                task_id: task_id?,
            };
            let sent = client.send(&endpoint, |request| request).await;
            let GetAccountBackupTaskV2 {
                account_id,
                task_id,
            } = &endpoint;
            sent.map_err(|failed| {
                let subject = format!("backup task {task_id} of account {account_id}");
                failed.error.with_subject(subject)
            })
        })
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
