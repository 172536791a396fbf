//! Storms: many tasks that fail for one cause.

use super::support::{Fleet, HOUR, sub, text};
use crate::health::{Kind, Severity};

/// Tasks of one tenant, of which some fail.
fn fleet(failed: usize, fine: usize) -> Fleet {
    let mut fleet = Fleet::new();
    add(&mut fleet, "U-1", failed, fine);
    fleet
}

fn add(fleet: &mut Fleet, tenant: &str, failed: usize, fine: usize) {
    for number in 0..failed + fine {
        let id = format!("{tenant}-T-{number}");
        fleet.task(&id).tenant = text(tenant);
        let entity = format!("box{number}@acme.example.com");
        let entry = if number < failed {
            fleet.failed(&id, &entity, 28 * HOUR, HOUR)
        } else {
            fleet.entry(&id, &entity, HOUR)
        };
        entry.tenant = text(tenant);
        if number < failed {
            let error = format!("Token {number} of {entity} was revoked");
            entry.sub_sources = [sub("MAIL", "FAILED", Some(&error))].into();
        }
    }
}

/// How many findings, storms and members of storms there are.
fn count(fleet: &Fleet) -> (usize, usize, usize) {
    let report = fleet.report();
    let storms = report.findings.iter().filter(|one| one.kind == Kind::Storm);
    let members = storms.clone().map(|storm| storm.members.len()).sum();
    (report.findings.len(), storms.count(), members)
}

#[test]
fn at_least_five_tasks_and_more_than_half_are_a_storm() {
    for (failed, fine, expected) in [
        (4, 0, (4, 0, 0)),
        (5, 0, (1, 1, 5)),
        (5, 4, (1, 1, 5)),
        // Exactly half is no storm.
        (5, 5, (5, 0, 0)),
        (50, 50, (50, 0, 0)),
        (51, 49, (1, 1, 51)),
    ] {
        assert_eq!(
            count(&fleet(failed, fine)),
            expected,
            "{failed} of {}",
            failed + fine
        );
    }
}

#[test]
fn archived_tasks_do_not_count_and_several_mailboxes_of_one_task_are_one() {
    let mut half = fleet(5, 5);
    half.snapshot.tasks[9].status = text("ARCHIVED");
    let (_, storms, _) = count(&half);
    assert_eq!(storms, 1, "5 of 9");
    let mut one = fleet(4, 0);
    for number in 0..5 {
        one.failed(
            "U-1-T-0",
            &format!("more{number}@x.example.com"),
            28 * HOUR,
            HOUR,
        );
    }
    let (_, storms, _) = count(&one);
    assert_eq!(storms, 0, "4 tasks");
}

#[test]
fn the_cause_is_the_link_else_the_error_text() {
    let mut other = fleet(5, 0);
    for (number, entry) in other.snapshot.entries.iter_mut().enumerate() {
        entry.sub_sources = [sub("MAIL", "FAILED", Some("abcde".get(number..).unwrap()))].into();
    }
    assert_eq!(count(&other), (5, 0, 0), "five causes");
    for entry in &mut other.snapshot.entries {
        let mut failed = entry.sub_sources[0].clone();
        failed.link = text("https://support.example.com/faq/7");
        entry.sub_sources = [failed].into();
    }
    assert_eq!(count(&other), (1, 1, 5));
    let report = other.report();
    let cause = report.findings[0].evidence.cause.as_deref();
    assert_eq!(cause, Some("https://support.example.com/faq/7"));
    assert_eq!(report.findings[0].evidence.tasks, Some((5, 5)));
    // Without a text nothing says that it is one cause.
    for entry in &mut other.snapshot.entries {
        entry.sub_sources = [sub("MAIL", "FAILED", None)].into();
    }
    assert_eq!(count(&other), (5, 0, 0));
}

#[test]
fn a_storm_of_all_tenants_is_one_finding() {
    let mut fleet = fleet(3, 0);
    fleet.tenant("U-2");
    add(&mut fleet, "U-2", 2, 2);
    let report = fleet.report();
    assert_eq!(count(&fleet), (1, 1, 5), "5 of 7: {:#?}", report.findings);
    assert_eq!(
        (
            report.findings[0].tenant.id.as_deref(),
            report.counts.warning
        ),
        (None, 1)
    );
    let tenants: Vec<_> = report
        .tenants
        .iter()
        .map(|one| (one.findings, one.verdict))
        .collect();
    assert_eq!(tenants, [(3, Severity::Warning), (2, Severity::Warning)]);
    // Of one tenant alone it is the tenant's.
    let mut fleet = self::fleet(5, 0);
    fleet.tenant("U-2");
    add(&mut fleet, "U-2", 0, 1);
    let report = fleet.report();
    assert_eq!(report.findings[0].tenant.id.as_deref(), Some("U-1"));
}

#[test]
fn a_storm_is_as_bad_as_its_worst_member_and_has_what_is_old_of_them() {
    let mut fleet = fleet(6, 0);
    fleet.snapshot.entries[0].last_success = fleet.date(80 * HOUR);
    let report = fleet.report();
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].severity, Severity::Critical);
    assert_eq!(
        report.findings[0].members.len(),
        7,
        "six failures, one of them overdue"
    );
    assert_eq!(
        (report.verdict, report.counts.critical),
        (Severity::Critical, 1)
    );
}

#[test]
fn its_start_and_end_neither_open_nor_resolve_its_members() {
    // A day with four failures, a day with six, and one with four again.
    let mut fleet = fleet(4, 4);
    let (report, changes) = fleet.update();
    assert_eq!((report.findings.len(), changes.opened.len()), (4, 4));
    let days = [(6, 2), (4, 4)];
    let mut all = Vec::new();
    for (failed, fine) in days {
        fleet.next_day();
        fleet.snapshot.tasks.clear();
        add(&mut fleet, "U-1", failed, fine);
        all.push(fleet.update().1);
    }
    let [storm, calm] = all.try_into().unwrap();
    let kinds: Vec<_> = storm.opened.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::Storm], "the parent alone");
    assert!(
        storm.changed.is_empty() && storm.resolved.is_empty(),
        "{storm:#?}"
    );
    // Two members worked again, and so the storm is over. The four others are open as before.
    let mut kinds: Vec<_> = calm.resolved.iter().map(|one| one.kind).collect();
    kinds.sort();
    assert_eq!(kinds, [Kind::Failed, Kind::Failed, Kind::Storm]);
    assert!(calm.opened.is_empty(), "{:#?}", calm.opened);
    assert_eq!(fleet.ledger.as_ref().unwrap().open().len(), 4);
}

#[test]
fn a_storm_that_ends_because_others_were_added_resolves_nothing() {
    let mut fleet = fleet(5, 0);
    fleet.update();
    fleet.next_day();
    fleet.snapshot.tasks.clear();
    add(&mut fleet, "U-1", 5, 5);
    let (report, changes) = fleet.update();
    assert_eq!(report.findings.len(), 5);
    assert!(
        changes.opened.is_empty() && changes.resolved.is_empty(),
        "{changes:#?}"
    );
    assert_eq!(
        fleet.ledger.as_ref().unwrap().open().len(),
        6,
        "five and the storm"
    );
}

#[test]
fn entries_without_a_task_are_no_tasks_that_work() {
    let mut fleet = fleet(5, 4);
    assert_eq!(count(&fleet), (1, 1, 5));
    for number in 0..6 {
        let entry = fleet.entry("", &format!("orphan{number}"), HOUR);
        entry.task = None;
    }
    assert_eq!(fleet.report().counts.active_tasks, 9);
    assert_eq!(count(&fleet), (1, 1, 5));
}

#[test]
fn a_link_in_another_case_is_the_same_cause() {
    let mut fleet = fleet(6, 0);
    for (number, entry) in fleet.snapshot.entries.iter_mut().enumerate() {
        let mut one = sub("MAIL", "FAILED", None);
        one.link = text(["https://faq.example.com/A", " https://faq.example.com/a"][number % 2]);
        entry.sub_sources = [one].into();
    }
    assert_eq!(count(&fleet), (1, 1, 6));
}

#[test]
fn what_has_two_causes_is_part_of_the_larger_storm_and_of_all_tenants_first() {
    // All fail for `a`; the first eight for `b` as well.
    let mut fleet = fleet(10, 0);
    for (number, entry) in fleet.snapshot.entries.iter_mut().enumerate() {
        let mut causes = vec![sub("MAIL", "FAILED", Some("cause a"))];
        if number < 8 {
            causes.push(sub("CALENDAR", "FAILED", Some("cause b")));
        }
        entry.sub_sources = causes.into();
    }
    let storms = |fleet: &Fleet| {
        let report = fleet.report();
        let storms = report.findings.iter().filter(|one| one.kind == Kind::Storm);
        let told = storms.map(|one| (one.evidence.cause.clone(), one.members.len()));
        told.map(|(cause, members)| (cause.unwrap().to_string(), members))
            .collect::<Vec<_>>()
    };
    assert_eq!(storms(&fleet), [("cause a".to_owned(), 10)]);
    // With as many tasks of another tenant that fail for `b`, that is the one of all.
    fleet.tenant("U-2");
    add(&mut fleet, "U-2", 12, 0);
    for entry in fleet.snapshot.entries.iter_mut().skip(10) {
        entry.sub_sources = [sub("MAIL", "FAILED", Some("cause b"))].into();
    }
    let found = storms(&fleet);
    assert!(found.contains(&("cause b".to_owned(), 20)), "{found:?}");
}
