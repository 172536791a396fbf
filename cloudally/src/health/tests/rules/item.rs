//! Rules 2 to 8, on both sides of each threshold.

use crate::health::tests::support::{DAY, Fleet, HOUR, MINUTE, at, sub, text};
use crate::health::{Kind, Severity, WireDate};
use Severity::{Critical, Notice, Ok, Warning};

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
