//! Rules 0, 11 and 12, on both sides of each threshold.

use crate::health::tests::support::{DAY, Fleet, HOUR, at, sub, text};
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
