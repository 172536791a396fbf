//! Generates the partner's tasks: one per protected workload of a user.

use std::collections::HashMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::dates::{self, DAY, HOUR, MINUTE};
use super::users::Tenant;
use super::{Origin, REGIONS, SOURCES, Size, Stream, healthy, names, pick, remove, uuid};

/// 2^53 + 1, the first integer that a double cannot represent.
const BEYOND_DOUBLE: i64 = 9_007_199_254_740_993;

/// A field that the SDK does not know.
const EXTRA: &str = "dataResidency";

/// The ids of each tenant's backup tasks.
pub(super) type BackupTaskIds<'a> = HashMap<&'a str, Vec<&'a str>>;

/// Generates the tasks one at a time, because all at once would take much memory. They share one
/// object that is overwritten, because building the same fields for each would take as long as
/// everything else.
pub(super) fn generate(
    origin: Origin,
    size: Size,
    tenants: &[Tenant],
    backup_tasks: &BackupTaskIds<'_>,
    mut each: impl FnMut(&Value),
) {
    let rng = &mut origin.rng(Stream::Tasks);
    let mut task = json!({});
    for i in 0..size.tasks {
        // The lower of two draws favours the first tenants, so that tenants differ in size.
        let tenant = (!tenants.is_empty()).then(|| {
            let (a, b) = (
                rng.random_range(0..tenants.len()),
                rng.random_range(0..tenants.len()),
            );
            match tenants.get(i) {
                // Every tenant has a task.
                Some(tenant) if origin.healthy => tenant,
                _ => &tenants[a.min(b)],
            }
        });
        write(origin, rng, tenant, &mut task);
        if origin.healthy {
            healthy::task(&mut task, origin.now);
            count(healthy::entities(i, size), &mut task);
        } else {
            vary(origin, &mut task, i);
        }
        if origin.ragged {
            let ids = tenant.and_then(|tenant| backup_tasks.get(tenant.id.as_str()));
            join(tenant, ids.map_or(&[], Vec::as_slice), &mut task, i);
            odd(origin, &mut task, i);
        }
        each(&task);
    }
}

fn write(origin: Origin, rng: &mut ChaCha8Rng, tenant: Option<&Tenant>, task: &mut Value) {
    // Only some tasks have this field.
    remove(task, EXTRA);
    let mut set = |name: &str, value: Value| match task.get_mut(name) {
        Some(field) => *field = value,
        None => task[name] = value,
    };
    let source = pick(rng, &SOURCES);
    let multi = source == "SHAREPOINT_MULTI";
    let entities = if multi { rng.random_range(2..400) } else { 1 };
    let account = tenant.map(|tenant| tenant.account(rng));
    let last_backup = dates::ago(origin.now, rng.random_range(10..20 * 60) * MINUTE);
    let last_backup = json!(dates::second_number(last_backup));
    set("id", json!(uuid(rng)));
    set("account", json!(account));
    set("type", json!("BACKUP"));
    set("source", json!(source));
    set("userId", json!(tenant.map(|tenant| &tenant.id)));
    set("domain", Value::Null);
    let archived = rng.random_bool(0.1);
    set(
        "status",
        json!(if archived { "ARCHIVED" } else { "ACTIVE" }),
    );
    set("region", json!(pick(rng, &REGIONS)));
    set("alias", json!(names::person(rng)));
    set("backupTaskId", Value::Null);
    set("index", json!(rng.random_bool(0.8)));
    set("snapshotDate", Value::Null);
    set(
        "lastBackupDates",
        json!(Map::from_iter([(source.to_owned(), last_backup)])),
    );
    let hours = rng.random_range(1..24);
    set("nextBackup", json!(format!("In {hours} hours")));
    set("progress", Value::Null);
    set("size", json!(rng.random_range(0..500_000_000_000_i64)));
    let created = dates::ago(origin.now, rng.random_range(30..1500) * DAY);
    set("createDate", json!(dates::rfc3339(created)));
    set("numOfBilledEntities", json!(entities - entities / 10));
    set("numOfEntities", json!(entities));
    set("userEmail", json!(account));
    set("multiEntitiesTask", json!(multi));
}

/// Sets the number of entities.
fn count(entities: usize, task: &mut Value) {
    task["numOfBilledEntities"] = json!(entities);
    task["numOfEntities"] = json!(entities);
    task["multiEntitiesTask"] = json!(entities > 1);
}

/// Varies what varies in the live service, too.
fn vary(origin: Origin, task: &mut Value, i: usize) {
    match i % 23 {
        11 => task["snapshotDate"] = json!(dates::second_number(dates::ago(origin.now, DAY))),
        13 => task["progress"] = progress(i, "PREPARE"),
        _ => {}
    }
    if i % 31 == 9 {
        task["lastBackupDates"] = stale(origin, i);
    }
}

/// Sets the domain, and on every second task a backup task of the same tenant. Both are null in all
/// published samples.
fn join(tenant: Option<&Tenant>, backup_tasks: &[&str], task: &mut Value, i: usize) {
    task["domain"] = json!(tenant.map(|tenant| &tenant.domain));
    if i.is_multiple_of(2) && !backup_tasks.is_empty() {
        task["backupTaskId"] = json!(backup_tasks[i / 2 % backup_tasks.len()]);
    }
}

/// The three cycles are coprime, so that unusual values occur in all combinations.
fn odd(origin: Origin, task: &mut Value, i: usize) {
    match i % 23 {
        2 => task["alias"] = json!(""),
        3 => task["status"] = json!("HIBERNATED"),
        5 => task["source"] = json!("HOLODRIVE"),
        7 => task["alias"] = json!(names::strange(i / 23)),
        13 if !i.is_multiple_of(2) => task["progress"] = progress(i, "DAYDREAM"),
        17 => remove(task, "alias"),
        19 => task[EXTRA] = json!({"pinned": true, "zones": ["a", "b"]}),
        _ => {}
    }
    match i % 29 {
        3 => task["size"] = Value::Null,
        8 => remove(task, "nextBackup"),
        13 => task["region"] = json!("MOON_NORTH"),
        16 => task["size"] = json!(BEYOND_DOUBLE),
        19 => task["type"] = json!("REPLICA"),
        21 => task["alias"] = Value::Null,
        24 => remove(task, "userId"),
        27 => task["userEmail"] = Value::Null,
        _ => {}
    }
    match i % 31 {
        4 => task["lastBackupDates"] = Value::Null,
        6 => task["lastBackupDates"] = json!({}),
        14 => task["lastBackupDates"] = other_lengths(origin),
        20 => task["lastBackupDates"]["HOLODRIVE"] = Value::Null,
        26 => remove(task, "lastBackupDates"),
        _ => {}
    }
}

fn progress(i: usize, state: &str) -> Value {
    json!({
        "current": i % 100,
        "state": state,
        "service": "GMAIL",
        "cancelled": false,
    })
}

fn stale(origin: Origin, i: usize) -> Value {
    let days = 3 + i64::try_from(i % 12).unwrap_or_default();
    json!({
        "GMAIL": dates::second_number(dates::ago(origin.now, days * DAY)),
        "SHAREPOINT_MULTI": dates::second_number(dates::ago(origin.now, 2 * HOUR)),
    })
}

/// Returns dates in other formats than `yyyyMMddHHmmss`: without seconds, without a time, and in
/// milliseconds.
fn other_lengths(origin: Origin) -> Value {
    let at = dates::ago(origin.now, 5 * HOUR);
    json!({
        "GMAIL": dates::minute_number(at),
        "BOX": dates::day_number(at),
        "DROPBOX": at.as_millisecond(),
        "ONEDRIVE": dates::second_number(at),
    })
}
