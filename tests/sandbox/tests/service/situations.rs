//! Situations of any data, together, and what they need.

use std::collections::HashSet;

use cloudally_sandbox::{Scenario, Situation, SituationError};
use serde_json::{Value, json};

use crate::api::{Api, standing_still, started};
use crate::healthy::{DAY, Fleet, healthy, is_fresh};
use crate::scenarios::sub_sources;

#[tokio::test]
async fn lists_that_cannot_be_read() {
    for (scenario, statuses) in [("incomplete", [200, 500, 500]), ("forbidden", [403; 3])] {
        let scenario: Scenario = scenario.parse().unwrap();
        let sandbox = started(healthy().scenario(scenario)).await;
        let api = Api::distributor(&sandbox).await;
        for path in [
            "/v1/partners/status",
            "/v2/resellers/accounts/backup-statuses",
        ] {
            let mut got = Vec::new();
            for page in 1..=3 {
                got.push(api.get(&format!("{path}?page={page}")).await.status);
            }
            assert_eq!(got, statuses, "{path}");
        }
        assert_eq!(api.get("/v1/partners/tasks").await.status, 200);
        let later = scenario.situation().unwrap().after(DAY);
        let error = sandbox.apply(later).unwrap_err();
        assert!(matches!(error, SituationError::NotLater { .. }), "{error}");
        assert!(sandbox.affected().is_empty());
    }
}

#[tokio::test]
async fn everything_at_once() {
    let mut builder = healthy();
    for scenario in Scenario::all() {
        builder = builder.scenario(scenario);
    }
    let sandbox = builder.start().await.unwrap();
    let affected = sandbox.affected();
    let expected: usize = Scenario::all().filter_map(Scenario::count).sum();
    assert_eq!(affected.len(), expected);
    let tasks: HashSet<_> = affected
        .iter()
        .filter_map(|one| one.task_id.as_ref())
        .collect();
    let without_task = affected.iter().filter(|one| one.task_id.is_none()).count();
    assert_eq!(
        tasks.len() + without_task,
        expected,
        "a task has one situation"
    );
}

#[tokio::test]
async fn a_situation_of_any_data_while_it_runs() {
    let plain = started(healthy().ragged()).await;
    let own = started(standing_still().empty()).await;
    own.add_user("Acme")
        .add_task("GMAIL")
        .set("lastBackupDates", Value::Null);
    for sandbox in [plain, own] {
        sandbox.advance(DAY / 4);
        let api = Api::partner(&sandbox).await;
        let affected = sandbox.apply(Situation::partial(1)).unwrap();
        assert_eq!(affected, sandbox.affected());
        assert_eq!(affected[0].from, sandbox.clock().now());
        let fleet = Fleet::read(&api).await;
        let entries = fleet.entries_of(affected[0].task_id.as_deref().unwrap());
        assert_eq!(
            sub_sources(entries[0]),
            [("FAILED", true), ("ACTIVE", false)]
        );
        assert!(
            entries[1..]
                .iter()
                .all(|entry| is_fresh(entry, sandbox.clock().now()))
        );
    }
}

#[tokio::test]
async fn a_sandbox_that_is_too_small_says_so() {
    let sandbox = started(healthy().users(1).tasks(3).statuses(3)).await;
    for (situation, expected) in [
        (
            Situation::partial(4),
            "partial needs 4 unaffected active tasks with a status entry of an active user, and \
             there are 3",
        ),
        (
            Situation::dormant(1),
            "dormant needs 1 unaffected active tasks with 2 status entries of an active user, and \
             there are 0",
        ),
        (
            Situation::vanished(3),
            "vanished needs 3 unaffected active tasks with a status entry of an active user that \
             has others, and there are 2",
        ),
        (
            Situation::storm(5),
            "storm needs 5 unaffected active tasks with a status entry that are more than half of \
             one active user's, and there are 3",
        ),
    ] {
        let error = sandbox.apply(situation).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let builder = healthy().users(1).tasks(3).statuses(3);
        let error = builder.situation(situation).start().await.unwrap_err();
        let expected = format!("cannot apply a situation: {expected}");
        assert_eq!(error.to_string(), expected);
    }
    assert!(sandbox.affected().is_empty());
    assert_eq!(sandbox.apply(Situation::vanished(2)).unwrap().len(), 2);
    assert!(sandbox.apply(Situation::storm(1)).is_ok());
}

/// One place says what a scenario is.
#[test]
fn the_readme_lists_the_scenarios() {
    let rows: Vec<String> = Scenario::all()
        .map(|scenario| {
            let count = scenario.count().map(|count| format!(" {count}"));
            let days = match scenario.days() {
                0 => "at once".to_owned(),
                1 => "after 1 day".to_owned(),
                days => format!("after {days} days"),
            };
            let (name, what) = (scenario.name(), scenario.description());
            format!(
                "| `{name}` |{} | {days} | {what} |",
                count.unwrap_or_default()
            )
        })
        .collect();
    let readme = include_str!("../../README.md");
    let (_, table) = readme
        .split_once("what it is |\n|---|---|---|---|\n")
        .unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    assert_eq!(
        table,
        rows.join("\n"),
        "the table should be:\n{}",
        rows.join("\n")
    );
}

#[tokio::test]
async fn the_control_endpoint_tells_what_is_affected() {
    let later = Situation::vanished(1).after(DAY);
    let sandbox = started(healthy().situation(Situation::dormant(1)).situation(later)).await;
    let answer = Api::anonymous(&sandbox).get("/_sandbox/situations").await;
    let [dormant, vanished] = &sandbox.affected()[..] else {
        panic!("{}", answer.text)
    };
    let expected = json!({"affected": [
        {
            "situation": "dormant",
            "from": "2026-03-02T08:00:00Z",
            "userId": dormant.user_id,
            "taskId": dormant.task_id,
            "entity": dormant.entity,
        },
        {
            "situation": "vanished",
            "from": "2026-03-03T08:00:00Z",
            "userId": vanished.user_id,
            "taskId": vanished.task_id,
            "entity": null,
        },
    ]});
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn an_exported_situation_goes_on() {
    let names = ["stale", "unexplained", "skipped", "task-without-user"];
    let mut builder = healthy();
    for name in names {
        builder = builder.scenario(name.parse().unwrap());
    }
    let first = builder.start().await.unwrap();
    let data = first.export();
    assert!(
        first
            .statuses()
            .iter()
            .all(|entry| entry.get("_schedule").is_none())
    );
    let second = started(healthy().data_json(data.to_string())).await;
    for sandbox in [&first, &second] {
        sandbox.advance(DAY);
    }
    assert_eq!(first.export(), second.export());
}
