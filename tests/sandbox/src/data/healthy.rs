//! What a task, its status entries and a backup task look like while their backups work.
//!
//! A healthy task runs daily. Its last run was 24 hours before the one that its `nextBackup`
//! announces, so that it stays less than a day old however far the clock moves.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::dates::{self, HOUR, MINUTE};
use super::set::text;
use super::{Size, progress};

const DAY_HOURS: i64 = 24;

/// Returns what keeps a fleet of this size from being healthy, with the size that would do.
pub(crate) fn obstacle(size: Size) -> Option<String> {
    let Size {
        users,
        tasks,
        statuses,
    } = size;
    if users == 0 {
        return Some("it needs at least 1 user".to_owned());
    }
    if tasks < users {
        let have = format!("{users} users need at least {users} tasks");
        return Some(format!("{have}, and there are {tasks}"));
    }
    (statuses < tasks).then(|| {
        format!("{tasks} tasks need at least {tasks} status entries, and there are {statuses}")
    })
}

/// Returns the number of status entries of the `i`-th task.
pub(super) fn entities(i: usize, size: Size) -> usize {
    let more = i < size.statuses.checked_rem(size.tasks).unwrap_or_default();
    size.statuses.checked_div(size.tasks).unwrap_or_default() + usize::from(more)
}

/// Lets the backups of a task work, and returns the time of the last one.
pub(crate) fn task(task: &mut Value, now: Timestamp) -> Timestamp {
    let next = hours_to_next(task);
    let last = last_run(task, now);
    let source = text(task, "source").unwrap_or_default().to_owned();
    task["type"] = json!("BACKUP");
    task["status"] = json!("ACTIVE");
    task["snapshotDate"] = Value::Null;
    task["lastBackupDates"] = json!(Map::from_iter([(
        source,
        json!(dates::second_number(last))
    )]));
    task["nextBackup"] = json!(format!("In {next} hours"));
    task["progress"] = Value::Null;
    last
}

/// Returns when a healthy task ran last.
pub(super) fn last_run(task: &Value, now: Timestamp) -> Timestamp {
    dates::ago(now, (DAY_HOURS - hours_to_next(task)) * HOUR)
}

fn hours_to_next(task: &Value) -> i64 {
    let next = progress::hours_to_next(task).filter(|hours| *hours <= DAY_HOURS);
    next.unwrap_or(DAY_HOURS / 2)
}

/// Lets the last run, of which the entry tells, be a success.
///
/// Evidence: observed for `ACTIVE`, which is no failure. What success is called is not known.
pub(crate) fn entry(entry: &mut Value, run: Timestamp) {
    let sub_source = entry["backupStatus"][0]["subSource"].as_str();
    let sub_source = sub_source.unwrap_or("MAIL").to_owned();
    entry["lastBackupDate"] = json!(dates::rfc3339(run));
    entry["lastBackupAttemptDate"] = json!(dates::rfc3339(run));
    entry["backupStatus"] = json!([succeeded(&sub_source)]);
}

/// Returns a sub-source that did not fail.
pub(crate) fn succeeded(sub_source: &str) -> Value {
    json!({"subSource": sub_source, "status": "ACTIVE", "error": null, "errFAQLink": null})
}

/// Lets a backup task run by its schedule. A `manual` one becomes `daily`, because it would grow
/// old.
pub(super) fn backup_task(task: &mut Value, now: Timestamp, random_minutes: i64) {
    let period = match task["schedule"]["frequency"].as_str() {
        Some("every_3_hours") => 3 * HOUR,
        _ => {
            task["schedule"]["frequency"] = json!("daily");
            DAY_HOURS * HOUR
        }
    };
    let age = random_minutes * MINUTE % period;
    task["status"] = json!("success");
    task["lastBackup"] = json!(dates::rfc3339(dates::ago(now, age)));
}

/// Returns an address that is not among the entities of a task yet: with a number, if the given one
/// is.
pub(crate) fn entity(address: &str, taken: &HashSet<String>) -> String {
    let (name, domain) = address.split_once('@').unwrap_or((address, "example.com"));
    let numbered = (2_u64..).map(|number| format!("{name}.{number}@{domain}"));
    std::iter::once(address.to_owned())
        .chain(numbered)
        .find(|entity| !taken.contains(entity))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_cannot_be_healthy_is_explained() {
        let size = |users, tasks, statuses| Size {
            users,
            tasks,
            statuses,
        };
        for (size, expected) in [
            (size(0, 0, 0), Some("it needs at least 1 user")),
            (
                size(3, 2, 9),
                Some("3 users need at least 3 tasks, and there are 2"),
            ),
            (
                size(3, 5, 4),
                Some("5 tasks need at least 5 status entries, and there are 4"),
            ),
            (size(1, 1, 1), None),
        ] {
            assert_eq!(obstacle(size).as_deref(), expected);
        }
    }

    #[test]
    fn entities_add_up() {
        let size = Size {
            users: 1,
            tasks: 7,
            statuses: 23,
        };
        let all: Vec<usize> = (0..7).map(|i| entities(i, size)).collect();
        assert_eq!(all, [4, 4, 3, 3, 3, 3, 3]);
    }

    #[test]
    fn entities_differ() {
        let mut taken = HashSet::new();
        for expected in ["a@b.example", "a.2@b.example", "a.3@b.example"] {
            let entity = entity("a@b.example", &taken);
            assert_eq!(entity, expected);
            taken.insert(entity);
        }
    }
}
