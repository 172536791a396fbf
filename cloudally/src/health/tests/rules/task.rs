//! Rules 1, 9 and 10, on both sides of each threshold.

use crate::health::tests::support::{DAY, Fleet, HOUR, at, text};
use crate::health::{Kind, ListState, Severity, WireDate};
use Severity::{Critical, Notice, Ok, Unknown, Warning};

#[test]
fn rule_1_an_inactive_task_is_not_judged() {
    for (status, joined, is_inactive) in [
        ("ARCHIVED", "success", true),
        ("archived", "success", true),
        ("paused", "success", true),
        ("ACTIVE", "paused", true),
        ("ACTIVE", "success", false),
    ] {
        let mut fleet = Fleet::new();
        let task = fleet.task("T-1");
        task.status = text(status);
        task.backup_task = text("B-1");
        task.created = WireDate::Unreadable("soon".into());
        fleet.backup_task("B-1", joined, "daily");
        fleet.failed("T-1", "ann", 90 * DAY, 80 * DAY);
        let found = fleet.found();
        let expected = (Kind::Inactive, Ok, "T-1".to_owned());
        assert_eq!(
            found == [expected],
            is_inactive,
            "{status} {joined}: {found:?}"
        );
        assert_eq!(fleet.report().counts.inactive_tasks, u64::from(is_inactive));
    }
}

#[test]
fn rule_1_a_missing_or_unknown_word_counts_as_active_and_is_bad_data() {
    for (status, joined, count) in [
        (None, Some("success"), 1),
        (text("HIBERNATED"), Some("success"), 1),
        (text("ACTIVE"), Some("odd"), 1),
        (text("HIBERNATED"), Some("odd"), 2),
        (text("ACTIVE"), Some("success"), 0),
    ] {
        let mut fleet = Fleet::new();
        let task = fleet.task("T-1");
        task.status = status.clone();
        task.backup_task = text("B-1");
        fleet.backup_task("B-1", joined.unwrap(), "daily");
        fleet.failed("T-1", "ann", 28 * HOUR, HOUR);
        let report = fleet.report();
        let bad = report.findings.iter().find(|one| one.kind == Kind::BadData);
        let reasons = bad.map_or(0, |bad| bad.evidence.reasons.len());
        assert_eq!(reasons, count, "{status:?} {joined:?}");
        assert!(report.findings.iter().any(|one| one.kind == Kind::Failed));
    }
}

#[test]
fn rule_1_a_task_that_the_ledger_knew_active_is_newly_inactive_for_7_days() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    fleet.next_day();
    fleet.snapshot.tasks[0].status = text("ARCHIVED");
    fleet.assert(&[(Kind::NewlyInactive, Warning, "T-1")]);
    fleet.update();
    let since = fleet.now;
    for (age, kind, severity) in [
        (DAY, Kind::NewlyInactive, Warning),
        (7 * DAY, Kind::NewlyInactive, Warning),
        (7 * DAY + 1, Kind::Inactive, Ok),
    ] {
        fleet.now = since + age;
        fleet.snapshot.read_at = at(fleet.now);
        fleet.assert(&[(kind, severity, "T-1")]);
        let (_, changes) = fleet.update();
        assert!(changes.resolved.is_empty(), "time resolves nothing");
    }
}

#[test]
fn rule_9_a_size_that_fell_while_the_entities_held_is_reported() {
    for (days, size, entities, expected) in [
        (3, 701, 3, None),
        (3, 700, 3, Some(Notice)),
        (3, 401, 3, Some(Notice)),
        (3, 400, 3, Some(Warning)),
        (3, 0, 4, Some(Warning)),
        (3, 400, 2, None),
        (2, 400, 3, None),
        (8, 400, 3, Some(Warning)),
        (3, -5, 3, Some(Warning)),
    ] {
        let mut fleet = Fleet::new();
        let task = fleet.task("T-1");
        task.size = Some(1000);
        task.entities = Some(3);
        for _ in 0..days {
            fleet.entry("T-1", "ann", HOUR);
            fleet.next_day();
        }
        fleet.entry("T-1", "ann", HOUR);
        fleet.snapshot.tasks[0].size = Some(size);
        fleet.snapshot.tasks[0].entities = Some(entities);
        let expected = expected.map(|severity| (Kind::SizeDrop, severity, "T-1".to_owned()));
        assert_eq!(
            fleet.found(),
            expected.into_iter().collect::<Vec<_>>(),
            "{days} {size}"
        );
    }
}

#[test]
fn rule_9_today_is_no_earlier_day_and_eight_are_kept() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").size = Some(1000);
    for _ in 0..5 {
        fleet.snapshot.read_at = at(fleet.snapshot.read_at.as_second() + 60);
        fleet.entry("T-1", "ann", HOUR);
        fleet.update();
        fleet.snapshot.entries.clear();
    }
    fleet.entry("T-1", "ann", HOUR);
    fleet.snapshot.tasks[0].size = Some(100);
    fleet.assert(&[]);
    for _ in 0..12 {
        fleet.next_day();
        fleet.entry("T-1", "ann", HOUR);
    }
    assert_eq!(fleet.ledger.as_ref().unwrap().tasks[0].days.len(), 8);
}

#[test]
fn rule_10_a_task_without_entries_is_judged_by_its_last_dates() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.assert(&[(Kind::Unproven, Warning, "T-1")]);
    let dates = [
        ("BOX", fleet.date(HOUR)),
        ("DRIVE", fleet.date(36 * HOUR + 1)),
        ("GMAIL", fleet.date(72 * HOUR + 1)),
        ("LISTS", WireDate::Missing),
    ];
    let dates = dates
        .into_iter()
        .map(|(source, date)| (source.into(), date));
    fleet.snapshot.tasks[0].last_backups = dates.collect();
    fleet.assert(&[
        (Kind::Stale, Warning, "T-1 DRIVE"),
        (Kind::Overdue, Critical, "T-1 GMAIL"),
        (Kind::Unproven, Warning, "T-1 LISTS"),
    ]);
    let bad = WireDate::Unreadable("202603302028".into());
    fleet.snapshot.tasks[0].last_backups = [("BOX".into(), bad)].into_iter().collect();
    fleet.assert(&[(Kind::BadData, Warning, "T-1")]);
    // With entries these dates are not used.
    fleet.entry("T-1", "ann", HOUR);
    fleet.assert(&[]);
    // An entry may be on a page that was not read.
    fleet.snapshot.entries.clear();
    fleet.snapshot.tasks[0].last_backups = Default::default();
    fleet.snapshot.lists.statuses = ListState::Incomplete { reason: "x".into() };
    fleet.assert(&[(Kind::Incomplete, Unknown, "statuses")]);
}
