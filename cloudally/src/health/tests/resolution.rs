//! What resolves a finding, and what the ledger must not forget.

use super::support::{DAY, Fleet, HOUR, at, text};
use crate::health::{Kind, Ledger, ListState, Scope, Severity};

fn is_open(fleet: &Fleet, kind: Kind) -> bool {
    let open = fleet.ledger.as_ref().unwrap().open();
    open.iter().any(|one| one.kind == kind)
}

#[test]
fn a_failed_run_proves_nothing_of_its_task() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", 80 * HOUR);
    fleet.update();
    assert!(is_open(&fleet, Kind::Overdue));
    fleet.next_day();
    fleet.failed("T-1", "ann", HOUR, HOUR);
    fleet.update();
    assert!(is_open(&fleet, Kind::Overdue), "the date of a failed run");
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    let (_, changes) = fleet.update();
    assert!(!is_open(&fleet, Kind::Overdue));
    assert_eq!(changes.resolved.len(), 2, "{changes:#?}");
}

#[test]
fn what_was_found_by_the_dates_of_a_task_is_resolved_by_its_entries() {
    let mut fleet = Fleet::new();
    let old = fleet.date(80 * HOUR);
    fleet.task("T-1").last_backups = [("GMAIL".into(), old)].into_iter().collect();
    fleet.update();
    assert!(is_open(&fleet, Kind::Overdue));
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    let (_, changes) = fleet.update();
    assert_eq!(changes.resolved.len(), 1);
    assert!(fleet.ledger.as_ref().unwrap().open().is_empty());
}

#[test]
fn a_tenant_that_gets_a_task_which_works_is_protected() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    fleet.tenant("U-2");
    fleet.update();
    assert!(is_open(&fleet, Kind::NoTasks));
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    fleet.task("T-2").tenant = text("U-2");
    fleet.update();
    assert!(is_open(&fleet, Kind::NoTasks), "a task that has not run");
    fleet.next_day();
    fleet.entry("T-1", "ann", HOUR);
    fleet.entry("T-2", "bob", HOUR).tenant = text("U-2");
    fleet.update();
    assert!(!is_open(&fleet, Kind::NoTasks));
}

#[test]
fn an_entity_that_goes_while_its_task_is_paused_has_vanished_when_it_goes_on() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    fleet.entry("T-1", "bob", HOUR);
    fleet.update();
    for (status, is_missed) in [
        ("paused", false),
        ("paused", false),
        ("paused", false),
        ("ACTIVE", false),
        ("ACTIVE", true),
    ] {
        fleet.next_day();
        fleet.snapshot.tasks[0].status = text(status);
        fleet.entry("T-1", "ann", HOUR);
        let (report, _) = fleet.update();
        let vanished = report
            .findings
            .iter()
            .filter(|one| one.kind == Kind::Vanished);
        let vanished: Vec<_> = vanished.filter_map(|one| one.entity.as_deref()).collect();
        assert_eq!(
            vanished,
            if is_missed { vec!["bob"] } else { vec![] },
            "{status}"
        );
    }
}

#[test]
fn an_acknowledgement_of_what_has_no_name_forgets_nothing_else() {
    let mut fleet = Fleet::new();
    fleet.task("T-0");
    fleet.entry("T-0", "well", HOUR);
    let orphan = |fleet: &mut Fleet, entity: Option<&str>| {
        let entry = fleet.entry("", "", HOUR);
        (entry.task, entry.tenant, entry.source) = (None, None, None);
        entry.entity = entity.map(Into::into);
    };
    orphan(&mut fleet, None);
    orphan(&mut fleet, Some("late"));
    fleet.update();
    for _ in 0..2 {
        fleet.next_day();
        fleet.entry("T-0", "well", HOUR);
        fleet.update();
    }
    let ledger = fleet.ledger.as_mut().unwrap();
    let open: Vec<_> = ledger.open().to_vec();
    assert_eq!(open.len(), 2, "{open:#?}");
    let unnamed = open.iter().find(|one| one.entity.is_none()).unwrap();
    ledger
        .acknowledge(unnamed.fingerprint, at(fleet.now))
        .unwrap();
    for _ in 0..2 {
        fleet.next_day();
        fleet.entry("T-0", "well", HOUR);
        let (report, _) = fleet.update();
        let vanished: Vec<_> = report
            .findings
            .iter()
            .filter_map(|one| one.entity.as_deref())
            .collect();
        assert_eq!(vanished, ["late"]);
    }
}

#[test]
fn a_ledger_that_was_begun_without_the_profile_takes_the_account_of_the_first_complete_one() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    let known = fleet.snapshot.account.clone();
    fleet.snapshot.account.partner_id = None;
    fleet.snapshot.lists.profile = ListState::Incomplete {
        reason: "503".into(),
    };
    fleet.update();
    fleet.snapshot.account = known.clone();
    fleet.snapshot.lists.profile = ListState::Complete;
    fleet.update();
    assert_eq!(fleet.ledger.as_ref().unwrap().account, known);
    // From then on it is of this account.
    fleet.snapshot.account.partner_id = text("P-2");
    let ledger = fleet.ledger.as_ref().unwrap();
    assert!(
        ledger
            .update(&fleet.snapshot, &fleet.report_without_ledger())
            .is_err()
    );
}

#[test]
fn status_entries_that_are_all_gone_make_the_report_unknown_and_change_nothing() {
    let mut fleet = Fleet::new();
    for number in 0..5 {
        let id = format!("T-{number}");
        let date = fleet.date(HOUR);
        fleet.task(&id).last_backups = [("GMAIL".into(), date)].into_iter().collect();
        fleet.entry(&id, "ann", HOUR);
    }
    fleet.update();
    let ledger: Ledger = fleet.ledger.clone().unwrap();
    for state in [ListState::Complete, ListState::NotAvailable] {
        fleet.now += DAY / 2;
        fleet.snapshot.read_at = at(fleet.now);
        fleet.snapshot.entries.clear();
        fleet.snapshot.lists.statuses = state;
        let (report, changes) = fleet.update();
        assert_eq!(report.verdict, Severity::Unknown);
        assert_eq!(report.findings[0].kind, Kind::Incomplete);
        assert!(
            report.findings[0]
                .reason()
                .unwrap()
                .contains("knows 5 entities")
        );
        assert_eq!(changes, Default::default());
        assert_eq!(fleet.ledger.as_ref(), Some(&ledger));
        // Without a memory it is a notice: nobody knows that there should be any.
        let report = fleet.report_without_ledger();
        assert_eq!(
            (report.verdict, report.notices.len()),
            (Severity::Notice, 1)
        );
    }
    // The account's own tasks are their own entries.
    fleet.ledger = None;
    fleet.snapshot.scope = Scope::OwnBackupTasks;
    assert_eq!(fleet.report().verdict, Severity::Ok);
}

#[test]
fn that_backup_tasks_may_not_be_read_is_a_notice_where_tasks_name_them() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    assert!(fleet.report().notices.is_empty());
    fleet.snapshot.tasks[0].backup_task = text("B-1");
    let report = fleet.report();
    assert_eq!((report.verdict, report.notices.len()), (Severity::Ok, 1));
    fleet.backup_task("B-1", "success", "daily");
    assert!(fleet.report().notices.is_empty());
}
