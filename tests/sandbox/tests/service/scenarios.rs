//! Scenarios of failures and dates, as a program that watches over backups reads them.

use std::collections::HashSet;

use cloudally_sandbox::{Affected, Sandbox, Scenario, Timestamp};
use serde_json::{Value, json};

use crate::api::Api;
use crate::healthy::{DAY, Fleet, check, healthy, hours_since, is_fresh};

/// What is served once a scenario has begun.
pub(crate) struct Seen {
    pub(crate) sandbox: Sandbox,
    pub(crate) api: Api,
    pub(crate) fleet: Fleet,
    pub(crate) now: Timestamp,
}

pub(crate) async fn seen(scenario: &str) -> Seen {
    let scenario: Scenario = scenario.parse().unwrap();
    let builder = healthy().users(10).tasks(100).statuses(260);
    let sandbox = builder.scenario(scenario).start().await.unwrap();
    let api = Api::partner(&sandbox).await;
    let days = u32::try_from(scenario.days()).unwrap();
    if days > 0 {
        check(&Fleet::read(&api).await, sandbox.clock().now());
        sandbox.advance(days * DAY);
    }
    let fleet = Fleet::read(&api).await;
    let now = sandbox.clock().now();
    let seen = Seen {
        sandbox,
        api,
        fleet,
        now,
    };
    let affected = seen.affected();
    assert_eq!(Some(affected.len()), scenario.count());
    assert!(affected.iter().all(|one| one.from == now));
    seen.others_are_healthy();
    seen
}

impl Seen {
    pub(crate) fn affected(&self) -> Vec<Affected> {
        self.sandbox.affected()
    }

    /// The affected tasks, with their entries.
    pub(crate) fn tasks(&self) -> Vec<(&Value, Vec<&Value>)> {
        let tasks = self.affected().into_iter().map(|one| {
            let id = one.task_id.unwrap();
            (self.fleet.task(&id), self.fleet.entries_of(&id))
        });
        tasks.collect()
    }

    /// The affected entries, and the other entries of their tasks.
    pub(crate) fn entries(&self) -> Vec<(&Value, Vec<&Value>)> {
        let entries = self.affected().into_iter().map(|one| {
            let (task, entity) = (one.task_id.unwrap(), one.entity.unwrap());
            let (own, others) = (self.fleet.entries_of(&task).into_iter())
                .partition::<Vec<_>, _>(|entry| entry["entityName"] == *entity);
            assert_eq!(own.len(), 1, "{own:?}");
            (own[0], others)
        });
        entries.collect()
    }

    pub(crate) async fn a_day_later(&mut self) {
        self.sandbox.advance(DAY);
        self.fleet = Fleet::read(&self.api).await;
        self.now = self.sandbox.clock().now();
        self.others_are_healthy();
    }

    fn others_are_healthy(&self) {
        let affected = self.affected();
        let named = |value: &Value, field: fn(&Affected) -> &Option<String>| {
            let ids = affected.iter().filter_map(|one| field(one).as_deref());
            ids.into_iter().any(|id| value == id)
        };
        let is_affected = |id: &Value| named(id, |one| &one.task_id);
        for entry in &self.fleet.entries {
            if !is_affected(&entry["taskId"]) {
                assert!(is_fresh(entry, self.now), "{entry}");
            }
        }
        let tasks: HashSet<_> = self
            .fleet
            .tasks
            .iter()
            .map(|task| &task["userId"])
            .collect();
        for user in &self.fleet.users {
            let has_none =
                named(&user["id"], |one| &one.user_id) && affected[0].situation == "no-tasks";
            assert_ne!(tasks.contains(&user["id"]), has_none, "{user}");
        }
    }

    pub(crate) fn age(&self, entry: &Value, field: &str) -> i64 {
        hours_since(&entry[field], self.now)
    }
}

/// The statuses of the sub-sources of an entry, and whether each has an error.
pub(crate) fn sub_sources(entry: &Value) -> Vec<(&str, bool)> {
    let all = entry["backupStatus"].as_array().unwrap().iter();
    all.map(|one| (one["status"].as_str().unwrap(), one["error"].is_string()))
        .collect()
}

#[tokio::test]
async fn tasks_that_never_ran() {
    let mut seen = seen("never-ran").await;
    for _ in 0..2 {
        for (task, entries) in seen.tasks() {
            assert_eq!(task["lastBackupDates"], json!({}));
            assert!(hours_since(&task["createDate"], seen.now) >= 90 * 24);
            assert_eq!((entries.len(), &task["numOfEntities"]), (1, &json!(1)));
            assert_eq!(entries[0]["lastBackupDate"], Value::Null);
            assert_eq!(entries[0]["lastBackupAttemptDate"], Value::Null);
            assert_eq!(sub_sources(entries[0]), []);
        }
        seen.a_day_later().await;
    }
}

#[tokio::test]
async fn tasks_that_are_new() {
    let mut seen = seen("pending").await;
    for (task, entries) in seen.tasks() {
        assert_eq!(task["lastBackupDates"], json!({}));
        assert_eq!(hours_since(&task["createDate"], seen.now), 1);
        assert_eq!(entries[0]["lastBackupAttemptDate"], Value::Null);
    }
    seen.a_day_later().await;
    for (task, entries) in seen.tasks() {
        assert!(task["lastBackupDates"][task["source"].as_str().unwrap()].is_i64());
        assert!(seen.age(entries[0], "lastBackupDate") < 24);
    }
}

#[tokio::test]
async fn failures() {
    for (scenario, outcome) in [
        ("failed", [("FAILED", true), ("FAILED", true)]),
        ("partial", [("FAILED", true), ("ACTIVE", false)]),
    ] {
        let mut seen = seen(scenario).await;
        for days in [1, 2] {
            let mut links = HashSet::new();
            for (entry, others) in seen.entries() {
                assert_eq!(sub_sources(entry), outcome);
                let attempt = seen.age(entry, "lastBackupAttemptDate");
                assert!((0..=24).contains(&attempt), "{entry}");
                assert_eq!(seen.age(entry, "lastBackupDate"), attempt + 24 * days);
                assert!(others.iter().all(|other| is_fresh(other, seen.now)));
                links.insert(entry["backupStatus"][0]["errFAQLink"].clone());
            }
            assert_eq!(links.len(), 2, "these would be a storm");
            seen.a_day_later().await;
        }
    }
}

#[tokio::test]
async fn tasks_that_grow_old() {
    for (scenario, days) in [("stale", 2), ("overdue", 5)] {
        let mut seen = seen(scenario).await;
        for hours in [24 * days, 24 * (days + 1)] {
            for (task, entries) in seen.tasks() {
                for entry in entries {
                    assert_eq!(seen.age(entry, "lastBackupDate"), hours);
                    assert_eq!(entry["lastBackupDate"], entry["lastBackupAttemptDate"]);
                    assert_eq!(sub_sources(entry), [("ACTIVE", false)]);
                }
                assert_eq!(task["status"], "ACTIVE");
            }
            seen.a_day_later().await;
        }
    }
}

#[tokio::test]
async fn attempts_that_nothing_explains() {
    let mut seen = seen("unexplained").await;
    for days in [1, 2] {
        for (entry, others) in seen.entries() {
            let attempt = seen.age(entry, "lastBackupAttemptDate");
            assert!(attempt <= 24, "{entry}");
            assert_eq!(seen.age(entry, "lastBackupDate"), attempt + 24 * days);
            assert_eq!(sub_sources(entry), [("ACTIVE", false)]);
            assert!(others.iter().all(|other| is_fresh(other, seen.now)));
        }
        seen.a_day_later().await;
    }
}

#[tokio::test]
async fn entities_that_are_left_out() {
    for (scenario, days) in [("skipped", 3), ("dormant", 45)] {
        let mut seen = seen(scenario).await;
        for days in [days, days + 1] {
            for (entry, others) in seen.entries() {
                assert_eq!(seen.age(entry, "lastBackupAttemptDate"), 24 * days);
                assert_eq!(entry["lastBackupDate"], entry["lastBackupAttemptDate"]);
                assert!(!others.is_empty());
                assert!(others.iter().all(|other| is_fresh(other, seen.now)));
            }
            seen.a_day_later().await;
        }
    }
}

#[tokio::test]
async fn bad_data() {
    let mut unreadable = seen("unreadable-date").await;
    let mut ahead = seen("date-ahead").await;
    let mut unknown = seen("unknown-word").await;
    for day in 0..2 {
        for (entry, _) in unreadable.entries() {
            for field in ["lastBackupDate", "lastBackupAttemptDate"] {
                let text = entry[field].as_str().unwrap();
                assert!(text.parse::<Timestamp>().is_err());
            }
        }
        for (entry, _) in ahead.entries() {
            assert_eq!(ahead.age(entry, "lastBackupDate"), 24 * (day - 365));
        }
        for (entry, _) in unknown.entries() {
            assert_eq!(sub_sources(entry), [("HALF_DONE", false)]);
            assert!(unknown.age(entry, "lastBackupDate") <= 24);
        }
        for seen in [&mut unreadable, &mut ahead, &mut unknown] {
            seen.a_day_later().await;
        }
    }
}

#[tokio::test]
async fn backups_that_run() {
    for (scenario, cancelled) in [("running", false), ("cancelled", true)] {
        let mut seen = seen(scenario).await;
        for day in 0..2 {
            for (task, entries) in seen.tasks() {
                assert_eq!(task["progress"]["cancelled"], cancelled);
                assert_eq!(task["progress"]["service"], task["source"]);
                for entry in entries {
                    assert_eq!(seen.age(entry, "lastBackupAttemptDate"), 1 + 24 * day);
                    assert_eq!(seen.age(entry, "lastBackupDate"), 25 + 24 * day);
                }
            }
            seen.a_day_later().await;
        }
    }
}
