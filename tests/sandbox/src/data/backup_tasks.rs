//! Generates the backup tasks that portal users see.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::dates::{self, DAY, MINUTE};
use super::users::Tenant;
use super::{Origin, Stream, healthy, names, pick, remove, uuid};

const BACKUP_TASKS: usize = 60;
const TYPES: [&str; 7] = [
    "MS365",
    "GOOGLE_WORKSPACE",
    "SALESFORCE",
    "BOX",
    "DROPBOX",
    "SHAREPOINT",
    "ONEDRIVE",
];
const STATUSES: [&str; 5] = ["success", "failed", "in_progress", "paused", "pending"];
const FREQUENCIES: [&str; 3] = ["daily", "every_3_hours", "manual"];
const TIME_ZONES: [&str; 3] = ["America/New_York", "Europe/Berlin", "UTC"];

/// Generates the backup tasks, each with its owner, which the task itself does not name.
/// Consecutive tenants own one each, so that with every seed a reseller and the partner's own users
/// have some.
pub(super) fn generate(origin: Origin, tenants: &[Tenant]) -> Vec<(Value, Option<&Tenant>)> {
    let rng = &mut origin.rng(Stream::BackupTasks);
    let first = match tenants.len() {
        0 => 0,
        count => origin.rng(Stream::BackupTaskOwners).random_range(0..count),
    };
    let mut owners = tenants.iter().cycle().skip(first);
    (0..BACKUP_TASKS)
        .map(|i| {
            let mut task = backup_task(origin, rng, i);
            if origin.healthy {
                healthy::backup_task(&mut task, origin.now, rng.random_range(10..20 * 60));
            } else if i % 15 == 13 {
                task["lastBackup"] = json!(dates::rfc3339(dates::ago(origin.now, 9 * DAY)));
            }
            if origin.ragged {
                odd(&mut task, i);
            }
            (task, owners.next())
        })
        .collect()
}

fn backup_task(origin: Origin, rng: &mut ChaCha8Rng, i: usize) -> Value {
    let last_backup = dates::ago(origin.now, rng.random_range(10..20 * 60) * MINUTE);
    json!({
        "id": uuid(rng),
        "name": names::company(rng),
        "type": TYPES[i % TYPES.len()],
        "status": STATUSES[i % STATUSES.len()],
        "lastBackup": dates::rfc3339(last_backup),
        "createdAt": dates::rfc3339(dates::ago(origin.now, rng.random_range(30..1500) * DAY)),
        "size": rng.random_range(0..500_000_000_000_i64),
        "schedule": {"frequency": pick(rng, &FREQUENCIES), "timezone": pick(rng, &TIME_ZONES)},
    })
}

fn odd(task: &mut Value, i: usize) {
    match i % 15 {
        1 => task["name"] = json!(names::strange(i / 15)),
        3 => task["lastBackup"] = Value::Null,
        4 => task["size"] = Value::Null,
        6 => task["type"] = json!("MAINFRAME"),
        7 => task["status"] = json!("dreaming"),
        8 => task["schedule"]["frequency"] = json!("every_full_moon"),
        9 => remove(task, "schedule"),
        11 => task["labels"] = json!(["finance", "keep"]),
        _ => {}
    }
}
