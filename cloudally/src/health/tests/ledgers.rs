//! What the ledger remembers, and what is stored.

use super::support::{DAY, Fleet, HOUR, at, text};
use crate::ErrorKind;
use crate::health::{
    Fingerprint, Kind, Ledger, PseudonymKey, Report, Scope, Severity, Snapshot, WireDate, assess,
};

fn failing() -> Fleet {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.failed("T-1", "ann@acme.example.com", 28 * HOUR, HOUR);
    fleet
}

#[test]
fn only_a_success_resolves_what_failed() {
    // Dormant, gone, archived, running: none of them is a success.
    type Change = fn(&mut Fleet);
    let others: [(&str, Change); 5] = [
        ("dormant", |fleet| {
            fleet.entry("T-1", "bob", HOUR);
            let entry = fleet.entry("T-1", "ann@acme.example.com", 40 * DAY);
            entry.sub_sources = [].into();
        }),
        ("gone", |_| {}),
        ("archived", |fleet| {
            fleet.snapshot.tasks[0].status = text("ARCHIVED");
            fleet.entry("T-1", "ann@acme.example.com", HOUR);
        }),
        ("running", |fleet| {
            fleet.snapshot.tasks[0].running = true;
            let attempt = fleet.date(HOUR);
            let entry = fleet.entry("T-1", "ann@acme.example.com", 52 * HOUR);
            entry.last_attempt = attempt;
        }),
        ("unexplained", |fleet| {
            let attempt = fleet.date(HOUR);
            let entry = fleet.entry("T-1", "ann@acme.example.com", 28 * HOUR);
            entry.last_attempt = attempt;
        }),
    ];
    for (what, change) in others {
        let mut fleet = failing();
        let fingerprint = fleet.report().findings[0].fingerprint;
        fleet.next_day();
        change(&mut fleet);
        let (_, changes) = fleet.update();
        assert!(changes.resolved.is_empty(), "{what}: {changes:#?}");
        let ledger = fleet.ledger.as_ref().unwrap();
        assert!(
            ledger
                .open()
                .iter()
                .any(|one| one.fingerprint == fingerprint),
            "{what}"
        );
    }
    let mut fleet = failing();
    fleet.next_day();
    fleet.entry("T-1", "ann@acme.example.com", HOUR);
    let (_, changes) = fleet.update();
    assert_eq!(changes.resolved.len(), 1);
    assert!(fleet.ledger.as_ref().unwrap().open().is_empty());
}

#[test]
fn what_gets_worse_or_better_is_changed_and_keeps_its_fingerprint_and_start() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", 40 * HOUR);
    let (report, changes) = fleet.update();
    let since = report.findings[0].since;
    assert_eq!(changes.opened, report.findings);
    fleet.next_day();
    fleet.entry("T-1", "ann", 80 * HOUR);
    let (report, changes) = fleet.update();
    assert_eq!(
        (report.findings[0].kind, report.findings[0].since),
        (Kind::Overdue, since)
    );
    assert!(changes.opened.is_empty() && changes.resolved.is_empty());
    let change = &changes.changed[0];
    assert_eq!(
        (change.kind_before, change.severity_before),
        (Kind::Stale, Severity::Warning)
    );
    // Failed and partial are one problem as well.
    let mut fleet = failing();
    let failed = fleet.report().findings[0].fingerprint;
    let fine = super::support::sub("FILES", "SUCCESS", None);
    let entry = &mut fleet.snapshot.entries[0];
    entry.sub_sources = entry.sub_sources.iter().cloned().chain([fine]).collect();
    let partial = &fleet.report().findings[0];
    assert_eq!((partial.kind, partial.fingerprint), (Kind::Partial, failed));
}

#[test]
fn an_acknowledgement_resolves_once_and_hides_nothing() {
    let mut fleet = failing();
    fleet.update();
    let fingerprint = fleet.report().findings[0].fingerprint;
    let now = at(fleet.now);
    fleet
        .ledger
        .as_mut()
        .unwrap()
        .acknowledge(fingerprint, now)
        .unwrap();
    let report = fleet.report();
    assert_eq!(
        (report.verdict, report.findings[0].acknowledged),
        (Severity::Warning, Some(now))
    );
    fleet.next_day();
    fleet.failed("T-1", "ann@acme.example.com", 28 * HOUR, HOUR);
    let (_, changes) = fleet.update();
    // It was resolved when the ledger was updated last, at the end of that day.
    assert!(
        changes.resolved.is_empty() && changes.opened.is_empty(),
        "{changes:#?}"
    );
    // It gets worse, and so it is new.
    fleet.next_day();
    fleet.failed("T-1", "ann@acme.example.com", 40 * HOUR, HOUR);
    let (report, changes) = fleet.update();
    assert_eq!(report.findings[0].kind, Kind::Failed);
    let opened: Vec<_> = changes.opened.iter().map(|one| one.kind).collect();
    assert!(opened.contains(&Kind::Failed), "{opened:?}");
    let unknown: Fingerprint = "0".repeat(32).parse().unwrap();
    let error = fleet.ledger.unwrap().acknowledge(unknown, now).unwrap_err();
    assert!(error.to_string().contains("no finding 0000"), "{error}");
}

#[test]
fn an_acknowledged_newly_inactive_task_is_inactive() {
    let mut fleet = Fleet::new();
    fleet.task("T-1");
    fleet.entry("T-1", "ann", HOUR);
    fleet.next_day();
    fleet.snapshot.tasks[0].status = text("ARCHIVED");
    let (report, _) = fleet.update();
    let fingerprint = report.findings[0].fingerprint;
    let now = at(fleet.now);
    fleet
        .ledger
        .as_mut()
        .unwrap()
        .acknowledge(fingerprint, now)
        .unwrap();
    for _ in 0..3 {
        fleet.assert(&[(Kind::Inactive, Severity::Ok, "T-1")]);
        fleet.next_day();
    }
    assert!(fleet.ledger.unwrap().open().is_empty());
}

#[test]
fn an_incomplete_run_changes_nothing() {
    let mut fleet = failing();
    fleet.update();
    let before = fleet.ledger.clone();
    fleet.now += DAY;
    fleet.snapshot.read_at = at(fleet.now);
    fleet.snapshot.entries.clear();
    fleet.snapshot.lists.tasks = crate::health::ListState::Incomplete { reason: "x".into() };
    let (_, changes) = fleet.update();
    assert_eq!(fleet.ledger, before);
    assert_eq!(changes, Default::default());
}

#[test]
fn a_ledger_of_another_account_is_refused() {
    let mut fleet = failing();
    fleet.update();
    let changes: [fn(&mut Fleet); 4] = [
        |fleet| fleet.snapshot.account.partner_id = text("P-2"),
        |fleet| fleet.snapshot.account.partner_id = None,
        |fleet| fleet.snapshot.account.base_url = "https://other.example.com".into(),
        |fleet| fleet.snapshot.scope = Scope::Reseller,
    ];
    for change in changes {
        let mut other = fleet.clone();
        change(&mut other);
        let (snapshot, ledger) = (&other.snapshot, other.ledger.as_ref());
        let error = assess(snapshot, &other.policy, ledger, at(other.now)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("another account"), "{error}");
        let report = assess(snapshot, &other.policy, None, at(other.now)).unwrap();
        assert!(ledger.unwrap().update(snapshot, &report).is_err());
    }
    // Where the profile could not be read the id is not known.
    fleet.snapshot.account.partner_id = None;
    fleet.snapshot.lists.profile = crate::health::ListState::Incomplete { reason: "x".into() };
    assert_eq!(fleet.report().verdict, Severity::Unknown);
}

#[test]
fn a_report_of_another_snapshot_and_an_older_snapshot_are_refused() {
    let mut fleet = failing();
    let (report, _) = fleet.update();
    let ledger = fleet.ledger.clone().unwrap();
    fleet.snapshot.read_at = at(fleet.now - 60);
    let error = ledger.update(&fleet.snapshot, &report).unwrap_err();
    assert!(error.to_string().contains("of another snapshot"), "{error}");
    let error = ledger.update(&fleet.snapshot, &fleet.report()).unwrap_err();
    assert!(error.to_string().contains("use a newer one"), "{error}");
}

#[test]
fn what_is_stored_is_read_again_and_another_version_or_a_part_is_an_error() {
    let mut fleet = failing();
    fleet.snapshot.entries[0].last_attempt = WireDate::Unreadable("soon".into());
    let (report, _) = fleet.update();
    let ledger = fleet.ledger.unwrap();
    let snapshot = serde_json::to_string(&fleet.snapshot).unwrap();
    assert_eq!(Snapshot::from_json(&snapshot).unwrap(), fleet.snapshot);
    assert_eq!(Ledger::from_json(&ledger.to_json()).unwrap(), ledger);
    let report_json = serde_json::to_string(&report).unwrap();
    assert_eq!(Report::from_json(&report_json).unwrap(), report);
    type Read = fn(&str) -> Option<crate::Error>;
    let reads: [(&str, String, Read); 3] = [
        ("snapshot", snapshot, |json| Snapshot::from_json(json).err()),
        ("ledger", ledger.to_json(), |json| {
            Ledger::from_json(json).err()
        }),
        ("report", report_json, |json| Report::from_json(json).err()),
    ];
    for (what, json, read) in reads {
        // A field of a later revision of the same version is ignored.
        let later = json.replacen("\"version\":1", "\"version\":1,\"later\":[1]", 1);
        assert!(read(&later).is_none(), "{what}");
        for version in ["0", "2", "\"1\"", "null"] {
            let other = json.replacen("\"version\":1", &format!("\"version\":{version}"), 1);
            let error = read(&other).unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let expected = format!("it has the version {version}, and this crate reads version 1");
            assert!(error.to_string().contains(&expected), "{what}: {error}");
        }
        for end in [0, 1, json.len() / 2, json.len() - 1] {
            let error = read(&json[..end]).unwrap().to_string();
            assert!(
                error.contains(&format!("the stored {what} is cut off")),
                "{error}"
            );
        }
        assert!(read("[]").is_some() && read("{}").is_some());
    }
}

#[test]
fn pseudonyms_hide_every_name_and_change_no_verdict() {
    let mut fleet = Fleet::new();
    for number in 0..6 {
        let id = format!("canary-task-{number}");
        fleet.task(&id).tenant = text("U-1");
        let entity = format!("canary{number}@acme.example.com");
        let entry = fleet.failed(&id, &entity, 28 * HOUR, HOUR);
        let error =
            format!("Token of Canary{number}@acme.example.com was revoked: canary-{number}x");
        entry.sub_sources = [super::support::sub("MAIL", "FAILED", Some(&error))].into();
    }
    fleet.snapshot.entries[5].last_attempt = WireDate::Unreadable("canary".into());
    fleet.snapshot.tenants[0].name = "canary Ltd".into();
    fleet.snapshot.tasks[0].label = "canary mail".into();
    fleet.snapshot.account.partner_id = text("canary-partner");
    fleet.update();
    let ledger = fleet.ledger.clone().unwrap();
    let key = PseudonymKey::new(*b"0123456789abcdef");
    let (snapshot, other) = (
        fleet.snapshot.pseudonymized(&key),
        ledger.pseudonymized(&key),
    );
    for text in [serde_json::to_string(&snapshot).unwrap(), other.to_json()] {
        assert!(!text.to_lowercase().contains("canary"), "{text}");
        assert!(!text.contains("acme") && !text.contains("0123456789abcdef"));
    }
    assert_eq!(format!("{key:?}"), "PseudonymKey([redacted])");
    let now = at(fleet.now);
    let plain = assess(&fleet.snapshot, &fleet.policy, Some(&ledger), now).unwrap();
    let hidden = assess(&snapshot, &fleet.policy, Some(&other), now).unwrap();
    let shape = |report: &Report| {
        let findings = report.findings.iter();
        let mut findings: Vec<_> = findings
            .map(|one| (one.kind, one.severity, one.members.len()))
            .collect();
        findings.sort();
        (findings, report.verdict, report.counts)
    };
    assert_eq!(shape(&hidden), shape(&plain));
    assert!(hidden.findings.iter().any(|one| one.kind == Kind::Storm));
    // The ledger fits: nothing is new.
    let (_, changes) = other.update(&snapshot, &hidden).unwrap();
    assert!(
        changes.opened.is_empty() && changes.resolved.is_empty(),
        "{changes:#?}"
    );
    // Another key gives other names, and the same key the same ones.
    assert_eq!(fleet.snapshot.pseudonymized(&key), snapshot);
    let another = PseudonymKey::new([7; 16]);
    assert_ne!(fleet.snapshot.pseudonymized(&another), snapshot);
}
