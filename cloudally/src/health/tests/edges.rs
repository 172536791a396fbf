//! The edge rules: orphans, running, words, exclusions, entities that come and go.

use super::support::{DAY, Fleet, HOUR, at, sub, text};
use crate::health::{Kind, ListState, Orphan, Report, Severity, TaskRow, WireDate};
use Severity::{Critical, Ok, Warning};

#[test]
fn orphans_of_all_kinds_are_judged_under_a_tenant_that_is_called_unassigned() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.task("T-2").tenant = text("U-9");
    fleet.task("T-3").tenant = None;
    fleet.entry("T-1", "well", HOUR);
    fleet.failed("T-9", "no task", 28 * HOUR, HOUR);
    fleet.failed("", "none", 28 * HOUR, HOUR).task = None;
    fleet.failed("T-1", "no tenant", 28 * HOUR, HOUR).tenant = text("U-8");
    fleet
        .failed("T-2", "task of nobody", 28 * HOUR, HOUR)
        .tenant = text("U-9");
    fleet.failed("T-3", "task without", 28 * HOUR, HOUR).tenant = None;
    let report = fleet.report();
    let mut found: Vec<_> = report
        .findings
        .iter()
        .map(|one| {
            assert_eq!((one.kind, one.severity), (Kind::Failed, Warning));
            assert_eq!(
                (one.tenant.id.as_deref(), &*one.tenant.name),
                (None, "unassigned")
            );
            let stated = one.stated_tenant.as_deref();
            (one.entity.as_deref().unwrap(), one.orphan.unwrap(), stated)
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            ("no task", Orphan::EntryWithoutTask, Some("U-1")),
            ("no tenant", Orphan::EntryWithoutTenant, Some("U-8")),
            ("none", Orphan::EntryWithoutTask, Some("U-1")),
            ("task of nobody", Orphan::TaskWithoutTenant, Some("U-9")),
            ("task without", Orphan::TaskWithoutTenant, None),
        ]
    );
    let tenants: Vec<_> = report
        .tenants
        .iter()
        .map(|one| (one.id.as_deref(), one.verdict))
        .collect();
    assert_eq!(tenants, [(None, Warning), (Some("U-1"), Ok)]);
    // An entry without a tenant is of its task's.
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "ann", 28 * HOUR, HOUR).tenant = None;
    assert_eq!(fleet.report().findings[0].tenant.id.as_deref(), Some("U-1"));
    assert_eq!(fleet.report().findings[0].orphan, None);
}

#[test]
fn without_the_list_of_tenants_nobody_is_an_orphan() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").tenant = text("U-9");
    fleet.failed("T-1", "ann", 28 * HOUR, HOUR).tenant = text("U-9");
    fleet.snapshot.lists.tenants = ListState::NotAvailable;
    let report = fleet.report();
    assert_eq!(report.findings[0].tenant.id.as_deref(), Some("U-9"));
    assert_eq!(report.findings[0].orphan, None);
}

#[test]
fn a_run_that_goes_on_hides_rules_5_and_6_for_a_day_and_no_failure() {
    let running: [fn(&mut Fleet); 3] = [
        |fleet| fleet.snapshot.tasks[0].running = true,
        |fleet| fleet.snapshot.tasks[0].status = text("in_progress"),
        |fleet| {
            fleet.snapshot.tasks[0].backup_task = text("B-1");
            fleet.backup_task("B-1", "in_progress", "daily");
        },
    ];
    for run in running {
        for (attempt, is_hidden) in [(HOUR, true), (24 * HOUR, true), (24 * HOUR + 1, false)] {
            let mut fleet = Fleet::new();
            fleet.task("T-1");
            let date = fleet.date(attempt);
            fleet.entry("T-1", "ann", 80 * HOUR).last_attempt = date;
            let expected = [
                (Kind::Overdue, Critical, "T-1 ann"),
                (Kind::Unexplained, Warning, "T-1 ann"),
            ];
            fleet.assert(&expected);
            run(&mut fleet);
            fleet.assert(if is_hidden { &[] } else { &expected });
        }
    }
    let mut fleet = Fleet::new();
    fleet.task("T-1").running = true;
    fleet.failed("T-1", "ann", 40 * HOUR, HOUR);
    fleet.assert(&[(Kind::Failed, Critical, "T-1 ann")]);
    // A cancelled run is none: the row says so, see the conversion.
}

#[test]
fn a_cancelled_run_does_not_go_on() {
    use crate::types::Task;
    let mut rows = crate::health::convert::Rows::default();
    for (progress, is_running) in [
        ("null", false),
        (r#"{"state": "PREPARE"}"#, true),
        (r#"{"state": "DAYDREAM", "cancelled": false}"#, true),
        (r#"{"state": "PREPARE", "cancelled": true}"#, false),
    ] {
        let task: Task = serde_json::from_str(&format!("{{\"progress\": {progress}}}")).unwrap();
        assert_eq!(rows.task(&task).running, is_running, "{progress}");
    }
}

#[test]
fn a_run_without_an_attempt_goes_on_since_it_was_first_seen() {
    let mut fleet = Fleet::new();
    let task = fleet.task("T-1");
    task.running = true;
    let (now, start) = (fleet.now, fleet.date(80 * HOUR));
    fleet.snapshot.tasks[0].last_backups = [("GMAIL".into(), start)].into_iter().collect();
    // Its last date is no attempt of this run.
    fleet.assert(&[]);
    fleet.update();
    let memory = &fleet.ledger.as_ref().unwrap().tasks[0];
    assert_eq!(memory.running_since, Some(at(now)));
    for (later, expected) in [
        (DAY, &[][..]),
        (DAY + 1, &[(Kind::Overdue, Critical, "T-1 GMAIL")]),
    ] {
        fleet.now = now + later;
        fleet.assert(expected);
    }
    fleet.now = now;
    fleet.snapshot.tasks[0].running = false;
    fleet.snapshot.read_at = at(now + 60);
    fleet.update();
    assert_eq!(fleet.ledger.as_ref().unwrap().tasks[0].running_since, None);
}

#[test]
fn eight_digits_are_the_end_of_the_day_but_not_after_now() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    let day = |text: &str| serde_json::from_str::<WireDate>(text).unwrap();
    for (date, expected) in [
        ("20260331", None),
        ("20260330", None),
        // Its end is 30 hours and a second ago.
        ("20260329", None),
        ("20260328", Some((Kind::Stale, Warning))),
        ("20260327", Some((Kind::Overdue, Critical))),
    ] {
        fleet.snapshot.entries.clear();
        let entry = fleet.entry("T-1", "ann", 0);
        entry.last_success = day(date);
        entry.last_attempt = day(date);
        let found = fleet
            .found()
            .pop()
            .map(|(kind, severity, _)| (kind, severity));
        assert_eq!(found, expected, "{date}");
    }
}

#[test]
fn an_entity_that_is_renamed_is_another_one_and_one_that_comes_back_is_the_same() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "ann", 28 * HOUR, HOUR);
    let before = fleet.report().findings[0].fingerprint;
    fleet.next_day();
    fleet.failed("T-1", "Ann ", 28 * HOUR, HOUR);
    assert_eq!(fleet.report().findings[0].fingerprint, before);
    fleet.snapshot.entries.clear();
    fleet.failed("T-1", "ann.smith", 28 * HOUR, HOUR);
    let report = fleet.report();
    assert_ne!(report.findings[0].fingerprint, before);
    assert_eq!(report.findings[0].evidence.failed_runs, Some(1));
    // The old name vanishes, and what was open stays open.
    fleet.next_day();
    fleet.failed("T-1", "ann.smith", 28 * HOUR, HOUR);
    let (report, changes) = fleet.update();
    let has_vanished =
        |report: &Report| report.findings.iter().any(|one| one.kind == Kind::Vanished);
    assert!(has_vanished(&report) && changes.resolved.is_empty());
    assert!(
        fleet
            .ledger
            .as_ref()
            .unwrap()
            .open()
            .iter()
            .any(|one| one.fingerprint == before)
    );
    // It comes back and works.
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    fleet.failed("T-1", "ann.smith", 28 * HOUR, HOUR);
    let (report, changes) = fleet.update();
    assert!(!has_vanished(&report));
    let resolved: Vec<_> = changes.resolved.iter().map(|one| one.kind).collect();
    assert_eq!(resolved.len(), 2, "{resolved:?}");
    assert!(resolved.contains(&Kind::Failed) && resolved.contains(&Kind::Vanished));
}

#[test]
fn entities_of_an_archived_task_do_not_vanish() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    for _ in 0..4 {
        fleet.next_day();
        fleet.snapshot.tasks[0].status = text("ARCHIVED");
        assert!(
            !fleet
                .found()
                .iter()
                .any(|(kind, ..)| *kind == Kind::Vanished)
        );
    }
}

#[test]
fn an_exclusion_takes_a_finding_out_of_the_verdict_until_it_ends() {
    let exclude = |field: &str, value: &str, expires: &str| {
        let json = serde_json::json!({field: value, "reason": "known", "expires": expires});
        serde_json::from_value(json).unwrap()
    };
    for (field, value, fits) in [
        ("tenant", "U-1", true),
        ("tenant", "U-2", false),
        ("task", "T-1", true),
        ("task", "T-2", false),
        ("source", "gmail", true),
        ("source", "BOX", false),
        ("entity", " ANN ", true),
        ("entity", "bob", false),
    ] {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        fleet.failed("T-1", "ann", 28 * HOUR, HOUR);
        fleet.update();
        fleet.policy.exclusions = vec![exclude(field, value, "2026-03-31")];
        let report = fleet.report();
        assert_eq!(report.verdict == Ok, fits, "{field} {value}");
        assert_eq!(report.excluded.len(), usize::from(fits));
        assert_eq!(report.counts.excluded, u64::from(fits));
        if fits {
            assert_eq!(report.excluded[0].excluded.as_deref(), Some("known"));
            let (_, changes) = fleet.update();
            assert_eq!(changes.resolved.len(), 1, "an exclusion resolves");
        }
        fleet.policy.exclusions = vec![exclude(field, value, "2026-03-30")];
        let report = fleet.report();
        assert_eq!((report.verdict, report.notices.len()), (Warning, 1));
    }
    // What is not known cannot be excluded.
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.snapshot.lists.statuses = ListState::Incomplete { reason: "x".into() };
    fleet.policy.exclusions = vec![exclude("source", "statuses", "2026-03-31")];
    assert_eq!(fleet.report().verdict, Severity::Unknown);
}

#[test]
fn an_override_is_for_a_source_or_a_tenant() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.task("T-2").source = text("BOX");
    for (task, source) in [("T-1", "GMAIL"), ("T-2", "BOX")] {
        fleet.entry(task, "ann", 80 * HOUR).source = text(source);
    }
    let json = serde_json::json!({"overrides": [{"source": "BOX", "interval": "7d"}]});
    fleet.policy = serde_json::from_value(json).unwrap();
    fleet.assert(&[(Kind::Overdue, Critical, "T-1")]);
    let json = serde_json::json!({"overrides": [{"tenant": "U-1", "manual": true}]});
    fleet.policy = serde_json::from_value(json).unwrap();
    fleet.assert(&[]);
}

#[test]
fn a_new_task_a_paused_one_and_one_without_entries_are_told_apart() {
    let mut fleet = Fleet::new();
    let young = fleet.date(HOUR);
    fleet.task("T-new").created = young;
    fleet.task("T-paused").status = text("paused");
    fleet.task("T-archived").status = text("ARCHIVED");
    fleet.task("T-none");
    fleet.assert(&[
        (Kind::Pending, Ok, "T-new"),
        (Kind::Inactive, Ok, "T-paused"),
        (Kind::Inactive, Ok, "T-archived"),
        (Kind::Unproven, Warning, "T-none"),
    ]);
}

#[test]
fn rows_without_any_field_are_judged_and_never_well() {
    let mut fleet = Fleet::new();
    fleet.snapshot.tasks.push(TaskRow::default());
    fleet.snapshot.entries.push(Default::default());
    let report = fleet.report();
    assert!(
        report.verdict >= Severity::Critical,
        "{:#?}",
        report.findings
    );
    fleet.update();
    fleet.next_day();
}

#[test]
fn a_finding_says_why_it_is_one_and_when_it_turns_critical() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    let entry = fleet.failed("T-1", "ann\u{1b}[31m", 30 * HOUR, HOUR);
    entry.sub_sources = [sub("MAIL", "FAILED", Some("Quota\nexceeded"))].into();
    let report = fleet.report();
    let text = report.findings[0].explain().to_string();
    for part in [
        "rule 4: all sub-sources of the last run failed",
        "last attempt: 2026-03-31T05:00:00Z",
        "last success: 2026-03-30T00:00:00Z",
        "MAIL: FAILED: Quota exceeded",
        "failed runs in a row, as far as the ledger knows: 1",
        "threshold: 36h",
        "turns critical at 2026-03-31T12:00:01Z, or with the failed run number 3 in a row",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!report.findings[0].to_string().contains('\u{1b}'));
    // It is true.
    fleet.now += 6 * HOUR;
    assert_eq!(fleet.report().verdict, Warning);
    fleet.now += 1;
    assert_eq!(fleet.report().verdict, Critical);
    assert_eq!(fleet.report().findings[0].explain().critical, None);
    // So is that of a date that is old.
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", 2 * DAY);
    let critical_at = fleet.report().findings[0].evidence.critical_at.unwrap();
    fleet.now = critical_at.as_second() - 1;
    assert_eq!(fleet.report().verdict, Warning);
    fleet.now += 1;
    assert_eq!(fleet.report().verdict, Critical);
}
