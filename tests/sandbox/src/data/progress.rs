//! Advances backups with the clock. An item's values at the start are the plan: a task whose
//! `nextBackup` is `In 7 hours` runs a backup then, and daily from then on.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::dates::{self, HOUR};
use super::list::{Item, Kind, Schedule};
use super::set::{DataSet, text};

const DAY_HOURS: i64 = 24;

/// Returns the item as it is at `now`, or `None` if its stored text is still correct.
pub(crate) fn at(set: &DataSet, kind: Kind, item: &Item, now: Timestamp) -> Option<Value> {
    let hours = hours_between(item.since, now);
    if hours < 1 || item.schedule == Schedule::Stopped {
        return None;
    }
    let mut value = item.value();
    match kind {
        Kind::Tasks => task(&mut value, item.since, hours),
        Kind::Statuses => {
            let task = set.list(Kind::Tasks).get(text(&value, "taskId")?)?;
            if task.schedule == Schedule::Stopped {
                return None;
            }
            let plan = Plan::of(&task.value())?;
            let hours = hours_between(task.since, now);
            let run = plan.last_run(task.since, hours)?;
            status(&mut value, run, item.schedule);
        }
        Kind::BackupTasks => backup_task(&mut value, now),
        Kind::Users | Kind::Bills | Kind::Resellers => return None,
    }
    Some(value)
}

fn hours_between(since: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(since).as_hours()
}

fn after(since: Timestamp, hours: i64) -> Timestamp {
    since
        .checked_add(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MAX)
}

/// Returns the number in the `In 7 hours` of a `nextBackup`.
pub(super) fn hours_to_next(task: &Value) -> Option<i64> {
    let hours = text(task, "nextBackup")?
        .strip_prefix("In ")?
        .strip_suffix(" hours")?;
    hours.parse().ok().filter(|hours| *hours > 0)
}

/// When the backups of a task run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    first_in_hours: i64,
}

impl Plan {
    /// Returns the plan of a task, or `None` if it is not active or does not say when its next
    /// backup is.
    fn of(task: &Value) -> Option<Self> {
        if text(task, "status") != Some("ACTIVE") {
            return None;
        }
        let first_in_hours = hours_to_next(task)?;
        Some(Self { first_in_hours })
    }

    fn last_run(self, since: Timestamp, hours: i64) -> Option<Timestamp> {
        let late = hours - self.first_in_hours;
        (late >= 0).then(|| after(since, hours - late % DAY_HOURS))
    }

    fn hours_to_next(self, hours: i64) -> i64 {
        match self.first_in_hours - hours {
            to_first @ 1.. => to_first,
            past => DAY_HOURS - (-past) % DAY_HOURS,
        }
    }
}

fn task(task: &mut Value, since: Timestamp, hours: i64) {
    let Some(plan) = Plan::of(task) else {
        return;
    };
    task["nextBackup"] = json!(format!("In {} hours", plan.hours_to_next(hours)));
    let Some(run) = plan.last_run(since, hours) else {
        return;
    };
    let source = text(task, "source").unwrap_or_default().to_owned();
    if let Some(dates) = task
        .get_mut("lastBackupDates")
        .and_then(Value::as_object_mut)
    {
        dates.insert(source, json!(dates::second_number(run)));
    }
}

fn status(entry: &mut Value, run: Timestamp, schedule: Schedule) {
    let run = json!(dates::rfc3339(run));
    let failed = entry["backupStatus"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| text(one, "status") == Some("FAILED")));
    if !failed && schedule == Schedule::Runs {
        entry["lastBackupDate"] = run.clone();
    }
    entry["lastBackupAttemptDate"] = run;
}

fn backup_task(task: &mut Value, now: Timestamp) {
    let frequency = task
        .get("schedule")
        .and_then(|schedule| text(schedule, "frequency"));
    let period = match frequency {
        Some("daily") => DAY_HOURS * HOUR,
        Some("every_3_hours") => 3 * HOUR,
        _ => return,
    };
    let runs = matches!(
        text(task, "status"),
        Some("success" | "in_progress" | "pending")
    );
    let last: Option<Timestamp> = text(task, "lastBackup").and_then(|last| last.parse().ok());
    let (true, Some(last)) = (runs, last) else {
        return;
    };
    let age = now.duration_since(last).as_secs();
    if age >= period {
        let run = dates::ago(now, age % period);
        task["lastBackup"] = json!(dates::rfc3339(run));
        task["status"] = json!("success");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_task_is_backed_up_daily() {
        let made = json!({
            "status": "ACTIVE", "source": "GMAIL", "nextBackup": "In 7 hours",
            "lastBackupDates": {"GMAIL": 1, "BOX": 2},
        });
        for (hours, next, last) in [
            (1, "In 6 hours", 1),
            (6, "In 1 hours", 1),
            (7, "In 24 hours", 20_260_302_150_000_i64),
            (30, "In 1 hours", 20_260_302_150_000),
            (31, "In 24 hours", 20_260_303_150_000),
            (55, "In 24 hours", 20_260_304_150_000),
        ] {
            let mut value = made.clone();
            task(&mut value, start(), hours);
            assert_eq!(value["nextBackup"], next, "after {hours}");
            assert_eq!(value["lastBackupDates"], json!({"GMAIL": last, "BOX": 2}));
        }
    }

    #[test]
    fn what_has_no_plan_stays() {
        for made in [
            json!({"status": "ARCHIVED", "nextBackup": "In 7 hours", "lastBackupDates": {}}),
            json!({"status": "ACTIVE", "lastBackupDates": {}}),
            json!({"status": "ACTIVE", "nextBackup": "soon", "lastBackupDates": null}),
            json!({"status": "ACTIVE", "nextBackup": "In 0 hours"}),
        ] {
            let mut value = made.clone();
            task(&mut value, start(), 100);
            assert_eq!(value, made);
        }
    }

    #[test]
    fn a_failed_entry_is_tried_again() {
        let mut failed = json!({"lastBackupDate": "then", "backupStatus": [{"status": "FAILED"}]});
        status(&mut failed, start(), Schedule::Runs);
        assert_eq!(failed["lastBackupDate"], "then");
        assert_eq!(failed["lastBackupAttemptDate"], "2026-03-02T08:00:00.000Z");
        let mut good = json!({"backupStatus": null});
        status(&mut good, start(), Schedule::Runs);
        assert_eq!(good["lastBackupDate"], good["lastBackupAttemptDate"]);
        let next = after(start(), 24);
        status(&mut good, next, Schedule::Attempts);
        assert_eq!(good["lastBackupDate"], "2026-03-02T08:00:00.000Z");
        assert_eq!(good["lastBackupAttemptDate"], "2026-03-03T08:00:00.000Z");
    }

    #[test]
    fn a_backup_task_keeps_its_schedule() {
        let made = json!({
            "status": "pending", "lastBackup": "2026-03-02T07:30:00.000Z",
            "schedule": {"frequency": "every_3_hours"},
        });
        let mut value = made.clone();
        backup_task(&mut value, after(start(), 2));
        assert_eq!(value, made);
        backup_task(&mut value, after(start(), 9));
        assert_eq!(value["lastBackup"], "2026-03-02T16:30:00.000Z");
        assert_eq!(value["status"], "success");
    }
}
