//! What counts as a run, what a run proves, and which words say that one failed.

use super::support::{DAY, Fleet, HOUR, MINUTE, at, sub, text};
use crate::health::{EntryRow, Kind, Severity, WireDate};
use Severity::{Critical, Warning};

/// Looks three times, a minute apart, at one failed run.
fn look_three_times(change: impl Fn(&Fleet, &mut EntryRow)) -> Fleet {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    let mut entry = fleet.failed("T-1", "ann", 12 * HOUR, HOUR).clone();
    change(&fleet, &mut entry);
    fleet.snapshot.entries = vec![entry];
    for _ in 0..3 {
        fleet.update();
        fleet.now += MINUTE;
        fleet.snapshot.read_at = at(fleet.now);
    }
    fleet
}

#[test]
fn looking_again_is_no_run() {
    let today = jiff::tz::TimeZone::UTC.to_datetime(at(super::support::NOW));
    type Change<'a> = &'a dyn Fn(&Fleet, &mut EntryRow);
    let ways: [(&str, Change<'_>); 4] = [
        ("as it is", &|_, _| {}),
        ("beside bad data", &|_, entry| {
            let odd = sub("CALENDAR", "HALF_DONE", Some("quota"));
            entry.sub_sources = [sub("MAIL", "FAILED", None), odd].into();
        }),
        ("a day without a time", &|_, entry| {
            entry.last_attempt = WireDate::Day(today.date());
        }),
        ("five minutes ahead", &|fleet, entry| {
            entry.last_attempt = fleet.date(-5 * MINUTE);
        }),
    ];
    for (what, change) in ways {
        let fleet = look_three_times(change);
        let report = fleet.report();
        let failed = report
            .findings
            .iter()
            .find(|it| it.evidence.failed_runs.is_some());
        let failed = failed.unwrap();
        assert_eq!(failed.evidence.failed_runs, Some(1), "{what}");
        assert_eq!(failed.severity, Warning, "{what}");
    }
}

#[test]
fn how_far_a_date_may_be_ahead_is_known_to_the_policy_alone() {
    let mut fleet = Fleet::new();
    fleet.policy.clock_tolerance = std::time::Duration::from_secs(7200);
    fleet.task("T-1");
    fleet.failed("T-1", "ann", 12 * HOUR, -50 * MINUTE);
    for _ in 0..3 {
        fleet.update();
        fleet.now += MINUTE;
        fleet.snapshot.read_at = at(fleet.now);
    }
    let report = fleet.report();
    assert_eq!(report.findings[0].evidence.failed_runs, Some(1));
}

#[test]
fn a_success_that_nobody_looked_at_ends_the_row() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "ann", 25 * HOUR, HOUR);
    fleet.update();
    fleet.next_day();
    fleet.failed("T-1", "ann", 49 * HOUR, HOUR);
    let (report, _) = fleet.update();
    assert_eq!(report.findings[0].evidence.failed_runs, Some(2));
    // On the third day it worked, and on the fourth it failed again.
    fleet.next_day();
    fleet.now += DAY;
    fleet.snapshot.read_at = at(fleet.now);
    fleet.failed("T-1", "ann", 25 * HOUR, HOUR);
    let (report, _) = fleet.update();
    let failed = &report.findings[0];
    assert_eq!((failed.kind, failed.severity), (Kind::Failed, Warning));
    assert_eq!(failed.evidence.failed_runs, Some(1));
}

#[test]
fn a_task_that_says_that_it_failed_has_failed_although_its_entries_are_silent() {
    for (own, joined, is_failed) in [
        ("ACTIVE", "success", false),
        ("FAILED", "success", true),
        ("ACTIVE", "failed", true),
    ] {
        let mut fleet = Fleet::new();
        fleet.backup_task("B-1", joined, "daily");
        let task = fleet.task("T-1");
        task.status = text(own);
        task.backup_task = text("B-1");
        fleet.entry("T-1", "ann", HOUR);
        let expected: &[_] = if is_failed {
            &[(Kind::Failed, Warning, "T-1")]
        } else {
            &[]
        };
        fleet.assert(expected);
        // An entry that says so speaks for it.
        fleet.snapshot.entries.clear();
        fleet.failed("T-1", "ann", 12 * HOUR, HOUR);
        fleet.assert(&[(Kind::Failed, Warning, "T-1 ann")]);
    }
}

#[test]
fn what_is_skipped_and_failed_before_is_still_overdue_until_it_may_be_a_leaver() {
    for (attempt, expected) in [
        (
            30 * HOUR,
            vec![(Kind::Overdue, Critical), (Kind::Unexplained, Warning)],
        ),
        (
            38 * HOUR,
            vec![
                (Kind::Overdue, Critical),
                (Kind::Unexplained, Warning),
                (Kind::Skipped, Warning),
            ],
        ),
        (
            31 * DAY,
            vec![
                (Kind::Unexplained, Warning),
                (Kind::Dormant, Severity::Notice),
            ],
        ),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.entry("T-1", "bob", HOUR);
        let date = fleet.date(attempt);
        fleet.entry("T-1", "ann", attempt + 20 * DAY).last_attempt = date;
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(kind, severity)| (kind, severity, "T-1 ann"))
            .collect();
        fleet.assert(&expected);
    }
}

#[test]
fn a_backup_task_of_the_account_is_its_own_entry() {
    for (status, expected) in [
        ("success", &[][..]),
        ("failed", &[(Kind::Failed, Warning, "B-1 M365")][..]),
    ] {
        let json = serde_json::json!({"id": "B-1", "type": "M365", "status": status,
            "lastBackup": "2026-03-31T05:00:00Z", "createdAt": "2025-03-31T05:00:00Z"});
        let task = serde_json::from_value(json).unwrap();
        let mut fleet = Fleet::new();
        fleet.snapshot.scope = crate::health::Scope::OwnBackupTasks;
        fleet.snapshot.tenants.clear();
        let (row, entry) = crate::health::convert::Rows::default().own_task(&task);
        fleet.snapshot.tasks.push(row);
        fleet.snapshot.entries.push(entry);
        fleet.assert(expected);
        assert_eq!(fleet.report().counts.entries, 1);
    }
}

#[test]
fn an_entity_of_another_source_than_its_task_has_the_thresholds_of_that_source() {
    let mut fleet = Fleet::new();
    let weekly = serde_json::json!({"source": "BOX", "interval": "7d"});
    fleet.policy.overrides = vec![serde_json::from_value(weekly).unwrap()];
    fleet.task("T-1");
    fleet.entry("T-1", "fresh", HOUR);
    fleet.entry("T-1", "mail", 30 * HOUR);
    fleet.entry("T-1", "box", 40 * HOUR).source = text("BOX");
    fleet.assert(&[]);
    fleet.snapshot.entries[2].source = text("GMAIL");
    fleet.assert(&[(Kind::Skipped, Warning, "T-1 box")]);
}
