//! Scenarios in which something is missing, added or the same, as a program that watches over
//! backups reads them.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::healthy::is_fresh;
use crate::scenarios::{seen, sub_sources};

#[tokio::test]
async fn sizes_that_fall() {
    let seen = seen("size-drop").await;
    let size = |item: &Value| item["size"].as_i64().unwrap();
    for (task, entries) in seen.tasks() {
        let is_it = |before: &&Value| before["id"] == task["id"];
        let before = seen.sandbox.tasks().iter().find(is_it).unwrap();
        assert_eq!(size(task), size(before) / 10 * 3);
        let sum: i64 = entries.iter().map(|entry| size(entry)).sum();
        assert!(sum < size(before) / 3, "{sum} of {before}");
        assert!(entries.iter().all(|entry| is_fresh(entry, seen.now)));
        assert_eq!(task["numOfEntities"], before["numOfEntities"]);
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let mut unproven = seen("unproven").await;
    for _ in 0..2 {
        for (task, entries) in unproven.tasks() {
            assert!(entries.is_empty());
            assert_eq!(task["lastBackupDates"], json!({}));
        }
        unproven.a_day_later().await;
    }
    let no_tasks = seen("no-tasks").await;
    assert_eq!(no_tasks.fleet.users.len(), 12);
    for one in no_tasks.affected() {
        let id = one.user_id.unwrap();
        let user = no_tasks.fleet.users.iter().find(|user| user["id"] == *id);
        assert_eq!(user.unwrap()["status"], "ACTIVE");
    }
    let vanished = seen("vanished").await;
    assert_eq!(vanished.fleet.tasks.len(), 98);
    for one in vanished.affected() {
        let id = one.task_id.unwrap();
        assert!(vanished.fleet.tasks.iter().all(|task| task["id"] != *id));
        assert!(vanished.fleet.entries_of(&id).is_empty());
        let restore = json!({"taskId": id});
        assert_eq!(vanished.api.post("/v1/restore", &restore).await.status, 404);
    }
    let total = &vanished.api.get("/v1/partners/tasks").await.json()["total"];
    assert_eq!(total, 98);
    let exported = vanished.sandbox.export();
    assert_eq!(exported["tasks"].as_array().unwrap().len(), 98);
}

#[tokio::test]
async fn tasks_that_were_ended() {
    for (scenario, field, value) in [
        ("archived", "status", json!("ARCHIVED")),
        ("newly-archived", "status", json!("ARCHIVED")),
        ("paused", "status", json!("ACTIVE")),
        ("newly-paused", "status", json!("ACTIVE")),
    ] {
        let mut seen = seen(scenario).await;
        let before: Vec<Value> = seen.tasks().iter().map(|(_, all)| json!(all)).collect();
        seen.a_day_later().await;
        for ((task, entries), before) in seen.tasks().into_iter().zip(before) {
            assert_eq!(task[field], value);
            assert_eq!(json!(entries), before);
            let id = &task["backupTaskId"];
            let mut joined = seen
                .fleet
                .backup_tasks
                .iter()
                .filter(|one| one["id"] == *id);
            match joined.next() {
                Some(joined) => assert_eq!(joined["status"], "paused"),
                None => assert!(scenario.contains("archived") && id.is_null()),
            }
        }
    }
}

#[tokio::test]
async fn orphans() {
    let seen_now = seen("entry-without-task").await;
    let ids: HashSet<_> = seen_now
        .fleet
        .tasks
        .iter()
        .map(|task| &task["id"])
        .collect();
    let orphans = |entry: &&Value| !ids.contains(&entry["taskId"]);
    assert_eq!(seen_now.fleet.entries.iter().filter(orphans).count(), 2);
    assert_eq!(seen_now.entries().len(), 2);

    let seen_now = seen("entry-without-user").await;
    for (entry, _) in seen_now.entries() {
        let of = |user: &Value| user["id"] == entry["userId"];
        assert!(!seen_now.fleet.users.iter().any(of));
        let task = seen_now.fleet.task(entry["taskId"].as_str().unwrap());
        assert!(
            seen_now
                .fleet
                .users
                .iter()
                .any(|user| user["id"] == task["userId"])
        );
        assert!(is_fresh(entry, seen_now.now));
    }

    let seen_now = seen("task-without-user").await;
    for (task, entries) in seen_now.tasks() {
        assert!(task["userId"].is_null());
        for entry in entries {
            assert!(entry["userId"].is_null() && is_fresh(entry, seen_now.now));
        }
    }
}

#[tokio::test]
async fn several_entries_of_one_entity() {
    for scenario in ["duplicate", "tie"] {
        let mut seen = seen(scenario).await;
        for day in 0..2 {
            for one in seen.affected() {
                let entries = seen.fleet.entries_of(one.task_id.as_deref().unwrap());
                let own = |entry: &&&Value| entry["entityName"].as_str() == one.entity.as_deref();
                let own: Vec<_> = entries.iter().filter(own).collect();
                let [first, second] = own[..] else {
                    panic!("{own:?}")
                };
                assert!(is_fresh(first, seen.now));
                assert_eq!(sub_sources(second)[0].0, "FAILED");
                if scenario == "tie" {
                    let attempt = |entry: &Value| entry["lastBackupAttemptDate"].clone();
                    assert_eq!(attempt(first), attempt(second));
                } else {
                    assert_eq!(seen.age(second, "lastBackupAttemptDate"), 24 * (3 + day));
                }
            }
            seen.a_day_later().await;
        }
    }
}

#[tokio::test]
async fn storms() {
    for (scenario, has_link) in [("storm", true), ("storm-without-link", false)] {
        let mut seen = seen(scenario).await;
        for _ in 0..2 {
            let (mut links, mut texts) = (HashSet::new(), HashSet::new());
            let (mut masked, mut users) = (HashSet::new(), HashSet::new());
            let is_number = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
            for (task, entries) in seen.tasks() {
                users.insert(task["userId"].clone());
                let error = entries[0]["backupStatus"][0]["error"].as_str().unwrap();
                texts.insert(error.to_owned());
                let words = error.split(' ').filter(|word| !is_number(word));
                masked.insert(words.collect::<Vec<_>>().join(" "));
                for entry in entries {
                    assert_eq!(sub_sources(entry), [("FAILED", true)]);
                    links.insert(entry["backupStatus"][0]["errFAQLink"].clone());
                    assert!(seen.age(entry, "lastBackupAttemptDate") <= 24);
                }
            }
            assert_eq!((texts.len(), masked.len()), (6, 1), "{texts:?}");
            assert_eq!((links.len(), users.len()), (1, 1));
            assert_eq!(links.iter().all(Value::is_string), has_link);
            let theirs = |task: &&Value| users.contains(&task["userId"]);
            let all = seen.fleet.tasks.iter().filter(theirs).count();
            assert!((6..12).contains(&all), "{all}");
            seen.a_day_later().await;
        }
    }
}
