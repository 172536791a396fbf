//! The partner's tasks: one per protected workload of a user.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::dates::{self, DAY, HOUR, MINUTE};
use super::users::Tenant;
use super::{Origin, REGIONS, SOURCES, Stream, names, pick, remove, uuid};

/// 2^53 + 1: the first integer that a double cannot hold.
const BEYOND_DOUBLE: i64 = 9_007_199_254_740_993;

/// The tasks, one at a time: many of them at once need a lot of memory.
pub(super) fn generate(
    origin: Origin,
    count: usize,
    tenants: &[Tenant],
) -> impl Iterator<Item = Value> {
    let mut rng = origin.rng(Stream::Tasks);
    (0..count).map(move |i| {
        let rng = &mut rng;
        // Tenants differ in size: the lower of two draws favours the first ones.
        let tenant = (!tenants.is_empty()).then(|| {
            let (a, b) = (
                rng.random_range(0..tenants.len()),
                rng.random_range(0..tenants.len()),
            );
            &tenants[a.min(b)]
        });
        let mut task = task(origin, rng, tenant);
        odd(origin, &mut task, i);
        task
    })
}

fn task(origin: Origin, rng: &mut ChaCha8Rng, tenant: Option<&Tenant>) -> Value {
    let source = pick(rng, &SOURCES);
    let multi = source == "SHAREPOINT_MULTI";
    let entities = if multi { rng.random_range(2..400) } else { 1 };
    let account = tenant.map(|tenant| tenant.account(rng));
    let last_backup = dates::ago(origin.now, rng.random_range(10..20 * 60) * MINUTE);
    json!({
        "id": uuid(rng),
        "account": account,
        "type": "BACKUP",
        "source": source,
        "userId": tenant.map(|tenant| &tenant.id),
        "domain": tenant.map(|tenant| &tenant.domain),
        "status": if rng.random_bool(0.1) { "ARCHIVED" } else { "ACTIVE" },
        "region": pick(rng, &REGIONS),
        "alias": names::person(rng),
        "backupTaskId": uuid(rng),
        "index": rng.random_bool(0.8),
        "snapshotDate": null,
        "lastBackupDates": Map::from_iter([(source.to_owned(), json!(dates::second_number(last_backup)))]),
        "nextBackup": format!("In {} hours", rng.random_range(1..24)),
        "progress": null,
        "size": rng.random_range(0..500_000_000_000_i64),
        "createDate": dates::rfc3339(dates::ago(origin.now, rng.random_range(30..1500) * DAY)),
        "numOfBilledEntities": entities - entities / 10,
        "numOfEntities": entities,
        "userEmail": account,
        "multiEntitiesTask": multi,
    })
}

/// The three cycles are prime to each other, so that oddities meet in all combinations.
fn odd(origin: Origin, task: &mut Value, i: usize) {
    match i % 23 {
        2 => task["alias"] = json!(""),
        3 => task["status"] = json!("HIBERNATED"),
        5 => task["source"] = json!("HOLODRIVE"),
        7 => task["alias"] = json!(names::strange(i / 23)),
        11 => task["snapshotDate"] = json!(dates::second_number(dates::ago(origin.now, DAY))),
        13 => task["progress"] = progress(i),
        17 => remove(task, "alias"),
        19 => task["dataResidency"] = json!({"pinned": true, "zones": ["a", "b"]}),
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
        9 => task["lastBackupDates"] = stale(origin, i),
        14 => task["lastBackupDates"] = other_lengths(origin),
        20 => task["lastBackupDates"]["HOLODRIVE"] = Value::Null,
        26 => remove(task, "lastBackupDates"),
        _ => {}
    }
}

fn progress(i: usize) -> Value {
    json!({
        "current": i % 100,
        "state": if i.is_multiple_of(2) { "PREPARE" } else { "DAYDREAM" },
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

/// Numbers that aren't `yyyyMMddHHmmss`: one without seconds, one without a time, one of milliseconds.
fn other_lengths(origin: Origin) -> Value {
    let at = dates::ago(origin.now, 5 * HOUR);
    json!({
        "GMAIL": dates::minute_number(at),
        "BOX": dates::day_number(at),
        "DROPBOX": at.as_millisecond(),
        "ONEDRIVE": dates::second_number(at),
    })
}
