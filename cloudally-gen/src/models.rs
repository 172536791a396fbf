//! What the types tell that no single field says.

use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{JobId, TaskId};
use crate::types::{
    BackupResult, Bill, RestoreJob, RestoreRequest, RestoreState, Source, StatusEntry,
    SubSourceStatus, Task, User,
};

impl User {
    /// The day of [`date`](Self::date), or nothing if it is missing or has no known form.
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

    /// The name without the number that the portal appends to it since March 2026 (observed): to be shown, not to be
    /// joined by. A name that ended with a number of its own before loses that.
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
}

impl Bill {
    /// The name without the number that the portal appends to it; see [`User::display_name`].
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().and_then(without_number)
    }
}

/// `Acme 12345` without ` 12345`; a name that is all number stays as it is.
fn without_number(name: &str) -> Option<&str> {
    let name = name.trim();
    let name = match name.rsplit_once(char::is_whitespace) {
        Some((rest, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim_end(),
        _ => name,
    };
    Some(name).filter(|name| !name.is_empty())
}

impl Task {
    /// The last backup of each source, by the name of the source: nothing where its date has no known form, which then
    /// is in [`last_backup_dates`](Self::last_backup_dates) as it came.
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let task: cloudally::types::Task =
    ///     serde_json::from_str(r#"{"lastBackupDates": {"GMAIL": 20230330202812, "DRIVE": "soon"}}"#)?;
    /// let last: Vec<_> = task.last_backups().map(|(source, at)| (source.to_string(), at.map(|at| at.to_string()))).collect();
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

    /// The latest of the last backups of all sources.
    #[must_use]
    pub fn last_backup(&self) -> Option<jiff::Timestamp> {
        self.last_backups().filter_map(|(_, instant)| instant).max()
    }

    /// The sources whose last backup is older than this at that moment, or not known.
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

    /// Whether the last backup of any source is older than this at that moment, or there was none that is known.
    #[must_use]
    pub fn is_stale(&self, now: jiff::Timestamp, max_age: Duration) -> bool {
        self.last_backup().is_none() || self.stale_sources(now, max_age).next().is_some()
    }
}

impl StatusEntry {
    /// The sub-sources whose last backup failed: those whose status is `FAILED` (observed), in either case. Any other
    /// word, known or not, is no failure; look at [`status`](SubSourceStatus::status) for those.
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, models::*, seconds::*, secret::*, timestamp::*, types::*}; } }
    /// use cloudally::types::StatusEntry;
    /// let entry: StatusEntry = serde_json::from_str(
    ///     r#"{"backupStatus": [{"subSource": "Mail", "status": "FAILED"}, {"subSource": "Files", "status": "DONE"}]}"#,
    /// )?;
    /// let failed: Vec<_> = entry.failed_sub_sources().filter_map(|failed| failed.sub_source.as_deref()).collect();
    /// assert_eq!(failed, ["Mail"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn failed_sub_sources(&self) -> impl Iterator<Item = &SubSourceStatus> {
        let all = self.backup_status.iter().flatten();
        all.filter(|sub_source| {
            let status = sub_source.status.as_ref().map(BackupResult::as_str);
            status.is_some_and(|status| status.eq_ignore_ascii_case("FAILED"))
        })
    }

    /// Whether any sub-source failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.failed_sub_sources().next().is_some()
    }

    /// When the last backup was tried, or else when the last one worked.
    #[must_use]
    pub fn last_seen(&self) -> Option<jiff::Timestamp> {
        let attempt = self
            .last_backup_attempt_date
            .as_ref()
            .and_then(|date| date.instant());
        attempt.or_else(|| self.last_backup())
    }

    /// When the last backup worked.
    #[must_use]
    pub fn last_backup(&self) -> Option<jiff::Timestamp> {
        self.last_backup_date
            .as_ref()
            .and_then(|date| date.instant())
    }

    /// Whether the last backup that worked is older than this at that moment, or there was none that is known.
    #[must_use]
    pub fn is_stale(&self, now: jiff::Timestamp, max_age: Duration) -> bool {
        self.last_backup()
            .is_none_or(|last| is_older(last, now, max_age))
    }

    /// Whether nothing was tried for this long at that moment, so that the entry tells of the past. An entry without a
    /// known date is not.
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
    /// Asks for what this task backs up. What else is to be said goes into the fields, and into `extra`.
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::types::*; } }
    /// let mut request = cloudally::types::RestoreRequest::new("6f1f4bb0-7d4c-4d4e-9a35-2f2f3c1f6a10");
    /// request.entity_name = Some("ann@acme.example.com".to_owned());
    /// ```
    #[must_use]
    pub fn new(task_id: impl Into<TaskId>) -> Self {
        Self {
            task_id: Some(task_id.into()),
            ..Self::default()
        }
    }
}

/// How a restore stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RestoreOutcome {
    /// It goes on, or its state is not known.
    Running,
    /// It ended well.
    Done,
    /// It ended, and not well.
    Failed,
}

impl RestoreJob {
    /// A job from any object: a field that is not what it is inferred to be goes into `extra`, where it stays reachable.
    /// Numbers and texts stand for each other. Nothing for what is no object.
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, models::*, seconds::*, secret::*, timestamp::*, types::*}; } }
    /// use cloudally::types::RestoreJob;
    /// let job = RestoreJob::from_value(serde_json::json!({"jobId": 7, "progress": "40 %"})).unwrap();
    /// assert_eq!(job.job_id.as_deref(), Some("7"));
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

    /// What the state means. The words of the service are not documented (inferred), so the usual ones are known, in
    /// either case; any other stands for a restore that goes on.
    ///
    /// ```
    /// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, models::*, seconds::*, secret::*, timestamp::*, types::*}; } }
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

/// A field in the form that is wanted; if it has another, it stays where it is.
fn take<T>(
    fields: &mut Map<String, Value>,
    name: &str,
    read: fn(&Value) -> Option<T>,
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

    fn entry(last: Option<&str>, attempt: Option<&str>) -> StatusEntry {
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
