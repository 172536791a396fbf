//! Generates the status entries, each of which describes the last backup of one entity of a task.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::dates::{self, DAY, MINUTE};
use super::users::Tenant;
use super::{Origin, Stream, healthy, names, pick, remove, uuid};

const SUB_SOURCES: [&str; 5] = ["MAIL", "CONTACTS", "CALENDAR", "FILES", "LISTS"];
const ERRORS: [&str; 4] = [
    "Access token was revoked by the administrator",
    "Mailbox not found: the license was removed",
    "Quota of the service exceeded, retry later",
    "Verbindung \"abgebrochen\" – 接続エラー",
];

/// The interval between failed entries.
const FAILED_EVERY: usize = 25;
const FAILED_AT: usize = 7;
/// The interval between failed entries whose last attempt is more than 30 days ago.
const FAILED_LONG_AGO_EVERY: usize = 5 * FAILED_EVERY;

pub(super) fn generate(
    origin: Origin,
    count: usize,
    tenants: &[Tenant],
    tasks: &[Value],
) -> Vec<Value> {
    let rng = &mut origin.rng(Stream::Statuses);
    if origin.healthy {
        return all_healthy(origin, rng, count, tasks);
    }
    (0..count)
        .map(|i| {
            let unlisted = i % 100 == 42 || tasks.is_empty();
            let mut entry = if unlisted {
                let task = unlisted_task(rng, tenants);
                entry(origin, rng, i, &task)
            } else {
                entry(origin, rng, i, &tasks[i % tasks.len()])
            };
            if origin.ragged {
                odd(&mut entry, i);
            }
            entry
        })
        .collect()
}

/// Generates entries of successful backups. The entities of a task differ, and their sizes add up
/// to nearly that of the task.
fn all_healthy(origin: Origin, rng: &mut ChaCha8Rng, count: usize, tasks: &[Value]) -> Vec<Value> {
    let mut entities = vec![HashSet::new(); tasks.len()];
    let of_tasks = (0..count).zip((0..tasks.len()).cycle());
    of_tasks
        .map(|(i, at)| {
            let (task, taken) = (&tasks[at], &mut entities[at]);
            let mut entry = entry(origin, rng, i, task);
            healthy::entry(&mut entry, healthy::last_run(task, origin.now));
            let account = entry["entityName"].as_str().unwrap_or_default();
            let domain = account.split_once('@').map_or("", |(_, domain)| domain);
            let address = match taken.len() {
                0 => account.to_owned(),
                _ => names::mail(&names::person(rng), domain),
            };
            let entity = healthy::entity(&address, taken);
            entry["entityName"] = json!(entity);
            taken.insert(entity);
            let share = (task["size"].as_i64(), task["numOfEntities"].as_i64());
            if let (Some(size), Some(parts @ 1..)) = share {
                entry["size"] = json!(size / parts);
            }
            entry
        })
        .collect()
}

/// Returns the fields of a task that its status entries repeat or follow from.
pub(super) fn facts(task: &Value) -> Value {
    json!({
        "id": task["id"],
        "userId": task.get("userId"),
        "source": task["source"],
        "account": task.get("account"),
        "status": task["status"],
        "nextBackup": task["nextBackup"],
        "numOfEntities": task["numOfEntities"],
        "size": task["size"],
    })
}

/// Returns a task of a user that is not in the task list.
fn unlisted_task(rng: &mut ChaCha8Rng, tenants: &[Tenant]) -> Value {
    let owner = (!tenants.is_empty()).then(|| &tenants[rng.random_range(0..tenants.len())].id);
    json!({"id": uuid(rng), "userId": owner, "source": "GMAIL", "status": "ARCHIVED"})
}

fn entry(origin: Origin, rng: &mut ChaCha8Rng, i: usize, task: &Value) -> Value {
    let failed = i % FAILED_EVERY == FAILED_AT;
    let attempt_age = if i % FAILED_LONG_AGO_EVERY == FAILED_AT || i % 60 == 50 {
        rng.random_range(31..120) * DAY
    } else {
        rng.random_range(5..20 * 60) * MINUTE
    };
    let backup_age = match i % 20 {
        3 => attempt_age + rng.random_range(3..25) * DAY,
        _ if failed => attempt_age + rng.random_range(1..6) * DAY,
        _ => attempt_age,
    };
    json!({
        "userId": task.get("userId"),
        "taskId": task["id"],
        "source": task["source"],
        "entityName": task.get("account").filter(|account| !account.is_null()).map_or_else(
            || json!(names::person(rng)),
            Value::clone,
        ),
        "lastBackupDate": dates::rfc3339(dates::ago(origin.now, backup_age)),
        "lastBackupAttemptDate": attempt_date(origin, i, attempt_age),
        "backupDuration": rng.random_range(1..5400),
        "size": rng.random_range(0..80_000_000_000_i64),
        "backupStatus": if failed { failures(rng, i) } else { successes(origin, rng, task, i) },
    })
}

/// Formats an instant in one of the ways that occur.
fn attempt_date(origin: Origin, i: usize, age: i64) -> String {
    let at = dates::ago(origin.now, age);
    match i % 16 {
        _ if !origin.ragged => dates::rfc3339(at),
        5 => dates::rfc3339_seconds(at),
        9 => dates::without_offset(at),
        13 => dates::with_offset(at),
        _ => dates::rfc3339(at),
    }
}

/// Returns a sub-source that did not fail.
///
/// Evidence: observed for `ACTIVE` and `ARCHIVED`, inferred for `SUCCESS`, which is why only ragged
/// data has it.
fn successes(origin: Origin, rng: &mut ChaCha8Rng, task: &Value, i: usize) -> Value {
    let status = match task["status"].as_str() {
        _ if origin.ragged && i.is_multiple_of(2) => "SUCCESS",
        Some("ARCHIVED") => "ARCHIVED",
        _ => "ACTIVE",
    };
    json!([{"subSource": pick(rng, &SUB_SOURCES), "status": status, "error": null, "errFAQLink": null}])
}

/// Returns one to three failed sub-sources, and every other time a successful one too.
fn failures(rng: &mut ChaCha8Rng, i: usize) -> Value {
    let failed = SUB_SOURCES.iter().take(1 + i % 3).map(|sub_source| {
        json!({
            "subSource": sub_source,
            "status": "FAILED",
            "error": pick(rng, &ERRORS),
            "errFAQLink": format!("https://support.example.com/faq/{}", rng.random_range(100..999)),
        })
    });
    let mut all: Vec<Value> = failed.collect();
    if i.is_multiple_of(2) {
        all.push(
            json!({"subSource": "LISTS", "status": "ACTIVE", "error": null, "errFAQLink": null}),
        );
    }
    all.into()
}

/// Varies the entries. Of a failed one's `backupStatus`, only the description of the failure
/// varies, so that it remains a failure.
fn odd(entry: &mut Value, i: usize) {
    match i % 40 {
        1 => entry["backupStatus"] = json!([]),
        11 => entry["lastBackupDate"] = Value::Null,
        16 => entry["backupStatus"] = Value::Null,
        19 => entry["backupStatus"][0]["status"] = json!("HALF_DONE"),
        21 => remove(entry, "backupDuration"),
        24 => entry["entityName"] = json!(names::strange(i / 40)),
        26 => entry["size"] = Value::Null,
        29 => entry["throttled"] = json!({"count": i, "by": "service"}),
        31 => remove(entry, "backupStatus"),
        34 => entry["source"] = json!("HOLODRIVE"),
        36 => entry["entityName"] = Value::Null,
        39 => entry["lastBackupAttemptDate"] = Value::Null,
        _ => {}
    }
    if i % FAILED_EVERY == FAILED_AT {
        match (i / FAILED_EVERY) % 6 {
            1 => entry["backupStatus"][0]["errFAQLink"] = Value::Null,
            2 => entry["backupStatus"][0]["error"] = Value::Null,
            3 => remove(&mut entry["backupStatus"][0], "subSource"),
            4 => remove(&mut entry["backupStatus"][0], "errFAQLink"),
            _ => {}
        }
    }
}
