//! Each row of the table of rules, on both sides of each threshold.

use super::support::{DAY, Fleet, HOUR, MINUTE, at, sub, text};
use crate::health::{Kind, ListState, Scope, Severity, WireDate};
use Severity::{Critical, Notice, Ok, Unknown, Warning};

#[test]
fn rule_0_a_list_that_is_incomplete_makes_the_report_unknown() {
    type Pick = fn(&mut crate::health::Lists) -> &mut ListState;
    let lists: [(&str, Pick); 5] = [
        ("profile", |lists| &mut lists.profile),
        ("tenants", |lists| &mut lists.tenants),
        ("tasks", |lists| &mut lists.tasks),
        ("statuses", |lists| &mut lists.statuses),
        ("backupTasks", |lists| &mut lists.backup_tasks),
    ];
    for (name, pick) in lists {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.entry("T-1", "ann", HOUR);
        *pick(&mut fleet.snapshot.lists) = ListState::Incomplete {
            reason: "503".into(),
        };
        fleet.assert(&[(Kind::Incomplete, Unknown, name)]);
        let report = fleet.report();
        assert_eq!((report.verdict, report.complete), (Unknown, false));
        assert!(
            report
                .tenants
                .iter()
                .all(|tenant| tenant.verdict >= Unknown)
        );
        // What is worse stays worse, and what is better stays in the report.
        fleet.entry("T-1", "bob", 4 * DAY).last_attempt = WireDate::Missing;
        fleet.snapshot.entries[0].last_attempt = fleet.date(4 * DAY);
        fleet.snapshot.entries[0].last_success = fleet.date(4 * DAY);
        assert_eq!(fleet.report().verdict, Critical);
        assert_eq!(fleet.report().findings.len(), 2);
    }
}

#[test]
fn rule_0_no_tasks_are_fine_only_if_the_policy_allows_that() {
    let mut fleet = Fleet::new();
    fleet.snapshot.tenants[0].status = text("ARCHIVED");
    fleet.assert(&[(Kind::Incomplete, Unknown, "tasks")]);
    fleet.policy.allow_no_tasks = true;
    fleet.assert(&[]);
    assert_eq!(fleet.report().verdict, Ok);
    // Of a list that may not be read it is not known whether there are tasks.
    fleet.snapshot.lists.tasks = ListState::NotAvailable;
    fleet.assert(&[(Kind::Incomplete, Unknown, "tasks")]);
}

#[test]
fn a_list_that_is_not_available_is_a_notice_and_not_incomplete() {
    let mut fleet = Fleet::new();
    let last = fleet.date(HOUR);
    fleet.task("T-1").last_backups = [("GMAIL".into(), last)].into_iter().collect();
    fleet.snapshot.lists.statuses = ListState::NotAvailable;
    fleet.snapshot.lists.tenants = ListState::NotAvailable;
    fleet.snapshot.tenants.clear();
    fleet.assert(&[]);
    let report = fleet.report();
    assert_eq!((report.verdict, report.complete), (Notice, true));
    assert_eq!(report.notices.len(), 2);
    assert_eq!(report.tenants[0].id.as_deref(), Some("U-1"), "known by id");
    // For backup tasks that is usual.
    let mut usual = Fleet::new();
    usual.task("T-1");
    usual.entry("T-1", "ann", HOUR);
    assert_eq!(usual.snapshot.lists.backup_tasks, ListState::NotAvailable);
    assert_eq!(usual.report().verdict, Ok);
}

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
fn rules_2_and_3_what_never_worked_is_pending_while_it_is_young() {
    for (created, has_failed, has_entry, expected) in [
        (47 * HOUR, false, true, Some((Kind::Pending, Ok))),
        (48 * HOUR - 1, false, true, Some((Kind::Pending, Ok))),
        (
            48 * HOUR,
            false,
            true,
            Some((Kind::NeverSucceeded, Critical)),
        ),
        (HOUR, true, true, Some((Kind::NeverSucceeded, Critical))),
        (48 * HOUR - 1, false, false, Some((Kind::Pending, Ok))),
        (48 * HOUR, false, false, Some((Kind::Unproven, Warning))),
    ] {
        let mut fleet = Fleet::new();
        let date = fleet.date(created);
        fleet.task("T-1").created = date;
        if has_entry {
            let attempt = fleet.date(30 * MINUTE);
            let entry = fleet.entry("T-1", "ann", 0);
            entry.last_success = WireDate::Missing;
            entry.last_attempt = attempt;
            let status = if has_failed { "FAILED" } else { "SUCCESS" };
            entry.sub_sources = [sub("MAIL", status, None)].into();
        }
        let mut found = fleet.found();
        found.retain(|(kind, ..)| *kind != Kind::Failed);
        let found = found.pop().map(|(kind, severity, _)| (kind, severity));
        assert_eq!(found, expected, "{created} {has_failed} {has_entry}");
    }
}

#[test]
fn rule_2_the_age_is_by_creation_else_by_the_ledger_else_old() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").created = WireDate::Missing;
    let none = |fleet: &mut Fleet| {
        let entry = fleet.entry("T-1", "ann", 0);
        entry.last_success = WireDate::Missing;
        entry.last_attempt = WireDate::Missing;
        entry.sub_sources = [].into();
    };
    none(&mut fleet);
    fleet.assert(&[(Kind::NeverSucceeded, Critical, "T-1 ann")]);
    fleet.next_day();
    none(&mut fleet);
    fleet.assert(&[(Kind::Pending, Ok, "T-1 ann")]);
    fleet.now += DAY;
    fleet.assert(&[(Kind::NeverSucceeded, Critical, "T-1 ann")]);
    // A date of creation that is needed and cannot be read is bad data as well.
    fleet.now -= DAY;
    fleet.snapshot.tasks[0].created = WireDate::Unreadable("soon".into());
    fleet.assert(&[
        (Kind::Pending, Ok, "T-1 ann"),
        (Kind::BadData, Warning, "T-1"),
    ]);
    // One that is not needed is not.
    fleet.snapshot.entries[0].last_success = fleet.date(HOUR);
    fleet.assert(&[]);
}

#[test]
fn rule_4_a_failure_is_critical_once_the_last_success_is_not_fresh() {
    for (success, kind, severity, sub_sources) in [
        (
            36 * HOUR,
            Kind::Failed,
            Warning,
            vec![sub("A", "FAILED", None)],
        ),
        (
            36 * HOUR + 1,
            Kind::Failed,
            Critical,
            vec![sub("A", "FAILED", None)],
        ),
        (
            36 * HOUR,
            Kind::Partial,
            Warning,
            vec![sub("A", "FAILED", None), sub("B", "SUCCESS", None)],
        ),
        (
            36 * HOUR + 1,
            Kind::Partial,
            Critical,
            vec![sub("A", "FAILED", None), sub("B", "SUCCESS", None)],
        ),
        (
            36 * HOUR,
            Kind::Partial,
            Warning,
            vec![sub("A", "SUCCESS", Some("2 items were skipped"))],
        ),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        let entry = fleet.failed("T-1", "ann", success, HOUR);
        entry.sub_sources = sub_sources.into();
        let found = fleet.found();
        assert!(
            found.contains(&(kind, severity, "T-1 ann".into())),
            "{found:?}"
        );
        let is_stale = success > 36 * HOUR;
        assert_eq!(
            found.len(),
            1 + usize::from(is_stale),
            "all rules apply: {found:?}"
        );
        let report = fleet.report();
        assert_eq!(report.verdict, severity);
        assert_eq!(report.findings[0].failures[0].sub_source, text("A"));
    }
}

#[test]
fn rule_4_the_third_run_in_a_row_is_critical_and_an_invocation_is_no_run() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    for (day, runs, severity) in [(1, 1, Warning), (2, 2, Warning), (3, 3, Critical)] {
        // Fresh all the time, because the service reports partial backups as such.
        fleet.failed("T-1", "ann", 30 * HOUR, HOUR);
        for _ in 0..3 {
            let report = fleet.report();
            assert_eq!(report.findings[0].severity, severity, "day {day}");
            assert_eq!(report.findings[0].evidence.failed_runs, Some(runs));
            fleet.update();
            fleet.snapshot.read_at = at(fleet.snapshot.read_at.as_second() + 60);
        }
        fleet.next_day();
    }
    fleet.entry("T-1", "ann", HOUR);
    fleet.assert(&[]);
    fleet.next_day();
    fleet.failed("T-1", "ann", 25 * HOUR, HOUR);
    assert_eq!(
        fleet.report().findings[0].evidence.failed_runs,
        Some(1),
        "a success ends the row"
    );
}

#[test]
fn rule_5_the_last_success_is_stale_and_then_overdue() {
    for (schedule, age, expected) in [
        ("daily", 36 * HOUR, None),
        ("daily", 36 * HOUR + 1, Some((Kind::Stale, Warning))),
        ("daily", 72 * HOUR, Some((Kind::Stale, Warning))),
        ("daily", 72 * HOUR + 1, Some((Kind::Overdue, Critical))),
        ("every_3_hours", 6 * HOUR, None),
        ("every_3_hours", 6 * HOUR + 1, Some((Kind::Stale, Warning))),
        ("every_3_hours", 12 * HOUR, Some((Kind::Stale, Warning))),
        (
            "every_3_hours",
            12 * HOUR + 1,
            Some((Kind::Overdue, Critical)),
        ),
        ("manual", 300 * DAY, None),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1").backup_task = text("B-1");
        fleet.backup_task("B-1", "success", schedule);
        fleet.entry("T-1", "ann", age);
        // Attempted all the same, so that the entity speaks, and then not, so that the task does.
        for about in ["T-1", "T-1 ann"] {
            let expected = expected.map(|(kind, severity)| (kind, severity, about.to_owned()));
            let mut found = fleet.found();
            found.retain(|(kind, ..)| *kind != Kind::Unexplained);
            assert_eq!(
                found,
                expected.into_iter().collect::<Vec<_>>(),
                "{schedule} {age}"
            );
            fleet.snapshot.entries[0].last_attempt = fleet.date(HOUR);
        }
    }
}

#[test]
fn rule_5_manual_backups_are_never_pending_or_too_old_and_still_fail() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").backup_task = text("B-1");
    fleet.backup_task("B-1", "success", "manual");
    fleet.entry("T-1", "ann", HOUR).last_success = WireDate::Missing;
    fleet.snapshot.entries[0].last_attempt = WireDate::Missing;
    fleet.assert(&[]);
    fleet.snapshot.entries.clear();
    fleet.failed("T-1", "ann", 90 * DAY, 80 * DAY);
    fleet.assert(&[(Kind::Failed, Warning, "T-1 ann")]);
}

#[test]
fn rule_6_an_attempt_after_the_last_success_that_did_not_fail_is_unexplained() {
    for (attempt, is_unexplained) in [(HOUR + 1, true), (HOUR, false), (0, false), (-60, false)] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        let date = fleet.date(9 * HOUR - attempt);
        fleet.entry("T-1", "ann", 9 * HOUR).last_attempt = date;
        let expected = [(Kind::Unexplained, Warning, "T-1 ann")];
        fleet.assert(if is_unexplained { &expected } else { &[] });
    }
}

#[test]
fn rule_7_what_its_task_leaves_out_is_skipped_and_after_30_days_dormant() {
    for (age, expected) in [
        (37 * HOUR, None),
        (37 * HOUR + 1, Some((Kind::Skipped, Warning))),
        (30 * DAY - 1, Some((Kind::Skipped, Warning))),
        (30 * DAY, Some((Kind::Dormant, Notice))),
        (400 * DAY, Some((Kind::Dormant, Notice))),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        // An hour ago, so the threshold of 36 hours is at 37 hours.
        fleet.entry("T-1", "ann", HOUR);
        fleet.entry("T-1", "bob", age);
        let mut found = fleet.found();
        // Row 5 does not speak for what row 7 speaks for.
        found.retain(|(kind, ..)| *kind != Kind::Stale || expected.is_some());
        let expected = expected.map(|(kind, severity)| (kind, severity, "T-1 bob".to_owned()));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{age}");
    }
}

#[test]
fn rule_7_does_not_speak_for_a_task_of_which_nothing_was_attempted() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    for entity in ["ann", "bob", "cee"] {
        fleet.entry("T-1", entity, 80 * HOUR);
    }
    fleet.entry("T-1", "dan", 60 * DAY);
    fleet.assert(&[
        (Kind::Overdue, Critical, "T-1"),
        (Kind::Dormant, Notice, "T-1 dan"),
    ]);
    // An entity that is worse than its task is said as well.
    fleet.snapshot.entries.clear();
    fleet.entry("T-1", "ann", 40 * HOUR);
    fleet.failed("T-1", "bob", 90 * HOUR, 40 * HOUR);
    fleet.assert(&[
        (Kind::Stale, Warning, "T-1"),
        (Kind::Overdue, Critical, "T-1 bob"),
        (Kind::Failed, Critical, "T-1 bob"),
    ]);
}

#[test]
fn rule_8_a_date_or_a_word_that_cannot_be_used_is_bad_data() {
    for (success, attempt, status, error, is_bad) in [
        (None, None, "SUCCESS", None, false),
        (Some("yesterday"), None, "SUCCESS", None, true),
        (None, Some("202603302028"), "SUCCESS", None, true),
        (None, Some("2026-03-31T06:10:00Z"), "SUCCESS", None, false),
        (None, Some("2026-03-31T06:11:00Z"), "SUCCESS", None, true),
        (Some("2026-03-31T06:11:00Z"), None, "SUCCESS", None, true),
        (None, None, "HALF_DONE", None, false),
        (None, None, "HALF_DONE", Some("quota"), true),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        let entry = fleet.entry("T-1", "ann", 0);
        let read = |own: &mut WireDate, text: Option<&str>| {
            if let Some(text) = text {
                *own = serde_json::from_value(text.into()).unwrap();
            }
        };
        read(&mut entry.last_success, success);
        read(&mut entry.last_attempt, attempt);
        entry.sub_sources = [sub("MAIL", status, error)].into();
        let report = fleet.report();
        let bad: Vec<_> = report
            .findings
            .iter()
            .filter(|one| one.kind == Kind::BadData)
            .collect();
        assert_eq!(
            bad.len(),
            usize::from(is_bad),
            "{success:?} {attempt:?} {status}"
        );
        assert!(bad.iter().all(|one| !one.evidence.reasons.is_empty()));
        let is_fine = status == "SUCCESS" && !is_bad;
        assert_eq!(
            report.verdict == Ok,
            is_fine,
            "{success:?} {attempt:?} {status}"
        );
    }
}

#[test]
fn rule_8_an_unknown_word_beside_good_dates_is_one_notice_per_word() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    for (entity, words) in [
        ("ann", vec!["HALF_DONE"]),
        ("bob", vec!["HALF_DONE", "DONE"]),
        ("cee", vec!["SUCCESS"]),
    ] {
        let words = words.into_iter().map(|word| sub("MAIL", word, None));
        fleet.entry("T-1", entity, HOUR).sub_sources = words.collect();
    }
    fleet.snapshot.entries[2].sub_sources = [Default::default()].into();
    fleet.assert(&[]);
    let report = fleet.report();
    let words: Vec<_> = report
        .unknown_words
        .iter()
        .map(|one| (&*one.word, one.count))
        .collect();
    assert_eq!(words, [("(none)", 1), ("DONE", 1), ("HALF_DONE", 2)]);
    assert_eq!(
        (report.verdict, report.tenants[0].verdict),
        (Notice, Notice)
    );
    fleet
        .policy
        .words
        .success
        .extend(["done".into(), "half_done".into()]);
    fleet.snapshot.entries.truncate(2);
    assert_eq!(fleet.report().verdict, Ok);
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

#[test]
fn rule_11_an_active_tenant_without_a_task_is_not_protected() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").status = text("ARCHIVED");
    fleet.tenant("U-2");
    fleet.tenant("U-3").status = text("ARCHIVED");
    fleet.tenant("U-4").status = None;
    let report = fleet.report();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.kind, one.severity, one.tenant.id.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::NoTasks, Warning, Some("U-2")),
            (Kind::NoTasks, Warning, Some("U-4")),
        ]
    );
    // Its task may be on a page that was not read.
    fleet.snapshot.lists.tasks = ListState::Incomplete { reason: "x".into() };
    assert!(
        !fleet
            .found()
            .iter()
            .any(|(kind, ..)| *kind == Kind::NoTasks)
    );
}

#[test]
fn rule_12_what_two_complete_snapshots_do_not_have_has_vanished_until_it_is_acknowledged() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.task("T-2");
    for entity in ["ann", "bob"] {
        fleet.entry("T-1", entity, HOUR);
    }
    fleet.entry("T-2", "cee", HOUR);
    fleet.next_day();
    fleet.snapshot.tasks.pop();
    fleet.entry("T-1", "ann", HOUR);
    fleet.assert(&[]);
    // Once, and however often it is assessed. An incomplete snapshot does not count.
    fleet.update();
    fleet.update();
    fleet.assert(&[]);
    fleet.now += HOUR;
    fleet.snapshot.read_at = at(fleet.now);
    fleet.snapshot.lists.statuses = ListState::Incomplete { reason: "x".into() };
    fleet.assert(&[(Kind::Incomplete, Unknown, "statuses")]);
    fleet.update();
    fleet.snapshot.lists.statuses = ListState::NotAvailable;
    fleet.update();
    fleet.snapshot.lists.statuses = ListState::Complete;
    fleet.now += HOUR;
    fleet.snapshot.read_at = at(fleet.now);
    let expected = [
        (Kind::Vanished, Warning, "T-1 bob"),
        (Kind::Vanished, Warning, "T-2"),
    ];
    fleet.assert(&expected);
    for _ in 0..3 {
        fleet.next_day();
        fleet.entry("T-1", "ann", HOUR);
        fleet.assert(&expected);
        let (_, changes) = fleet.update();
        assert!(
            changes.resolved.is_empty(),
            "a deleted backup is never resolved"
        );
    }
    let report = fleet.report();
    let now = at(fleet.now);
    let mut ledger = fleet.ledger.take().unwrap();
    for one in &report.findings {
        ledger.acknowledge(one.fingerprint, now).unwrap();
    }
    fleet.ledger = Some(ledger);
    fleet.assert(&[]);
    fleet.now += 60;
    fleet.snapshot.read_at = at(fleet.now);
    let (_, changes) = fleet.update();
    assert_eq!(changes.resolved.len(), 2);
    assert!(fleet.ledger.as_ref().unwrap().open().is_empty());
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    fleet.assert(&[]);
}

#[test]
fn the_accounts_own_backup_tasks_need_no_other_list() {
    let mut fleet = Fleet::new();
    fleet.snapshot.scope = Scope::OwnBackupTasks;
    fleet.snapshot.tenants.clear();
    fleet.snapshot.lists = Default::default();
    fleet.snapshot.lists.tasks = ListState::Complete;
    let task = fleet.task("B-1");
    task.tenant = None;
    task.status = text("success");
    let entry = fleet.entry("B-1", "x", HOUR);
    entry.tenant = None;
    entry.entity = None;
    entry.sub_sources = [sub("", "success", None)].into();
    fleet.assert(&[]);
    let report = fleet.report();
    assert_eq!((report.verdict, report.complete), (Ok, true));
    assert_eq!(&*report.tenants[0].name, "own account");
    assert!(report.notices.is_empty());
}
