//! Each scenario of the sandbox is found by the rule that it is about, and a healthy fleet by none.

use std::collections::BTreeSet;
use std::time::Duration;

use cloudally::RetryPolicy;
use cloudally::health::{Kind, Ledger, Policy, Report, Scope, Severity, Snapshot, assess};
use cloudally_contract::accounts::{builder, every};
use cloudally_sandbox::{Sandbox, Scenario};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A client with small pages, so that a list has several.
/// What a monitor finds that looks once a day, with a ledger, until the scenario shows.
async fn found(scenario: Scenario) -> Report {
    let sandbox = Sandbox::builder().users(8).tasks(40).statuses(90);
    let sandbox = sandbox.scenario(scenario).start().await.unwrap();
    let mut ledger: Option<Ledger> = None;
    let mut report = None;
    let more = match scenario.name() {
        // What is absent once may come back.
        "vanished" => 1,
        // And is healthy on each day.
        "healthy" => 10,
        _ => 0,
    };
    for day in 0..=scenario.days() + more {
        if day > 0 {
            sandbox.advance(DAY);
        }
        // A program of its own each day, with a token of its own.
        let client = builder(&sandbox, every(sandbox.partner()))
            .retry_policy(RetryPolicy::never())
            .build()
            .unwrap();
        let snapshot = Snapshot::read(&client, Scope::Partner).await.unwrap();
        let now = sandbox.clock().now();
        let known = ledger.unwrap_or_else(|| Ledger::new(&snapshot));
        let assessed = assess(&snapshot, &Policy::default(), Some(&known), now).unwrap();
        let is_healthy = scenario.name() == "healthy";
        assert!(
            !is_healthy || assessed.verdict == Severity::Ok,
            "{assessed:#?}"
        );
        ledger = Some(known.update(&snapshot, &assessed).unwrap().0);
        report = Some(assessed);
    }
    report.unwrap()
}

fn kinds(report: &Report) -> BTreeSet<Kind> {
    let all = report.findings.iter().chain(&report.informational);
    all.map(|finding| finding.kind).collect()
}

#[tokio::test]
async fn every_scenario_is_found_and_a_healthy_fleet_is_ok() {
    let mut missed = Vec::new();
    for scenario in Scenario::all() {
        let report = found(scenario).await;
        let kinds = kinds(&report);
        let expected: &[Kind] = match scenario.name() {
            "healthy" => {
                assert_eq!(report.verdict, Severity::Ok, "{:#?}", report.findings);
                assert!(report.findings.is_empty() && report.unknown_words.is_empty());
                continue;
            }
            "never-ran" => &[Kind::NeverSucceeded],
            "pending" => &[Kind::Pending],
            "failed" => &[Kind::Failed],
            "partial" => &[Kind::Partial],
            "unexplained" => &[Kind::Unexplained],
            "stale" => &[Kind::Stale],
            "overdue" => &[Kind::Overdue],
            "skipped" => &[Kind::Skipped],
            "dormant" => &[Kind::Dormant],
            // Beside good dates, the word alone is a notice.
            "unknown-word" => {
                assert_eq!(report.verdict, Severity::Notice, "{:#?}", report.findings);
                assert!(!report.unknown_words.is_empty());
                continue;
            }
            "unreadable-date" | "date-ahead" => &[Kind::BadData],
            "size-drop" => &[Kind::SizeDrop],
            "unproven" => &[Kind::Unproven],
            "no-tasks" => &[Kind::NoTasks],
            "vanished" => &[Kind::Vanished],
            "archived" | "paused" => &[Kind::Inactive],
            "newly-archived" | "newly-paused" => &[Kind::NewlyInactive],
            "storm" | "storm-without-link" => &[Kind::Storm],
            "incomplete" => &[Kind::Incomplete],
            "tie" => &[Kind::Failed],
            "cancelled" => &[Kind::Unexplained],
            // A run that goes on hides what it may mend.
            "running" => {
                assert_eq!(report.verdict, Severity::Ok, "{:#?}", report.findings);
                continue;
            }
            // They worked, so they are only told apart.
            orphan @ ("entry-without-task" | "entry-without-user" | "task-without-user") => {
                assert_eq!(report.verdict, Severity::Ok, "{:#?}", report.findings);
                let mut tenants = report.tenants.iter();
                assert!(tenants.any(|one| &*one.name == "unassigned"), "{orphan}");
                continue;
            }
            "duplicate" => {
                assert_eq!(report.verdict, Severity::Ok, "{:#?}", report.findings);
                assert!(report.counts.entries > report.counts.entities);
                continue;
            }
            "forbidden" => {
                assert_eq!(report.verdict, Severity::Notice, "{:#?}", report.findings);
                assert!(report.notices.iter().any(|it| it.contains("statuses")));
                continue;
            }
            other => panic!("nothing is known of the scenario {other}"),
        };
        if !expected.iter().all(|kind| kinds.contains(kind)) {
            missed.push((scenario.name(), expected.to_vec(), kinds, report.verdict));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
