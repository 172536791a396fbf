//! Methods of the generated types that combine several fields.

use std::borrow::Cow;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{JobId, TaskId};
use crate::types::{
    BackupStatus, BackupTask, Bill, Reseller, RestoreJob, RestoreRequest, RestoreState, Source,
    SubSourceStatus, Task, User,
};

impl User {
    /// Returns the day of [`date`](Self::date), or `None` if it is missing or has no known form.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let user: cloudally::types::User = serde_json::from_str(r#"{"date": 20210311}"#)?;
    /// assert_eq!(user.date().map(|day| day.to_string()).as_deref(), Some("2021-03-11"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.date.as_ref().and_then(|date| date.date())
    }

    /// Returns the name without the number that the portal appends to it since March 2026.
    ///
    /// Show it, but join by id: names repeat, and a name that ended with a number of its own before
    /// loses that number here.
    ///
    /// [Evidence](crate#evidence): published.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let user: cloudally::types::User = serde_json::from_str(r#"{"name": "Studio 54 12345"}"#)?;
    /// assert_eq!(user.display_name(), Some("Studio 54"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().and_then(without_number)
    }

    /// Returns a text to show for the user: the display name, else the address, else the id.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "user without a name",
            [
                self.display_name(),
                self.email.as_deref(),
                self.id.as_ref().map(AsRef::as_ref),
            ],
        )
    }
}

impl Bill {
    /// Returns the name without the number that the portal appends to it; see
    /// [`User::display_name`].
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().and_then(without_number)
    }

    /// Returns a text to show for the bill: the display name, else the period.
    ///
    /// A bill names no tenant id, so two tenants of one name have the same label.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "bill without a name",
            [self.display_name(), self.period.as_deref()],
        )
    }
}

impl Reseller {
    /// Returns a text to show for the reseller: its name, else its contact, else its address, else
    /// its id.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        label(
            "reseller without a name",
            [
                self.reseller_name.as_deref(),
                self.contact_name.as_deref(),
                self.reseller_email.as_deref(),
                self.partner_id.as_ref().map(AsRef::as_ref),
            ],
        )
    }
}

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

/// The first text that is not blank, as one line: a name can contain control characters, which
/// would forge lines in a log or a terminal.
fn label<'a, const N: usize>(otherwise: &'static str, texts: [Option<&'a str>; N]) -> Cow<'a, str> {
    let mut texts = texts.into_iter().flatten().map(str::trim);
    let found = texts.find(|text| !text.is_empty()).unwrap_or(otherwise);
    if found.contains(char::is_control) {
        return Cow::Owned(found.replace(char::is_control, " "));
    }
    Cow::Borrowed(found)
}

/// `Acme 12345` without ` 12345`. A name that is nothing but a number stays as it is.
fn without_number(name: &str) -> Option<&str> {
    let name = name.trim();
    let name = match name.rsplit_once(char::is_whitespace) {
        Some((rest, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim_end(),
        _ => name,
    };
    Some(name).filter(|name| !name.is_empty())
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

impl RestoreRequest {
    /// Starts a request to restore what a task backs up.
    ///
    /// Nothing is known of the request beyond its fields, all of which are inferred. What else the
    /// service needs goes into [`extra`](Self::extra).
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::RestoreRequest;
    /// let request = RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10")
    ///     .with_entity_name("ann@acme.example.com");
    /// ```
    #[must_use]
    pub fn new(task_id: impl Into<TaskId>) -> Self {
        Self {
            task_id: Some(task_id.into()),
            ..Self::default()
        }
    }

    /// Reads a request from the JSON that it was written as, or returns `None` for a value that is
    /// not an object.
    ///
    /// Unlike deserialising, it never fails on a field and converts none: a value in
    /// [`extra`](Self::extra) may have the name of a field and another type.
    #[must_use]
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut fields) = value else {
            return None;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            task_id: take(&mut fields, "taskId", text).map(TaskId::from),
            entity_name: take(&mut fields, "entityName", text),
            snapshot_date: take(&mut fields, "snapshotDate", Value::as_i64),
            extra: fields.into(),
        })
    }
}

/// What the state of a restore job means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RestoreOutcome {
    /// The job is running, or its state has no known meaning.
    Running,
    /// The job ended and the data is restored.
    Done,
    /// The job ended without restoring the data.
    Failed,
}

impl RestoreJob {
    /// Reads a job from any JSON object, or returns `None` for a value that is not an object.
    ///
    /// Nothing is known of the fields of a job, so none of them makes reading fail: a field of an
    /// unexpected type goes into [`extra`](Self::extra). Numbers are read as text and the reverse.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// use cloudally::types::RestoreJob;
    /// let job = RestoreJob::from_value(serde_json::json!({"jobId": 7, "progress": "40 %"})).unwrap();
    /// assert_eq!(job.job_id, Some("7".into()));
    /// assert_eq!(job.extra["progress"], "40 %");
    /// ```
    #[must_use]
    pub fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut fields) = value else {
            return None;
        };
        Some(Self {
            job_id: take(&mut fields, "jobId", text).map(JobId::from),
            status: take(&mut fields, "status", text).map(RestoreState::from),
            progress: take(&mut fields, "progress", whole),
            message: take(&mut fields, "message", text),
            extra: fields.into(),
        })
    }

    /// Returns what the state of the job means.
    ///
    /// The values of `status` are not documented. The usual ones for success and failure are
    /// recognised in any case; any other counts as running.
    ///
    /// [Evidence](crate#evidence): inferred.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{models::*, types::*}; } }
    /// use cloudally::types::RestoreOutcome;
    /// let job: cloudally::types::RestoreJob = serde_json::from_str(r#"{"status": "Succeeded"}"#)?;
    /// assert_eq!(job.outcome(), RestoreOutcome::Done);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn outcome(&self) -> RestoreOutcome {
        let status = self
            .status
            .as_ref()
            .map(RestoreState::as_str)
            .unwrap_or_default();
        match status.to_ascii_uppercase().as_str() {
            "COMPLETED" | "COMPLETE" | "DONE" | "FINISHED" | "SUCCESS" | "SUCCEEDED" => {
                RestoreOutcome::Done
            }
            "FAILED" | "FAILURE" | "ERROR" | "CANCELLED" | "CANCELED" | "ABORTED" | "REJECTED" => {
                RestoreOutcome::Failed
            }
            _ => RestoreOutcome::Running,
        }
    }
}

/// Takes a field out of the object if it can be read.
fn take<T>(
    fields: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Option<T> {
    let value = read(fields.get(name)?)?;
    fields.remove(name);
    Some(value)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
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

    #[test]
    fn a_label_is_one_line_and_never_empty() {
        for (alias, expected) in [("a\nb\u{1b}[31m", "a b [31m"), (" x ", "x"), (" ", "T-1")] {
            let task = Task::default().with_alias(alias).with_id("T-1");
            assert_eq!(task.label(), expected, "{alias:?}");
        }
        assert_eq!(Task::default().label(), "task without a name");
    }

    #[test]
    fn a_name_loses_its_last_number_and_nothing_else() {
        for (name, expected) in [
            ("Acme 12345", "Acme"),
            ("Studio 54 12345", "Studio 54"),
            ("Acme  12345 ", "Acme"),
            ("Acme", "Acme"),
            ("Acme2000", "Acme2000"),
            ("12345", "12345"),
            ("Acme 12a", "Acme 12a"),
            ("Ünal 1", "Ünal"),
            ("", ""),
        ] {
            let expected = Some(expected).filter(|name| !name.is_empty());
            assert_eq!(without_number(name), expected, "{name:?}");
        }
    }

    #[test]
    fn unknown_states_and_none_go_on() {
        for (status, outcome) in [
            (json!(null), RestoreOutcome::Running),
            (json!("HALF_DONE"), RestoreOutcome::Running),
            (json!("COMPLETED"), RestoreOutcome::Done),
            (json!("failed"), RestoreOutcome::Failed),
        ] {
            let job: RestoreJob = serde_json::from_value(json!({"status": status})).unwrap();
            assert_eq!(job.outcome(), outcome, "{status}");
        }
    }
}
