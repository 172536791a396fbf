//! Directories against small fleets.

#[cfg(feature = "csv")]
mod csv;

use proptest::prelude::*;

use super::{AccountKind, CoverageReport, CoverageStatus, Directory, DirectoryAccount, coverage};
use crate::ErrorKind;
use crate::health::tests::support::{DAY, Fleet, HOUR, NOW, at, text};
use crate::health::{Exclusion, Kind, ListState, Scope, Severity};
use serde_json::json;

/// A fleet with one active task, `T-1`, that backs up `ann@acme.example.com`.
fn fleet() -> Fleet {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "Ann@Acme.example.com", HOUR);
    fleet
}

fn user(address: &str) -> DirectoryAccount {
    let mut user = DirectoryAccount::new(address);
    (user.enabled, user.licensed) = (Some(true), Some(true));
    user
}

fn run(fleet: &Fleet, accounts: Vec<DirectoryAccount>) -> CoverageReport {
    let mut directory = Directory::new(accounts);
    directory.has_shared_column = true;
    coverage(&fleet.snapshot, &directory, &fleet.policy, at(fleet.now)).unwrap()
}

/// The status of the only account.
fn status(fleet: &Fleet, account: DirectoryAccount) -> (CoverageStatus, Severity) {
    // Somebody who is found, so that the directory is one of this account.
    let mut fleet = fleet.clone();
    fleet.entry("T-1", "other@acme.example.com", HOUR);
    let address = account.address.clone();
    let report = run(&fleet, vec![account, user("other@acme.example.com")]);
    let row = report
        .rows
        .iter()
        .find(|row| *row.address == *address)
        .unwrap();
    (row.status, report.verdict)
}

#[test]
fn an_account_has_one_status() {
    use CoverageStatus::{NotRequired, PaidLeaver, Protected, Unprotected};
    let (ann, bob) = ("ANN@acme.example.com", "bob@acme.example.com");
    let change = |address: &str, change: fn(&mut DirectoryAccount)| {
        let mut account = user(address);
        change(&mut account);
        account
    };
    for (account, expected, verdict) in [
        (user(ann), Protected, Severity::Ok),
        (user(bob), Unprotected, Severity::Warning),
        // An alias proves it, and a case does not matter.
        (
            change(bob, |it| it.aliases = vec!["aNN@acme.example.com".into()]),
            Protected,
            Severity::Ok,
        ),
        // Nothing is said of these, so they need a backup.
        (DirectoryAccount::new(bob), Unprotected, Severity::Warning),
        (
            change(bob, |it| it.licensed = Some(false)),
            NotRequired,
            Severity::Ok,
        ),
        (
            change(bob, |it| (it.enabled, it.licensed) = (Some(false), None)),
            NotRequired,
            Severity::Ok,
        ),
        (
            change(bob, |it| it.enabled = Some(false)),
            PaidLeaver,
            Severity::Notice,
        ),
        (
            change(ann, |it| it.enabled = Some(false)),
            PaidLeaver,
            Severity::Notice,
        ),
        (
            change(ann, |it| {
                (it.enabled, it.licensed) = (Some(false), Some(false))
            }),
            Protected,
            Severity::Ok,
        ),
        // The sign-in of a shared mailbox is disabled, and it has no licence.
        (
            change(bob, |it| {
                (it.enabled, it.licensed) = (Some(false), Some(false));
                it.kind = AccountKind::Shared;
            }),
            Unprotected,
            Severity::Warning,
        ),
        (
            change(bob, |it| it.kind = AccountKind::Guest),
            NotRequired,
            Severity::Ok,
        ),
        (
            change(ann, |it| it.kind = AccountKind::Guest),
            Protected,
            Severity::Ok,
        ),
    ] {
        assert_eq!(
            status(&fleet(), account.clone()),
            (expected, verdict),
            "{account:?}"
        );
    }
}

#[test]
fn only_a_fresh_backup_of_an_active_task_protects() {
    use CoverageStatus::{Protected, Unprotected};
    let ann = || user("ann@acme.example.com");
    let mut overdue = Fleet::new();
    overdue.task("T-1");
    overdue.entry("T-1", "ann@acme.example.com", 4 * DAY);
    assert_eq!(status(&overdue, ann()).0, Unprotected);
    // Stale and failed are asked elsewhere.
    let mut failed = Fleet::new();
    failed.task("T-1");
    failed.failed("T-1", "ann@acme.example.com", 40 * HOUR, HOUR);
    assert_eq!(status(&failed, ann()).0, Protected);
    let mut archived = fleet();
    archived.task("T-2").status = text("ARCHIVED");
    archived.snapshot.entries[0].task = text("T-2");
    assert_eq!(status(&archived, ann()).0, Unprotected);
    // A second task that backs it up counts.
    archived.entry("T-1", "ann@acme.example.com", HOUR);
    assert_eq!(status(&archived, ann()).0, Protected);
    let mut unreadable = fleet();
    unreadable.snapshot.entries[0].last_success = serde_json::from_value(json!("soon")).unwrap();
    assert_eq!(status(&unreadable, ann()).0, Unprotected);
    let mut sources = fleet();
    sources.policy.coverage.sources = vec!["gmail".into(), "DRIVE".into()];
    let report = run(&sources, vec![ann()]);
    let reason = report.rows[0].reason.as_deref();
    assert_eq!(reason, Some("no entry of DRIVE has its address"));
    assert_eq!(report.findings[0].kind, Kind::Unprotected);
    assert!(
        report.findings[0]
            .explain()
            .to_string()
            .contains("entry of DRIVE")
    );
}

#[test]
fn an_exclusion_counts_until_it_expires() {
    let mut fleet = fleet();
    let exclusion = |expires: &str| -> Exclusion {
        let one = json!({"entity": "BOB@acme.example.com", "kind": "unprotected",
            "reason": "moves in April", "expires": expires});
        serde_json::from_value(one).unwrap()
    };
    let both = || vec![user("bob@acme.example.com"), user("ann@acme.example.com")];
    fleet.policy.exclusions = vec![exclusion("2026-03-31")];
    let report = run(&fleet, both());
    assert_eq!(report.verdict, Severity::Ok);
    assert_eq!((report.counts.excluded, report.excluded.len()), (1, 1));
    assert_eq!(report.rows[0].reason.as_deref(), Some("moves in April"));
    fleet.policy.exclusions = vec![exclusion("2026-03-30")];
    let report = run(&fleet, both());
    assert_eq!(
        (report.verdict, report.counts.unprotected),
        (Severity::Warning, 1)
    );
    assert!(
        report.notices[0].contains("ended on 2026-03-30"),
        "{:?}",
        report.notices
    );
}

#[test]
fn what_was_not_read_is_unknown_and_never_unprotected() {
    let mut fleet = fleet();
    let reason = "the list ended early".into();
    fleet.snapshot.lists.statuses = ListState::Incomplete { reason };
    let report = run(
        &fleet,
        vec![user("ann@acme.example.com"), user("bob@acme.example.com")],
    );
    assert_eq!(report.verdict, Severity::Unknown);
    let counts = report.counts;
    assert_eq!(
        (counts.protected, counts.unknown, counts.unprotected),
        (1, 1, 0)
    );
    assert_eq!(report.findings[0].kind, Kind::Incomplete);
    assert!(report.findings[0].reason().unwrap().contains("ended early"));
}

#[test]
fn every_list_that_could_prove_a_backup_is_needed() {
    let both = || vec![user("ann@acme.example.com"), user("bob@acme.example.com")];
    for (name, is_needed) in [("tasks", true), ("backupTasks", true), ("tenants", false)] {
        let mut fleet = fleet();
        let lists = &mut fleet.snapshot.lists;
        let list = match name {
            "tasks" => &mut lists.tasks,
            "tenants" => &mut lists.tenants,
            _ => &mut lists.backup_tasks,
        };
        let reason = "it ended early".into();
        *list = ListState::Incomplete { reason };
        let report = run(&fleet, both());
        let found = report
            .findings
            .iter()
            .any(|one| one.source.as_deref() == Some(name));
        assert_eq!(
            (found, report.counts.unknown == 1),
            (is_needed, is_needed),
            "{name}"
        );
        assert_eq!(report.verdict == Severity::Unknown, is_needed, "{name}");
    }
    let mut fleet = fleet();
    fleet.snapshot.lists.statuses = ListState::NotAvailable;
    let mut leaver = user("bob@acme.example.com");
    leaver.enabled = Some(false);
    let report = run(&fleet, vec![leaver]);
    let reason = report.rows[0].reason.as_deref().unwrap();
    assert!(reason.contains("was not found, and not all"), "{reason}");
}

#[test]
fn the_joined_backup_task_counts() {
    let mut fleet = Fleet::new();
    fleet.task("T-1").backup_task = text("B-1");
    fleet.entry("T-1", "ann@acme.example.com", 40 * DAY);
    for (status, schedule, expected) in [
        ("success", "manual", CoverageStatus::Protected),
        ("success", "daily", CoverageStatus::Unprotected),
        ("paused", "manual", CoverageStatus::Unprotected),
    ] {
        let mut fleet = fleet.clone();
        fleet.backup_task("B-1", status, schedule);
        let (found, _) = status_of(&fleet, "ann@acme.example.com");
        assert_eq!(found, expected, "{status} {schedule}");
    }
}

fn status_of(fleet: &Fleet, address: &str) -> (CoverageStatus, Severity) {
    status(fleet, user(address))
}

#[test]
fn what_is_backed_up_and_not_listed_is_named_once() {
    let mut fleet = fleet();
    fleet.entry("T-1", "old@acme.example.com", 40 * DAY);
    fleet.entry("T-1", "zoe@acme.example.com", HOUR);
    fleet.entry("T-1", "ZOE@acme.example.com", HOUR);
    fleet.entry("T-1", "alias@acme.example.com", HOUR);
    fleet.entry("T-1", "far@elsewhere.example.com", HOUR);
    let mut ann = user("ann@acme.example.com");
    ann.aliases = vec!["alias@acme.example.com".into()];
    let mut bob = user("bob@acme.example.com");
    bob.aliases = vec![
        "alias@acme.example.com".into(),
        "old@acme.example.com".into(),
    ];
    let report = run(&fleet, vec![ann, bob]);
    let names = report.unlisted.iter().map(|one| one.entity.to_lowercase());
    let unlisted: Vec<String> = names.collect();
    assert_eq!(unlisted, ["zoe@acme.example.com"]);
    assert_eq!(report.findings[0].last_success, Some(at(NOW - 40 * DAY)));
}

#[test]
fn two_exports_of_one_directory_complete_each_other() {
    let mut team = user("team@acme.example.com");
    (team.enabled, team.licensed) = (Some(false), Some(false));
    let mut mailbox = DirectoryAccount::new("TEAM@acme.example.com");
    mailbox.kind = AccountKind::Shared;
    let users = Directory::new([team, user("ann@acme.example.com")]);
    let directory = users.merge(Directory::new([mailbox]));
    let fleet = fleet();
    let report = coverage(&fleet.snapshot, &directory, &fleet.policy, at(NOW)).unwrap();
    assert_eq!((report.counts.shared, report.counts.unprotected), (1, 1));
    assert!(report.notices.is_empty(), "{:?}", report.notices);
}

#[test]
fn a_source_that_no_entry_has_is_not_known() {
    let mut fleet = fleet();
    fleet.policy.coverage.sources = vec!["GMIAL".into()];
    let report = run(&fleet, vec![user("ann@acme.example.com")]);
    assert_eq!(report.verdict, Severity::Unknown);
    assert!(
        report.notices[0].contains("`GMIAL`"),
        "{:?}",
        report.notices
    );
    for (coverage, expected) in [
        (json!({"sources": [" "]}), "coverage.sources"),
        (
            json!({"columns": {"address": "A", "enabled": "B", "disabled": "C"}}),
            "coverage.columns.enabled",
        ),
    ] {
        fleet.policy.coverage = serde_json::from_value(coverage).unwrap();
        let error = fleet.policy.check().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn nothing_compared_is_not_fine() {
    let mut guest = user("bob@acme.example.com");
    guest.kind = AccountKind::Guest;
    let report = run(&fleet(), vec![guest]);
    assert_eq!(report.verdict, Severity::Unknown);
    assert!(report.notices[0].contains("nothing was compared"));
    let report = run(&fleet(), vec![user("zoe@other.example.com")]);
    assert_eq!(report.verdict, Severity::Unknown);
    assert!(
        report.notices[0].contains("not one account"),
        "{:?}",
        report.notices
    );
    let refused = |directory: &Directory, scope| {
        let mut fleet = fleet();
        fleet.snapshot.scope = scope;
        let result = coverage(&fleet.snapshot, directory, &fleet.policy, at(NOW));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    };
    let directory = Directory::new([user("ann@acme.example.com")]);
    assert!(refused(&Directory::default(), Scope::Partner).contains("no account"));
    assert!(refused(&directory, Scope::OwnBackupTasks).contains("own backup tasks"));
    let directory = directory.of_tenant("U-9");
    assert!(refused(&directory, Scope::Partner).contains("`U-9`"));
}

#[test]
fn one_account_is_counted_once_and_its_worse_reading_counts() {
    let mut leaver = user("BOB@acme.example.com");
    (leaver.enabled, leaver.licensed, leaver.line) = (Some(false), Some(false), Some(3));
    let mut bob = user("bob@acme.example.com");
    bob.line = Some(2);
    let ann = user("ann@acme.example.com");
    let report = run(&fleet(), vec![bob, leaver, ann]);
    assert_eq!((report.counts.accounts, report.counts.unprotected), (2, 1));
    assert_eq!(report.rows[0].lines, [2, 3]);
    assert!(
        report.notices[0].contains("(lines 2, 3)"),
        "{:?}",
        report.notices
    );
    assert!(report.notices[1].contains("differ"), "{:?}", report.notices);
}

#[test]
fn an_alias_proves_only_its_own_account() {
    let with_alias = |address: &str, alias: &str| {
        let mut user = user(address);
        user.aliases = vec![alias.into()];
        user
    };
    // The address of another account.
    let report = run(
        &fleet(),
        vec![
            user("ann@acme.example.com"),
            with_alias("bob@acme.example.com", "ann@acme.example.com"),
        ],
    );
    assert_eq!((report.counts.protected, report.counts.unprotected), (1, 1));
    // An alias of two.
    let report = run(
        &fleet(),
        vec![
            with_alias("bob@acme.example.com", "ann@acme.example.com"),
            with_alias("zoe@acme.example.com", "ann@acme.example.com"),
        ],
    );
    assert_eq!(report.counts.unprotected, 2);
    assert!(report.notices[0].contains("several accounts have one alias"));
}

#[test]
fn a_directory_of_one_tenant_knows_only_its_tasks() {
    let mut fleet = fleet();
    fleet.tenant("U-2");
    fleet.task("T-2").tenant = text("U-2");
    fleet.entry("T-2", "bob@acme.example.com", HOUR).tenant = text("U-2");
    fleet.entry("T-1", "zoe@acme.example.com", HOUR);
    let accounts = [user("ann@acme.example.com"), user("bob@acme.example.com")];
    let directory = Directory::new(accounts).of_tenant("U-1");
    let report = coverage(&fleet.snapshot, &directory, &fleet.policy, at(NOW)).unwrap();
    assert_eq!((report.counts.protected, report.counts.unprotected), (1, 1));
    assert_eq!(report.findings[0].tenant.id, text("U-1"));
    let unlisted: Vec<_> = report.unlisted.iter().map(|one| &*one.entity).collect();
    assert_eq!(unlisted, ["zoe@acme.example.com"]);
}

#[test]
fn who_may_be_a_shared_mailbox_is_a_notice() {
    let mut idle = user("team@acme.example.com");
    (idle.enabled, idle.licensed) = (Some(false), Some(false));
    let directory = Directory::new([idle, user("ann@acme.example.com")]);
    let fleet = fleet();
    let report = coverage(&fleet.snapshot, &directory, &fleet.policy, at(NOW)).unwrap();
    assert_eq!(report.verdict, Severity::Notice);
    assert!(
        report.notices[0].contains("team@acme.example.com"),
        "{:?}",
        report.notices
    );
    let again = CoverageReport::from_json(&report.to_json()).unwrap();
    assert_eq!(again, report);
    assert!(CoverageReport::from_json("{\"version\":1").is_err());
}

fn account() -> impl Strategy<Value = DirectoryAccount> {
    let kinds = prop_oneof![
        4 => Just(AccountKind::User),
        1 => Just(AccountKind::Shared),
        1 => Just(AccountKind::Guest)
    ];
    let maybe = || prop::option::of(any::<bool>());
    let aliases = prop::collection::vec("[a-f]@x\\.example", 0..3);
    (("[a-fA-F]@x\\.example", aliases), maybe(), maybe(), kinds).prop_map(
        |((address, aliases), enabled, licensed, kind)| DirectoryAccount {
            address,
            aliases,
            enabled,
            licensed,
            kind,
            line: None,
        },
    )
}

proptest! {
    /// Each address has one status, the counts add up, the order of the input does not matter, and
    /// nothing is protected that no entry proves.
    #[test]
    fn every_account_is_counted_once_and_proved_by_an_entry(
        accounts in prop::collection::vec(account(), 1..12),
        entries in prop::collection::vec(("[a-f]@x\\.example", 0..8 * DAY), 0..8),
        is_complete in any::<bool>(),
    ) {
        let mut fleet = Fleet::new();
        fleet.task("T-1");
        for (entity, age) in &entries {
            fleet.entry("T-1", entity, *age);
        }
        if !is_complete {
            fleet.snapshot.lists.statuses = ListState::NotAvailable;
        }
        let report = run(&fleet, accounts.clone());
        let counts = report.counts;
        let sum = counts.protected + counts.unprotected + counts.paid_leavers
            + counts.not_required + counts.excluded + counts.unknown;
        let addresses: std::collections::BTreeSet<String> =
            accounts.iter().map(|one| one.address.to_lowercase()).collect();
        prop_assert_eq!(counts.accounts, sum);
        prop_assert_eq!(report.rows.len(), addresses.len());
        for row in &report.rows {
            let address = row.address.to_lowercase();
            let own = accounts.iter().filter(|one| one.address.to_lowercase() == address);
            let names: Vec<&String> = own.flat_map(|one| &one.aliases).collect();
            let is_fresh = |(entity, age): &(String, i64)| {
                *age <= 3 * DAY && (*entity == address || names.contains(&entity))
            };
            if row.status == CoverageStatus::Protected {
                prop_assert!(entries.iter().any(is_fresh), "{:?}", row);
            }
            let has_own = entries.iter().any(|one| one.0 == address && is_fresh(one));
            prop_assert!(!has_own || row.status != CoverageStatus::Unprotected, "{:?}", row);
        }
        prop_assert!(is_complete || counts.unprotected == 0);
        prop_assert!(is_complete || report.verdict >= Severity::Unknown);
        let is_fine = counts.unprotected + counts.unknown == 0 && is_complete;
        prop_assert!(is_fine || report.verdict > Severity::Notice);
        let (mut fleet, mut accounts) = (fleet, accounts);
        fleet.snapshot.entries.reverse();
        accounts.reverse();
        prop_assert_eq!(run(&fleet, accounts).to_json(), report.to_json());
    }
}
