//! Reads a snapshot: the only I/O of the module.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join5;

use super::convert::Rows;
use super::snapshot::{ListState, Scope, Snapshot};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::list::ListRequest;
use crate::types::{BackupStatus, BackupTask, Task, User};

/// How many pages of a list are read at once, where the service pages by number.
const CONCURRENCY: usize = 4;

/// How often a list that changed while it was read is read again.
const RESTARTS: u32 = 2;

/// How long reading a list may take, if the caller does not say.
const DEADLINE: Duration = Duration::from_secs(900);

/// A request for a snapshot, which is sent when it is awaited; see [`Snapshot::read`].
#[derive(Clone)]
#[must_use = "a snapshot is not requested until it is awaited"]
pub struct ReadSnapshot {
    client: Client,
    scope: Scope,
    deadline: Duration,
    concurrency: usize,
}

impl Snapshot {
    /// Reads the lists of a scope side by side.
    ///
    /// A list that changes while it is read is read again, at most twice and within its deadline.
    /// What cannot be read is recorded in [`lists`](Snapshot::lists) and is no error: a list that
    /// the account may not read (403, 404) is [`ListState::NotAvailable`], and any other failure
    /// makes it [`ListState::Incomplete`], with the rows that were received before.
    ///
    /// # Errors
    /// When it is awaited: if the credentials or the token are refused, or the client is set up
    /// wrongly, because then nothing can be read.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use std::time::Duration;
    /// use cloudally::health::{Scope, Snapshot};
    /// let snapshot = Snapshot::read(&client, Scope::Partner).deadline(Duration::from_secs(300)).await?;
    /// println!("{} entries, {:?}", snapshot.entries.len(), snapshot.lists.statuses);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(client: &Client, scope: Scope) -> ReadSnapshot {
        ReadSnapshot {
            client: client.clone(),
            scope,
            deadline: DEADLINE,
            concurrency: CONCURRENCY,
        }
    }
}

impl ReadSnapshot {
    /// Bounds the time of each list, all readings of it included; 15 minutes by default. A list
    /// that is not read by then is incomplete.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how many pages of each list are read at once where the service pages by number, from 1
    /// to 64; 4 by default. See [`ListRequest::concurrency`].
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.concurrency = pages;
        self
    }

    async fn run(self) -> Result<Snapshot, Error> {
        let transport = self.client.transport();
        let clock = &transport.clock;
        let mut snapshot = Snapshot::new(self.scope, &transport.base_url, clock.now());
        let rows = Arc::new(Mutex::new(Rows::default()));
        match self.scope {
            Scope::OwnBackupTasks => self.own(&mut snapshot, &rows).await?,
            Scope::Partner => {
                let (partners, client) = (self.client.partners(), &self.client);
                let profile = async { partners.profile().await.map(|own| own.partner_id) };
                let lists = (
                    || client.users().list(),
                    || client.tasks().list(),
                    || client.partners().backup_statuses(),
                );
                self.all(&mut snapshot, &rows, profile, lists).await?;
            }
            Scope::Reseller => {
                let (resellers, client) = (self.client.resellers(), &self.client);
                let profile = async { resellers.profile().await.map(|own| own.partner_id) };
                let lists = (
                    || client.resellers().accounts(),
                    || client.resellers().backup_tasks(),
                    || client.resellers().backup_statuses(),
                );
                self.all(&mut snapshot, &rows, profile, lists).await?;
            }
        }
        // The end and not the start, so that what ran meanwhile is not ahead of it.
        snapshot.read_at = clock.now();
        Ok(snapshot)
    }

    async fn own(&self, snapshot: &mut Snapshot, rows: &Mutex<Rows>) -> Result<(), Error> {
        let list = || self.client.backups().list();
        let make = |task: &BackupTask| lock(rows).own_task(task);
        let (tasks, state) = self.list(list, make).await?;
        snapshot.lists.tasks = state;
        (snapshot.tasks, snapshot.entries) = tasks.into_iter().unzip();
        Ok(())
    }

    async fn all<Profile, Tenants, Tasks, Statuses, Id>(
        &self,
        snapshot: &mut Snapshot,
        rows: &Mutex<Rows>,
        profile: Profile,
        (tenants, tasks, statuses): (Tenants, Tasks, Statuses),
    ) -> Result<(), Error>
    where
        Profile: Future<Output = Result<Option<Id>, Error>>,
        Tenants: Fn() -> ListRequest<User>,
        Tasks: Fn() -> ListRequest<Task>,
        Statuses: Fn() -> ListRequest<BackupStatus>,
        Id: AsRef<str>,
    {
        let (profile, tenants, tasks, entries, backup_tasks) = join5(
            profile,
            self.list(tenants, |user: &User| lock(rows).tenant(user)),
            self.list(tasks, |task: &Task| lock(rows).task(task)),
            self.list(statuses, |entry: &BackupStatus| lock(rows).entry(entry)),
            self.list(
                || self.client.backups().list(),
                |task: &BackupTask| lock(rows).backup_task(task),
            ),
        )
        .await;
        let lists = &mut snapshot.lists;
        match profile {
            Ok(id) => {
                lists.profile = ListState::Complete;
                snapshot.account.partner_id = id.map(|id| id.as_ref().into());
            }
            Err(error) => lists.profile = state_of(error)?,
        }
        (snapshot.tenants, lists.tenants) = tenants?;
        (snapshot.tasks, lists.tasks) = tasks?;
        (snapshot.entries, lists.statuses) = entries?;
        (snapshot.backup_tasks, lists.backup_tasks) = backup_tasks?;
        Ok(())
    }

    /// Reads a list page by page, so that no more than some pages of the service's items are in
    /// memory, and again if it changed meanwhile.
    async fn list<T, Row>(
        &self,
        request: impl Fn() -> ListRequest<T>,
        make: impl Fn(&T) -> Row,
    ) -> Result<(Vec<Row>, ListState), Error>
    where
        T: Send + 'static,
    {
        let clock = &self.client.transport().clock;
        let start = clock.monotonic();
        let mut restarts = 0;
        loop {
            let passed = clock.monotonic().saturating_sub(start);
            // A deadline of 0 is refused, and this one has passed when the first page is there.
            let left = self
                .deadline
                .saturating_sub(passed)
                .max(Duration::from_nanos(1));
            let request = request().concurrency(self.concurrency).deadline(left);
            let mut pages = request.pages();
            let mut rows = Vec::new();
            let error = loop {
                match pages.try_next().await {
                    Ok(Some(page)) => rows.extend(page.items.iter().map(&make)),
                    Ok(None) => {
                        rows.shrink_to_fit();
                        return Ok((rows, ListState::Complete));
                    }
                    Err(error) => break error,
                }
            };
            let is_over = clock.monotonic().saturating_sub(start) >= self.deadline;
            if error.kind() == ErrorKind::Incomplete && restarts < RESTARTS && !is_over {
                restarts += 1;
                continue;
            }
            return Ok((rows, state_of(error)?));
        }
    }
}

fn lock(rows: &Mutex<Rows>) -> std::sync::MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a failure means for the list. It is an error if nothing can be read at all.
fn state_of(error: Error) -> Result<ListState, Error> {
    match error.kind() {
        ErrorKind::Forbidden | ErrorKind::NotFound => Ok(ListState::NotAvailable),
        ErrorKind::Configuration
        | ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::TokenRefused
        | ErrorKind::Internal => Err(error),
        _ => Ok(ListState::Incomplete {
            reason: error.to_string().into(),
        }),
    }
}

impl IntoFuture for ReadSnapshot {
    type Output = Result<Snapshot, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for ReadSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadSnapshot")
            .field("scope", &self.scope)
            .field("deadline", &self.deadline)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
