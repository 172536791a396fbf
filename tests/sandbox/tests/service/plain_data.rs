//! What the data has where nothing else is asked for, for more than one seed.

use std::collections::{HashMap, HashSet};

use cloudally_sandbox::{Clock, Sandbox, Timestamp};
use serde_json::Value;

use crate::api::start;
use crate::data::{all_seeds, is_failed, lists, some, texts};

async fn plain() -> Vec<Sandbox> {
    all_seeds(Sandbox::builder().clock(Clock::manual(start()))).await
}

/// Public clients crash on a user without a name and a task without an alias, which the published
/// samples of the live service always have.
#[tokio::test]
async fn plain_data_has_what_clients_rely_on() {
    // These are null in all published samples.
    let null = ["customStorage", "domain", "backupTaskId"];
    // These are null or not, from item to item.
    let optional = ["snapshotDate", "progress", "error", "errFAQLink"];
    for sandbox in plain().await {
        let profiles = [sandbox.partner_profile(), sandbox.distributor_profile()].map(Value::clone);
        for items in lists(&sandbox).into_iter().chain([&profiles[..]]) {
            let fields: Vec<&String> = items[0].as_object().unwrap().keys().collect();
            for item in items {
                let item = item.as_object().unwrap();
                assert_eq!(item.keys().collect::<Vec<_>>(), fields);
                for (field, value) in item {
                    let may_be_null = optional.contains(&field.as_str()) && value.is_null();
                    let is_null = null.contains(&field.as_str());
                    assert!(
                        may_be_null || value.is_null() == is_null,
                        "{field}: {item:?}"
                    );
                    assert_ne!(value, "", "{field}: {item:?}");
                }
            }
        }
        assert!(some(sandbox.tasks(), |task| task["snapshotDate"].is_i64()));
        assert!(some(sandbox.tasks(), |task| task["progress"]["state"]
            == "PREPARE"));
        for user in sandbox.users() {
            assert_eq!(user["reportEmails"], serde_json::json!([]));
        }
        let numbered = |user: &Value| {
            let name = user["name"].as_str().unwrap();
            name.ends_with(|last: char| last.is_ascii_digit())
        };
        assert!(some(sandbox.users(), numbered));
    }
}

#[tokio::test]
async fn plain_data_has_no_value_that_is_a_guess() {
    for sandbox in plain().await {
        assert_eq!(texts(sandbox.users(), "status"), ["ACTIVE"].into());
        assert_eq!(texts(sandbox.tasks(), "type"), ["BACKUP"].into());
        let states = texts(sandbox.tasks(), "status");
        assert_eq!(states, ["ACTIVE", "ARCHIVED"].into());
        let state: HashMap<_, _> = (sandbox.tasks().iter())
            .map(|task| (task["id"].as_str().unwrap(), &task["status"]))
            .collect();
        let mut seen = HashSet::new();
        for entry in sandbox.statuses() {
            for sub_source in entry["backupStatus"].as_array().unwrap() {
                seen.insert(sub_source["status"].as_str().unwrap().to_owned());
            }
            let task = state.get(entry["taskId"].as_str().unwrap());
            if !is_failed(entry)
                && let Some(state) = task
            {
                assert_eq!(&entry["backupStatus"][0]["status"], *state);
            }
            for key in ["lastBackupDate", "lastBackupAttemptDate"] {
                entry[key].as_str().unwrap().parse::<Timestamp>().unwrap();
            }
        }
        let known = ["ACTIVE", "ARCHIVED", "FAILED"].map(str::to_owned);
        assert_eq!(seen, known.into());
        let failed = sandbox.statuses().iter().filter(|entry| is_failed(entry));
        assert_eq!(failed.count(), 120);
    }
}
