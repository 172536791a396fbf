//! Methods of tasks, backup tasks and backup statuses.

use std::borrow::Cow;
use std::time::Duration;

use super::label::label;
use crate::types::{BackupStatus, BackupTask, Source, SubSourceStatus, Task};

impl BackupTask {
    /// Returns a text to show for the backup task: its name, else its id.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "backup task without a name",
            [self.name.as_deref(), self.id.as_ref().map(AsRef::as_ref)],
        )
    }
}

impl Task {
    /// Returns a text to show for the task: its alias, else its account, else its source, else its
    /// id.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::Task;
    /// assert_eq!(Task::default().with_alias("Mail of Acme").label(), "Mail of Acme");
    /// assert_eq!(Task::default().with_source("GMAIL").label(), "GMAIL");
    /// ```
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "task without a name",
            [
                self.alias.as_deref(),
                self.account.as_deref(),
                self.source.as_ref().map(Source::as_str),
                self.id.as_ref().map(AsRef::as_ref),
            ],
        )
    }

    /// Returns whether the task is archived, and so makes no more backups.
    ///
    /// The service keeps archived tasks in its lists, with their last dates and statuses.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| *status == "ARCHIVED")
    }

    /// Iterates over the sources of the task, each with the date of its last backup.
    ///
    /// A date without a known form is `None` here; [`last_backup_dates`](Self::last_backup_dates)
    /// has it as the service sent it.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let task: cloudally::types::Task =
    ///     serde_json::from_str(r#"{"lastBackupDates": {"GMAIL": 20230330202812, "DRIVE": "soon"}}"#)?;
    /// let last: Vec<_> = task
    ///     .last_backups()
    ///     .map(|(source, at)| (source.to_string(), at.map(|at| at.to_string())))
    ///     .collect();
    /// assert_eq!(last, [("DRIVE".into(), None), ("GMAIL".into(), Some("2023-03-30T20:28:12Z".into()))]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn last_backups(&self) -> impl Iterator<Item = (Source, Option<jiff::Timestamp>)> {
        let dates = self.last_backup_dates.iter().flatten();
        dates.map(|(source, date)| {
            let instant = date.as_ref().and_then(|date| date.instant());
            (Source::from(source.as_str()), instant)
        })
    }

    /// Returns the latest of the last backups of all sources.
    #[must_use]
    pub fn last_backup(&self) -> Option<jiff::Timestamp> {
        self.last_backups().filter_map(|(_, instant)| instant).max()
    }

    /// Iterates over the sources that are not known to have a backup in the `max_age` before `now`.
    pub fn stale_sources(
        &self,
        now: jiff::Timestamp,
        max_age: Duration,
    ) -> impl Iterator<Item = Source> {
        let stale = self
            .last_backups()
            .filter(move |(_, last)| last.is_none_or(|last| is_older(last, now, max_age)));
        stale.map(|(source, _)| source)
    }

    /// Returns whether any source is not known to have a backup in the `max_age` before `now`.
    ///
    /// An archived task becomes stale as time passes; see [`is_archived`](Self::is_archived).
    #[must_use]
    pub fn is_stale(&self, now: jiff::Timestamp, max_age: Duration) -> bool {
        self.last_backup().is_none() || self.stale_sources(now, max_age).next().is_some()
    }
}

impl SubSourceStatus {
    /// Returns whether the status is `FAILED`, in any case.
    ///
    /// No other value is known to be a failure. `ACTIVE` and `ARCHIVED` occur and are none; what
    /// success is called is not known.
    ///
    /// [Evidence](crate#evidence): observed.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| *status == "FAILED")
    }

    /// Returns whether the status is `FAILED` or there is an error text, which a backup that was
    /// only partly done may have without having failed.
    #[must_use]
    pub fn has_problem(&self) -> bool {
        let has_error = self
            .error
            .as_deref()
            .is_some_and(|error| !error.trim().is_empty());
        has_error || self.is_failed()
    }
}

impl BackupStatus {
    /// Returns a text to show for the entry: the entity, else the source, else the id of the task.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "entry without a name",
            [
                self.entity_name.as_deref(),
                self.source.as_ref().map(Source::as_str),
                self.task_id.as_ref().map(AsRef::as_ref),
            ],
        )
    }

    /// Iterates over the sub-sources whose status is `FAILED`, in any case.
    ///
    /// A backup that was only partly done may have an error text and another status: see
    /// [`problems`](Self::problems).
    ///
    /// [Evidence](crate#evidence): observed.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::BackupStatus;
    /// let entry: BackupStatus = serde_json::from_str(
    ///     r#"{"backupStatus": [
    ///         {"subSource": "Mail", "status": "FAILED"},
    ///         {"subSource": "Files", "status": "DONE"},
    ///         {"subSource": "Calendar", "status": "DONE", "error": "2 items were skipped"}
    ///     ]}"#,
    /// )?;
    /// let names = |entry: &mut dyn Iterator<Item = &cloudally::types::SubSourceStatus>| {
    ///     entry.filter_map(|status| status.sub_source.clone()).collect::<Vec<_>>()
    /// };
    /// assert_eq!(names(&mut entry.failed_sub_sources()), ["Mail"]);
    /// assert_eq!(names(&mut entry.problems()), ["Mail", "Calendar"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn failed_sub_sources(&self) -> impl Iterator<Item = &SubSourceStatus> {
        let all = self.backup_status.iter().flatten();
        all.filter(|sub_source| sub_source.is_failed())
    }

    /// Iterates over the sub-sources that failed or carry an error text.
    pub fn problems(&self) -> impl Iterator<Item = &SubSourceStatus> {
        let all = self.backup_status.iter().flatten();
        all.filter(|sub_source| sub_source.has_problem())
    }

    /// Returns whether the status of any sub-source is `FAILED`.
    ///
    /// `false` does not mean that the backup worked: it may be partly done, old, or of an archived
    /// task. [`problems`](Self::problems) and [`is_stale`](Self::is_stale) cover the first two.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.failed_sub_sources().next().is_some()
    }

    /// Returns when a backup was last attempted, or else when one last worked.
    #[must_use]
    pub fn last_seen(&self) -> Option<jiff::Timestamp> {
        let attempt = self
            .last_backup_attempt_date
            .as_ref()
            .and_then(|date| date.instant());
        attempt.or_else(|| self.last_backup())
    }

    /// Returns when a backup last worked.
    ///
    /// [Evidence](crate#evidence): observed for the field, inferred for its meaning.
    #[must_use]
    pub fn last_backup(&self) -> Option<jiff::Timestamp> {
        self.last_backup_date
            .as_ref()
            .and_then(|date| date.instant())
    }

    /// Returns whether no backup is known to have worked in the `max_age` before `now`.
    #[must_use]
    pub fn is_stale(&self, now: jiff::Timestamp, max_age: Duration) -> bool {
        self.last_backup()
            .is_none_or(|last| is_older(last, now, max_age))
    }

    /// Returns whether nothing was attempted for `max_age` before `now`, so that the entry is about
    /// the past.
    ///
    /// An entry without a known date is not abandoned, because nothing says that it is old.
    #[must_use]
    pub fn is_abandoned(&self, now: jiff::Timestamp, max_age: Duration) -> bool {
        self.last_seen()
            .is_some_and(|last| is_older(last, now, max_age))
    }
}

fn is_older(then: jiff::Timestamp, now: jiff::Timestamp, max_age: Duration) -> bool {
    now.duration_since(then).unsigned_abs() > max_age && then < now
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(last: Option<&str>, attempt: Option<&str>) -> BackupStatus {
        serde_json::from_value(json!({"lastBackupDate": last, "lastBackupAttemptDate": attempt}))
            .unwrap()
    }

    #[test]
    fn stale_is_old_or_never_and_abandoned_is_untried() {
        let now: jiff::Timestamp = "2026-03-31T00:00:00Z".parse().unwrap();
        let day = Duration::from_secs(24 * 3600);
        for (last, attempt, stale, abandoned) in [
            (Some("2026-03-30T12:00:00Z"), None, false, false),
            (
                Some("2026-03-29T12:00:00Z"),
                Some("2026-03-30T12:00:00Z"),
                true,
                false,
            ),
            (
                Some("2026-02-01T00:00:00Z"),
                Some("2026-02-02T00:00:00Z"),
                true,
                true,
            ),
            (Some("2027-01-01T00:00:00Z"), None, false, false),
            (None, None, true, false),
            (Some("soon"), None, true, false),
        ] {
            let entry = entry(last, attempt);
            assert_eq!(entry.is_stale(now, day), stale, "{last:?}");
            assert_eq!(entry.is_abandoned(now, 30 * day), abandoned, "{last:?}");
        }
    }
}
