//! A fleet in which nothing is wrong, at the start and later.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use cloudally_sandbox::{Clock, Sandbox, SandboxBuilder, SandboxError, Timestamp};
use serde_json::Value;

use crate::api::{Api, start, started};
use crate::data::texts;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// The lists as a program reads them.
pub(crate) struct Fleet {
    pub(crate) users: Vec<Value>,
    pub(crate) tasks: Vec<Value>,
    pub(crate) entries: Vec<Value>,
    pub(crate) backup_tasks: Vec<Value>,
}

pub(crate) fn healthy() -> SandboxBuilder {
    Sandbox::builder()
        .healthy()
        .clock(Clock::manual(start()))
        .token_lifetime(1000 * DAY)
}

async fn all(api: &Api, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let answer = api.get(&format!("{path}?page={page}")).await;
        all.extend(answer.items());
        if answer.json()["totalPages"].as_u64() <= Some(page) {
            break;
        }
    }
    all
}

impl Fleet {
    pub(crate) async fn read(api: &Api) -> Self {
        Self {
            users: all(api, "/v1/partners/users").await,
            tasks: all(api, "/v1/partners/tasks").await,
            entries: all(api, "/v1/partners/status").await,
            backup_tasks: all(api, "/v1/backup-tasks").await,
        }
    }

    pub(crate) fn task(&self, id: &str) -> &Value {
        let task = self.tasks.iter().find(|task| task["id"] == id);
        task.unwrap_or_else(|| panic!("no task {id}"))
    }

    /// The entries of a task, in list order.
    pub(crate) fn entries_of(&self, task: &str) -> Vec<&Value> {
        let entries = self.entries.iter();
        entries.filter(|entry| entry["taskId"] == task).collect()
    }
}

pub(crate) fn hours_since(date: &Value, now: Timestamp) -> i64 {
    let date: Timestamp = date.as_str().unwrap().parse().unwrap();
    now.duration_since(date).as_hours()
}

fn digits(at: &Value) -> String {
    let kept = |c: &char| c.is_ascii_digit();
    at.as_str().unwrap().chars().filter(kept).take(14).collect()
}

/// Checks an entry by itself.
pub(crate) fn is_fresh(entry: &Value, now: Timestamp) -> bool {
    let sub_sources = entry["backupStatus"].as_array().unwrap();
    let works = |sub_source: &Value| {
        sub_source["status"] == "ACTIVE"
            && sub_source["error"].is_null()
            && sub_source["errFAQLink"].is_null()
    };
    entry["lastBackupDate"] == entry["lastBackupAttemptDate"]
        && (0..=24).contains(&hours_since(&entry["lastBackupDate"], now))
        && !sub_sources.is_empty()
        && sub_sources.iter().all(works)
}

/// Checks everything that could be wrong.
pub(crate) fn check(fleet: &Fleet, now: Timestamp) {
    let users = texts(&fleet.users, "id");
    assert_eq!(texts(&fleet.users, "status"), ["ACTIVE"].into());
    assert_eq!(texts(&fleet.tasks, "userId"), users);
    assert_eq!(texts(&fleet.tasks, "status"), ["ACTIVE"].into());
    assert_eq!(texts(&fleet.tasks, "type"), ["BACKUP"].into());
    let tasks: HashMap<_, _> = (fleet.tasks.iter())
        .map(|task| (task["id"].as_str().unwrap(), task))
        .collect();
    assert_eq!(
        texts(&fleet.entries, "taskId"),
        tasks.keys().copied().collect()
    );
    let mut entities: HashMap<_, HashSet<&str>> = HashMap::new();
    for entry in &fleet.entries {
        assert!(is_fresh(entry, now), "at {now}: {entry}");
        let (id, entity) = (entry["taskId"].as_str(), entry["entityName"].as_str());
        let task = tasks[id.unwrap()];
        for field in ["userId", "source"] {
            assert_eq!(entry[field], task[field], "{entry}");
        }
        let date = &task["lastBackupDates"][task["source"].as_str().unwrap()];
        assert_eq!(
            date.to_string(),
            digits(&entry["lastBackupDate"]),
            "{entry}"
        );
        let is_new = entities.entry(id).or_default().insert(entity.unwrap());
        assert!(is_new, "twice: {entry}");
    }
    for task in &fleet.tasks {
        let count = entities[&task["id"].as_str()].len();
        assert_eq!(task["numOfEntities"].as_u64(), Some(count as u64), "{task}");
        assert!(task["progress"].is_null() && task["backupTaskId"].is_null());
        assert!(hours_since(&task["createDate"], now) >= 30 * 24, "{task}");
    }
    for task in &fleet.backup_tasks {
        let limit = match task["schedule"]["frequency"].as_str().unwrap() {
            "daily" => 24,
            "every_3_hours" => 3,
            other => panic!("{other}"),
        };
        assert_eq!(task["status"], "success", "{task}");
        let age = hours_since(&task["lastBackup"], now);
        assert!((0..=limit).contains(&age), "{task}");
    }
}

#[tokio::test]
async fn nothing_is_wrong_at_any_time() {
    for (seed, size) in [
        (0, None),
        (1, Some((10, 100, 260))),
        (0xDEAD_BEEF, Some((1, 1, 1))),
        (2, Some((7, 7, 90))),
    ] {
        let mut builder = healthy().seed(seed);
        if let Some((users, tasks, statuses)) = size {
            builder = builder.users(users).tasks(tasks).statuses(statuses);
        }
        let sandbox = builder.start().await.unwrap();
        let (users, tasks, statuses) = size.unwrap_or((40, 1200, 3000));
        let api = Api::partner(&sandbox).await;
        for hours in [0, 1, 22, 1, 400 * 24 + 7] {
            sandbox.advance(Duration::from_secs(hours * 3600));
            let fleet = Fleet::read(&api).await;
            let sizes = [&fleet.users, &fleet.tasks, &fleet.entries].map(Vec::len);
            assert_eq!(sizes, [users, tasks, statuses]);
            assert_eq!(fleet.backup_tasks.len(), 60);
            check(&fleet, sandbox.clock().now());
        }
    }
}

#[tokio::test]
async fn a_backup_runs_every_day() {
    let sandbox = started(healthy().users(2).tasks(3).statuses(4)).await;
    let api = Api::partner(&sandbox).await;
    let before = Fleet::read(&api).await;
    sandbox.advance(DAY);
    let after = Fleet::read(&api).await;
    for (before, after) in before.entries.iter().zip(&after.entries) {
        let date = |entry: &Value| -> Timestamp {
            entry["lastBackupAttemptDate"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        };
        assert_eq!(date(after).duration_since(date(before)).as_hours(), 24);
        assert_eq!(before["size"], after["size"]);
    }
}

#[tokio::test]
async fn a_size_without_room_for_health_is_refused() {
    for (builder, expected) in [
        (healthy().users(0), "it needs at least 1 user"),
        (
            healthy().tasks(39),
            "40 users need at least 40 tasks, and there are 39",
        ),
        (
            healthy().statuses(1199),
            "1200 tasks need at least 1200 status entries, and there are 1199",
        ),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, SandboxError::Size { .. }), "{error:?}");
        let expected = format!("cannot generate a healthy fleet: {expected}");
        assert_eq!(error.to_string(), expected);
    }
    // The last of the two counts.
    let sandbox = started(healthy().ragged()).await;
    assert!(sandbox.users().iter().any(|user| user["name"].is_null()));
    let empty = started(healthy().users(0).empty()).await;
    assert!(empty.users().is_empty());
}
