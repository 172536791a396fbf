//! What occurs in ragged data of the default size, for more than one seed.

use std::collections::{HashMap, HashSet};

use cloudally_sandbox::{Sandbox, SandboxBuilder, Timestamp};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::api::{Api, client_body, standing_still, start, started};

/// The seeds of the generated data that the tests read.
pub(crate) const SEEDS: [u64; 3] = [0, 1, 0xDEAD_BEEF];

/// Started once for all tests, which only read the lists of the start.
async fn sandboxes() -> &'static [Sandbox] {
    static ALL: OnceCell<Vec<Sandbox>> = OnceCell::const_new();
    ALL.get_or_init(|| all_seeds(standing_still())).await
}

pub(crate) async fn all_seeds(builder: SandboxBuilder) -> Vec<Sandbox> {
    let mut all = Vec::new();
    for seed in SEEDS {
        all.push(started(builder.clone().seed(seed)).await);
    }
    all
}

/// All lists of a sandbox.
pub(crate) fn lists(sandbox: &Sandbox) -> [&[Value]; 6] {
    [
        sandbox.users(),
        sandbox.tasks(),
        sandbox.statuses(),
        sandbox.bills(),
        sandbox.resellers(),
        sandbox.backup_tasks(),
    ]
}

pub(crate) fn texts<'a>(items: &'a [Value], key: &str) -> HashSet<&'a str> {
    items.iter().filter_map(|item| item[key].as_str()).collect()
}

pub(crate) fn some(items: &[Value], is: impl Fn(&Value) -> bool) -> bool {
    items.iter().any(is)
}

/// Null, missing and unknown fields are everywhere.
fn is_ragged(items: &[Value]) -> bool {
    let mut seen: HashMap<&String, usize> = HashMap::new();
    for key in items
        .iter()
        .flat_map(|item| item.as_object().unwrap().keys())
    {
        *seen.entry(key).or_default() += 1;
    }
    let missing = seen.values().any(|count| *count < items.len());
    let null = some(items, |item| {
        item.as_object().unwrap().values().any(Value::is_null)
    });
    // An unknown field is one that few items have.
    let unknown = seen.values().any(|count| *count <= items.len() / 8);
    missing && null && unknown
}

#[tokio::test]
async fn sizes_and_raggedness() {
    for sandbox in sandboxes().await {
        assert_eq!(sandbox.users().len(), 40);
        assert_eq!(sandbox.tasks().len(), 1200);
        assert_eq!(sandbox.statuses().len(), 3000);
        assert_eq!(sandbox.bills().len(), 120);
        for items in lists(sandbox) {
            assert!(is_ragged(items), "{}", items[0]);
        }
    }
}

#[tokio::test]
async fn ids_join() {
    for sandbox in sandboxes().await {
        let users = texts(sandbox.users(), "id");
        let tasks = texts(sandbox.tasks(), "id");
        assert_eq!((users.len(), tasks.len()), (40, 1200));
        assert!(texts(sandbox.tasks(), "userId").is_subset(&users));
        assert!(texts(sandbox.statuses(), "userId").is_subset(&users));
        let unlisted = sandbox
            .statuses()
            .iter()
            .filter(|entry| !tasks.contains(entry["taskId"].as_str().unwrap()))
            .count();
        assert_eq!(unlisted, 30);
        let owners = texts(sandbox.users(), "partnerID");
        for reseller in sandbox.resellers() {
            assert!(owners.contains(reseller["partnerId"].as_str().unwrap()));
        }
        assert!(owners.contains(sandbox.partner_profile()["partnerId"].as_str().unwrap()));
        let owner: HashMap<_, _> = sandbox
            .tasks()
            .iter()
            .map(|task| (&task["id"], &task["userId"]))
            .collect();
        for entry in sandbox.statuses() {
            if let Some(user) = owner.get(&entry["taskId"]) {
                assert_eq!(**user, entry["userId"]);
            }
        }
    }
}

#[tokio::test]
async fn enums_have_unknown_values() {
    for sandbox in sandboxes().await {
        let tasks = sandbox.tasks();
        assert!(texts(tasks, "status").is_superset(&["ACTIVE", "ARCHIVED", "HIBERNATED"].into()));
        assert!(
            texts(tasks, "source").is_superset(&["GMAIL", "SHAREPOINT_MULTI", "HOLODRIVE"].into())
        );
        assert!(texts(tasks, "type").is_superset(&["BACKUP", "REPLICA"].into()));
        assert!(texts(tasks, "region").contains("MOON_NORTH"));
        assert!(texts(sandbox.users(), "status").contains("ON_SABBATICAL"));
        assert!(texts(sandbox.users(), "currency").contains("XTS"));
        assert!(texts(sandbox.backup_tasks(), "type").contains("MAINFRAME"));
        assert!(texts(sandbox.backup_tasks(), "status").contains("dreaming"));
        assert!(some(
            sandbox.statuses(),
            |entry| entry["backupStatus"][0]["status"] == "HALF_DONE"
        ));
    }
}

#[tokio::test]
async fn dates_come_as_numbers_of_several_lengths() {
    for sandbox in sandboxes().await {
        let lengths: HashSet<usize> = sandbox
            .tasks()
            .iter()
            .filter_map(|task| task["lastBackupDates"].as_object())
            .flat_map(|dates| dates.values())
            .filter_map(Value::as_i64)
            .map(|date| date.to_string().len())
            .collect();
        assert_eq!(lengths, [8, 12, 13, 14].into());
        for date in sandbox
            .users()
            .iter()
            .filter_map(|user| user["date"].as_i64())
        {
            assert!((20_000_101..20_260_302).contains(&date));
        }
        assert!(some(sandbox.tasks(), |task| task["size"]
            == 9_007_199_254_740_993_i64));
        assert!(some(sandbox.tasks(), |task| task["snapshotDate"].is_i64()));
    }
}

#[tokio::test]
async fn names_are_strange() {
    for sandbox in sandboxes().await {
        for (items, key) in [(sandbox.users(), "name"), (sandbox.tasks(), "alias")] {
            let names = texts(items, key);
            assert!(names.contains("Acme 12345"));
            assert!(names.contains(""));
            assert!(names.iter().any(|name| name.contains('"')));
            assert!(names.iter().any(|name| name.contains('🚀')));
            assert!(names.iter().any(|name| name.contains('ö')));
            assert!(names.iter().any(|name| name.len() > 300));
            assert!(some(items, |item| item[key].is_null()));
        }
    }
}

#[tokio::test]
async fn addresses_are_reserved_ones() {
    let sandbox = started(standing_still()).await;
    for address in texts(sandbox.users(), "email")
        .union(&texts(sandbox.tasks(), "userEmail"))
        .chain(&texts(sandbox.resellers(), "resellerEmail"))
    {
        let (_, domain) = address.split_once('@').unwrap();
        assert!(
            domain.ends_with(".example.com") || domain.ends_with(".example.org"),
            "{address}"
        );
    }
}

pub(crate) fn is_failed(entry: &Value) -> bool {
    let statuses = entry["backupStatus"].as_array();
    statuses.is_some_and(|all| some(all, |status| status["status"] == "FAILED"))
}

/// A date that has no offset is taken as UTC.
fn age_in_hours(entry: &Value, key: &str) -> Option<i64> {
    let text = entry[key].as_str()?;
    let at: Timestamp = text
        .parse()
        .or_else(|_| format!("{text}Z").parse())
        .unwrap();
    Some(start().duration_since(at).as_hours())
}

#[tokio::test]
async fn backups_fail_and_grow_old() {
    for sandbox in sandboxes().await {
        let (failed, good): (Vec<_>, Vec<_>) =
            sandbox.statuses().iter().cloned().partition(is_failed);
        assert!((90..=150).contains(&failed.len()), "{}", failed.len());
        let month = 30 * 24;
        let (recent, old): (Vec<_>, Vec<_>) = failed
            .iter()
            .map(|entry| age_in_hours(entry, "lastBackupAttemptDate").unwrap())
            .partition(|age| *age < month);
        assert_eq!((recent.len(), old.len()), (96, 24));

        let reasons: Vec<Value> = failed
            .iter()
            .flat_map(|entry| entry["backupStatus"].as_array().unwrap().clone())
            .filter(|status| status["status"] == "FAILED")
            .collect();
        for key in ["subSource", "error", "errFAQLink"] {
            assert!(some(&reasons, |reason| reason[key].is_string()));
        }
        assert!(some(&reasons, |reason| reason["error"].is_null()));
        assert!(some(&reasons, |reason| reason.get("subSource").is_none()));

        let stale = |entry: &Value| {
            age_in_hours(entry, "lastBackupAttemptDate").is_some_and(|age| age <= 24)
                && age_in_hours(entry, "lastBackupDate").is_some_and(|age| age >= 3 * 24)
        };
        assert!(some(&good, stale));
        assert!(some(&good, |entry| entry["lastBackupDate"].is_null()));
        assert!(some(&good, |entry| entry["backupStatus"].is_null()));
        for entry in sandbox.statuses() {
            for key in ["lastBackupDate", "lastBackupAttemptDate"] {
                assert!(age_in_hours(entry, key).is_none_or(|age| age >= 0));
            }
        }
    }
}

fn cents(text: &Value) -> Option<i64> {
    text.as_str()?.replace('.', "").parse().ok()
}

#[tokio::test]
async fn money_is_text_and_adds_up() {
    for sandbox in sandboxes().await {
        for bill in sandbox.bills() {
            let total = cents(&bill["total"]).unwrap();
            let Some(lines) = bill["lines"].as_array() else {
                continue;
            };
            let mut sum = 0;
            for line in lines {
                let quantity: i64 = line["quantity"].as_str().unwrap().parse().unwrap();
                let line_total = cents(&line["total"]).unwrap();
                assert_eq!(quantity * cents(&line["price"]).unwrap(), line_total);
                sum += line_total;
            }
            if let Some(discount) = cents(&bill["discount"]) {
                assert_eq!(sum - discount, total);
            }
        }
        let prices: HashSet<&str> = sandbox
            .bills()
            .iter()
            .filter_map(|bill| bill["lines"][0]["price"].as_str())
            .collect();
        assert!(prices.contains("90071992547409.93"));
        assert!(prices.contains("-12.50"));
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let sandbox = started(standing_still().seed(42)).await;
        let anonymous = Api::anonymous(&sandbox);
        let mut bytes = vec![anonymous.get("/v1/partners").await.text];
        let sign_in = anonymous
            .post("/auth/partner", &client_body(sandbox.distributor()))
            .await;
        let api = Api::anonymous(&sandbox).with_token(&sign_in.access_token());
        bytes.push(sign_in.text);
        for path in [
            "/v1/partners",
            "/v1/partners/users",
            "/v1/partners/tasks?page=2",
            "/v1/partners/status?pageSize=77",
            "/v1/partners/bills",
            "/v1/partners/resellers",
            "/v1/backup-tasks",
            "/v2/resellers/details",
            "/v2/resellers/accounts/backup-statuses?limit=500&page=6",
        ] {
            let answer = api.get(path).await;
            assert_eq!(answer.status, 200);
            bytes.push(format!(
                "{:?} {}",
                answer.headers["x-request-id"], answer.text
            ));
        }
        bytes.push(api.post("/v1/restore", &serde_json::json!({})).await.text);
        runs.push(bytes);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn another_size_leaves_the_rest_as_it_is() {
    let whole = started(standing_still()).await;
    let part = started(standing_still().tasks(10).statuses(20)).await;
    assert_eq!(part.users(), whole.users());
    assert_eq!(part.tasks(), &whole.tasks()[..10]);
}

#[tokio::test]
async fn a_ragged_task_names_a_backup_task_of_the_same_user_or_none() {
    for sandbox in sandboxes().await {
        let data = sandbox.export();
        let owners: HashMap<_, _> = (data["backupTasks"].as_array().unwrap().iter())
            .map(|task| (task["id"].as_str().unwrap(), &task["_owner"]))
            .collect();
        let (mut joined, mut null) = (0, 0);
        for task in sandbox.tasks() {
            match task["backupTaskId"].as_str() {
                Some(id) if !task["userId"].is_null() => {
                    assert_eq!(owners[id], &task["userId"]);
                    joined += 1;
                }
                Some(_) => {}
                None => null += 1,
            }
        }
        assert!(joined > 500 && null > 500, "{joined} and {null}");
        let seen: HashSet<&str> = (sandbox.statuses().iter())
            .flat_map(|entry| entry["backupStatus"].as_array().into_iter().flatten())
            .filter_map(|sub_source| sub_source["status"].as_str())
            .collect();
        let states = ["ACTIVE", "ARCHIVED", "FAILED", "HALF_DONE", "SUCCESS"];
        assert_eq!(seen, states.into());
    }
}
