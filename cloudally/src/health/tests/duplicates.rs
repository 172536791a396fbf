//! Several rows for one thing: which one counts, whatever their order.

use super::support::{Fleet, HOUR, at, text};
use crate::health::{Kind, Severity, WireDate};
use Severity::{Critical, Warning};

#[test]
fn of_duplicates_the_newest_attempt_counts_and_of_ties_the_worst() {
    for order in [[0, 1], [1, 0]] {
        // The newest worked, although another one failed.
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.failed("T-1", "ann", 50 * HOUR, 26 * HOUR);
        fleet.entry("T-1", " Ann", 2 * HOUR);
        fleet.snapshot.entries = order.map(|at| fleet.snapshot.entries[at].clone()).into();
        fleet.assert(&[]);
        assert_eq!(fleet.report().counts.entities, 1);
        // Of one time the worst counts, and the last success of all.
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.failed("T-1", "ann", 80 * HOUR, 2 * HOUR);
        fleet.entry("T-1", "ann", 2 * HOUR);
        fleet.snapshot.entries = order.map(|at| fleet.snapshot.entries[at].clone()).into();
        fleet.assert(&[(Kind::Failed, Warning, "T-1 ann")]);
        let report = fleet.report();
        assert_eq!(
            report.findings[0].last_success,
            Some(at(fleet.now - 2 * HOUR))
        );
    }
}

#[test]
fn entries_without_a_name_are_not_merged_and_the_worst_is_reported_once() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "", 28 * HOUR, 20 * HOUR);
    fleet.failed("T-1", "", 40 * HOUR, 20 * HOUR);
    fleet.entry("T-1", "", HOUR);
    for entry in &mut fleet.snapshot.entries {
        entry.entity = None;
    }
    let expected = [
        (Kind::Failed, Critical, "T-1 GMAIL"),
        (Kind::Stale, Warning, "T-1 GMAIL"),
    ];
    fleet.assert(&expected);
    fleet.snapshot.entries.reverse();
    fleet.assert(&expected);
    assert_eq!(fleet.report().counts.entities, 3);
}

#[test]
fn two_tasks_with_one_id_are_one_and_the_active_one_counts() {
    for order in [[0, 1], [1, 0]] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.task("T-1").status = text("ARCHIVED");
        fleet.failed("T-1", "ann", 28 * HOUR, HOUR);
        fleet.snapshot.tasks = order.map(|at| fleet.snapshot.tasks[at].clone()).into();
        fleet.assert(&[(Kind::Failed, Warning, "T-1 ann")]);
    }
}

#[test]
fn tasks_without_an_id_are_not_merged_and_the_worst_says_how_many_there_are() {
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let mut fleet = Fleet::new();
        for created in [
            WireDate::Missing,
            WireDate::Unreadable("soon".into()),
            WireDate::Missing,
        ] {
            let task = fleet.task("");
            (task.id, task.status, task.created) = (None, None, created);
        }
        fleet.snapshot.tasks = order.map(|at| fleet.snapshot.tasks[at].clone()).into();
        let report = fleet.report();
        assert_eq!(report.counts.active_tasks, 3);
        let bad = report.findings.iter().find(|it| it.kind == Kind::BadData);
        let reasons = &bad.unwrap().evidence.reasons;
        let last = "2 more like it cannot be told from it by name";
        assert_eq!(reasons.last().map(|reason| &**reason), Some(last));
        fleet.snapshot.tasks.swap(0, 1);
        assert_eq!(fleet.report(), report);
    }
}

#[test]
fn a_tenant_that_is_listed_twice_is_one_and_one_without_an_id_is_not_unassigned() {
    for order in [[0, 1, 2, 3], [3, 2, 1, 0]] {
        let mut fleet = Fleet::new();
        fleet.tenant("U-2").status = text("ARCHIVED");
        fleet.tenant("U-2").name = "Beta".into();
        fleet.tenant("").id = None;
        fleet.task("T-1").tenant = text("U-9");
        fleet.task("T-2");
        fleet.entry("T-2", "ann", HOUR);
        fleet.snapshot.tenants = order.map(|at| fleet.snapshot.tenants[at].clone()).into();
        let report = fleet.report();
        assert_eq!(report.counts.tenants, 3);
        let verdict = |name: &str| {
            let tenant = report.tenants.iter().find(|it| &*it.name == name);
            tenant.map(|it| (it.id.as_deref(), it.findings))
        };
        assert_eq!(verdict("Tenant U-1"), Some((Some("U-1"), 0)));
        assert_eq!(verdict("Beta"), Some((Some("U-2"), 1)), "the active one");
        assert_eq!(verdict("Tenant "), Some((None, 1)));
        assert_eq!(verdict("unassigned"), Some((None, 1)));
        assert_eq!(report.tenants.len(), 4);
    }
}

#[test]
fn what_has_one_name_is_of_each_tenant_and_excluded_one_by_one() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    for tenant in ["U-1", "U-8"] {
        let entry = fleet.failed("T-1", "", 28 * HOUR, HOUR);
        (entry.entity, entry.tenant) = (None, text(tenant));
    }
    let report = fleet.report();
    assert!(
        report
            .tenants
            .iter()
            .all(|tenant| tenant.verdict >= Warning)
    );
    assert_eq!(report.tenants.len(), 2);
    // An exclusion of failures takes out no other finding of that name.
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "", 28 * HOUR, HOUR).entity = None;
    let attempt = fleet.date(HOUR);
    let entry = fleet.entry("T-1", "", 28 * HOUR);
    (entry.entity, entry.last_attempt) = (None, attempt);
    let exclusion = serde_json::json!({
        "task": "T-1", "kind": "failed", "reason": "known", "expires": "2030-01-01"
    });
    let exclusion = serde_json::from_value(exclusion).unwrap();
    fleet.policy.exclusions.push(exclusion);
    fleet.assert(&[(Kind::Unexplained, Warning, "T-1 GMAIL")]);
    assert_eq!(fleet.report().excluded.len(), 1);
}

#[test]
fn of_two_backup_tasks_with_one_id_the_one_that_runs_more_often_counts() {
    for order in [["manual", "daily"], ["daily", "manual"]] {
        let mut fleet = Fleet::new();
        for schedule in order {
            fleet.backup_task("B-1", "success", schedule);
        }
        fleet.task("T-1").backup_task = text("B-1");
        fleet.entry("T-1", "ann", 80 * HOUR);
        fleet.assert(&[(Kind::Overdue, Critical, "T-1")]);
    }
}

#[test]
fn findings_are_in_the_same_order_however_they_were_listed() {
    let fleet = |order: &[usize]| {
        let mut fleet = Fleet::new();
        for number in order {
            let id = format!("T-{number}");
            fleet.task(&id);
            fleet.entry(&id, "ann", if *number == 7 { 80 } else { 40 } * HOUR);
        }
        let report = fleet.report();
        let tasks = report
            .findings
            .iter()
            .filter_map(|one| one.task.as_ref()?.id.clone());
        tasks.collect::<Vec<_>>()
    };
    let all = fleet(&[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(&*all[0], "T-7", "the worst first");
    assert!(all[1..].is_sorted());
    for order in [[7, 0, 1, 2, 3, 4, 5, 6], [3, 2, 1, 0, 7, 6, 5, 4]] {
        assert_eq!(fleet(&order), all);
    }
}
