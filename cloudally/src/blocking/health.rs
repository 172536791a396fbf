//! Snapshots of the health module.

use super::Client;
use crate::error::Error;
use crate::health::{ReadSnapshot, Scope, Snapshot};

impl Client {
    /// Reads a snapshot; see [`Snapshot::read`](crate::health::Snapshot::read).
    ///
    /// # Errors
    /// As there, and within an asynchronous runtime.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// use cloudally::health::{Policy, Scope, assess};
    /// let snapshot = client.read_snapshot(Scope::Partner)?;
    /// let report = assess(&snapshot, &Policy::default(), None, snapshot.read_at)?;
    /// println!("{}", report.verdict);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_snapshot(&self, scope: Scope) -> Result<Snapshot, Error> {
        self.read_snapshot_with(scope, |request| request)
    }

    /// Reads a snapshot with other settings, such as a
    /// [`deadline`](crate::health::ReadSnapshot::deadline).
    ///
    /// # Errors
    /// As with [`read_snapshot`](Self::read_snapshot).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(client: cloudally::blocking::Client) -> Result<(), cloudally::Error> {
    /// use std::time::Duration;
    /// use cloudally::health::Scope;
    /// let limit = Duration::from_secs(300);
    /// let snapshot = client.read_snapshot_with(Scope::Partner, |request| request.deadline(limit))?;
    /// println!("{} tasks", snapshot.tasks.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_snapshot_with(
        &self,
        scope: Scope,
        change: impl FnOnce(ReadSnapshot) -> ReadSnapshot,
    ) -> Result<Snapshot, Error> {
        let request = change(Snapshot::read(&self.client, scope));
        self.runtime.wait(request.into_future())
    }
}
