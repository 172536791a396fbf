//! What holds for every snapshot.

use proptest::prelude::*;

use super::support::{DAY, Fleet, HOUR, at, text};
use crate::health::{
    EntryRow, Ledger, ListState, Scope, Severity, SubSourceRow, TaskRow, TenantRef, TenantRow,
    WireDate, assess,
};

fn id(prefix: &'static str) -> impl Strategy<Value = Option<std::sync::Arc<str>>> {
    prop_oneof![
        1 => Just(None),
        12 => (0..6u8).prop_map(move |number| text(&format!("{prefix}-{number}"))),
    ]
}

/// One entity may be written in several ways, or have no name.
fn entity() -> impl Strategy<Value = Option<std::sync::Arc<str>>> {
    let written = prop::sample::select(vec!["Box-1", "box-1 ", "BOX-2", " ", ""]).prop_map(text);
    prop_oneof![4 => id("box"), 1 => written]
}

fn date() -> impl Strategy<Value = WireDate> {
    prop_oneof![
        1 => Just(WireDate::Missing),
        1 => Just(WireDate::Unreadable("soon".into())),
        1 => (-3..60i64).prop_map(|days| {
            let at = at(super::support::NOW - days * DAY);
            WireDate::Day(jiff::tz::TimeZone::UTC.to_datetime(at).date())
        }),
        8 => (-1..40i64).prop_map(|hours| WireDate::At(at(super::support::NOW - hours * HOUR))),
        2 => (1..60i64).prop_map(|days| WireDate::At(at(super::support::NOW - days * DAY))),
    ]
}

/// Rows that share an id may have different names.
fn name() -> impl Strategy<Value = std::sync::Arc<str>> {
    prop::sample::select(vec!["Acme", "Acme", "Beta", ""]).prop_map(Into::into)
}

fn word() -> impl Strategy<Value = Option<std::sync::Arc<str>>> {
    const WORDS: [&str; 7] = [
        "SUCCESS",
        "SUCCESS",
        "FAILED",
        "ACTIVE",
        "HALF_DONE",
        "ARCHIVED",
        "paused",
    ];
    prop_oneof![1 => Just(None), 10 => prop::sample::select(WORDS.to_vec()).prop_map(text)]
}

fn sub_source() -> impl Strategy<Value = SubSourceRow> {
    (word(), prop::option::weighted(0.2, "quota [0-9]{1,3}")).prop_map(|(status, error)| {
        let error = error.map(Into::into);
        SubSourceRow {
            name: text("MAIL"),
            status,
            error,
            link: None,
        }
    })
}

fn source() -> impl Strategy<Value = Option<std::sync::Arc<str>>> {
    prop::sample::select(vec!["GMAIL", "BOX"]).prop_map(text)
}

prop_compose! {
    fn task()(id in id("T"), tenant in id("U"), status in word(), created in date(), source in source(),
        running in prop::bool::weighted(0.1), size in prop::option::of(0..2000i64), last in prop::option::of(date()),
        label in name()
    ) -> TaskRow {
        let last = last.into_iter().map(|date| ("GMAIL".into(), date));
        let last_backups = last.collect();
        TaskRow { id, tenant, status, created, source, running, size, label, last_backups, ..TaskRow::default() }
    }
}

prop_compose! {
    fn entry()(task in id("T"), tenant in id("U"), entity in entity(), source in source(),
        last_success in date(), last_attempt in date(), sub_sources in prop::collection::vec(sub_source(), 0..3)
    ) -> EntryRow {
        EntryRow { tenant, task, source, entity, last_success, last_attempt, sub_sources: sub_sources.into() }
    }
}

fn list() -> impl Strategy<Value = ListState> {
    prop_oneof![
        12 => Just(ListState::Complete),
        1 => Just(ListState::NotAvailable),
        1 => Just(ListState::Incomplete { reason: "page 2".into() }),
    ]
}

prop_compose! {
    fn fleet()(tasks in prop::collection::vec(task(), 0..8), entries in prop::collection::vec(entry(), 0..24),
        lists in (list(), list(), list()), tenants in prop::collection::vec((id("U"), name(), word()), 0..9)
    ) -> Fleet {
        let mut fleet = Fleet::new();
        let tenants = tenants.into_iter();
        fleet.snapshot.tenants = tenants.map(|(id, name, status)| TenantRow { id, name, status }).collect();
        fleet.snapshot.tasks = tasks;
        fleet.snapshot.entries = entries;
        fleet.snapshot.lists.tenants = lists.0;
        fleet.snapshot.lists.tasks = lists.1;
        fleet.snapshot.lists.statuses = lists.2;
        fleet
    }
}

/// A fleet in which everything worked lately.
fn healthy() -> impl Strategy<Value = Fleet> {
    let ages = prop::collection::vec((0..35 * HOUR, 0..HOUR, any::<bool>(), 0..4u8), 1..30);
    (ages, 1..5u8).prop_map(|(entries, tasks)| {
        let mut fleet = Fleet::new();
        for task in 0..tasks {
            fleet.task(&format!("T-{task}"));
            let (id, entity) = (format!("T-{task}"), "first");
            fleet.entry(&id, entity, HOUR);
        }
        for (number, (age, late, has_words, form)) in entries.into_iter().enumerate() {
            let task = format!("T-{}", number % usize::from(tasks));
            let success = fleet.date((age - late).max(0));
            let entry = fleet.entry(&task, &format!("box {number}"), age);
            match form {
                0 => entry.last_attempt = WireDate::Missing,
                1 => entry.last_attempt = success,
                _ => {}
            }
            if !has_words {
                entry.sub_sources = [].into();
            }
        }
        fleet
    })
}

proptest! {
    #[test]
    fn a_healthy_complete_and_fresh_fleet_has_no_finding(mut fleet in healthy()) {
        let report = fleet.report();
        prop_assert!(report.findings.is_empty(), "{:#?}", report.findings);
        prop_assert!(report.informational.is_empty() && report.notices.is_empty());
        prop_assert_eq!(report.verdict, Severity::Ok);
        // Nor has it one with a ledger.
        fleet.update();
        let (report, changes) = fleet.update();
        prop_assert_eq!(report.verdict, Severity::Ok);
        prop_assert_eq!(changes, Default::default());
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(fleet in fleet(), shift in 0..20usize) {
        let mut other = fleet.clone();
        other.snapshot.tasks.reverse();
        other.snapshot.tenants.reverse();
        other.snapshot.entries.reverse();
        let count = other.snapshot.entries.len().max(1);
        other.snapshot.entries.rotate_left(shift % count);
        let json = |fleet: &Fleet| serde_json::to_string(&fleet.report()).unwrap();
        prop_assert_eq!(json(&fleet), json(&other));
        // The same bytes each time, and what is written is read again.
        prop_assert_eq!(json(&fleet), json(&fleet.clone()));
        let report = fleet.report();
        let again = crate::health::Report::from_json(&json(&fleet)).unwrap();
        prop_assert_eq!(again, report);
        // So it is with the ledger.
        let (mut fleet, mut other) = (fleet, other);
        if fleet.report().complete {
            let changes = (fleet.update().1, other.update().1);
            prop_assert_eq!(changes.0, changes.1);
            let (one, two) = (fleet.ledger.unwrap(), other.ledger.unwrap());
            prop_assert_eq!(&one.tasks, &two.tasks);
            prop_assert_eq!(&one.open, &two.open);
            prop_assert_eq!(&one.entities, &two.entities);
            prop_assert_eq!(Ledger::from_json(&one.to_json()).unwrap(), one);
        }
    }

    #[test]
    fn nothing_with_a_missing_page_is_ok(mut fleet in healthy(), list in 0..5usize) {
        let lists = &mut fleet.snapshot.lists;
        let lists = [&mut lists.profile, &mut lists.tenants, &mut lists.tasks, &mut lists.statuses, &mut lists.backup_tasks];
        for (number, state) in lists.into_iter().enumerate() {
            if number == list {
                *state = ListState::Incomplete { reason: "page 2".into() };
            }
        }
        let report = fleet.report();
        prop_assert!(report.verdict >= Severity::Unknown);
        prop_assert!(report.tenants.iter().all(|tenant| tenant.verdict >= Severity::Unknown));
    }

    #[test]
    fn nothing_with_a_date_or_a_word_that_its_verdict_uses_and_cannot_is_ok(
        mut fleet in healthy(), place in 0..30usize, what in 0..4u8
    ) {
        let count = fleet.snapshot.entries.len();
        let ahead = fleet.date(-11 * 60);
        let entry = &mut fleet.snapshot.entries[place % count];
        match what {
            0 => entry.last_success = WireDate::Unreadable("soon".into()),
            1 => entry.last_attempt = WireDate::Unreadable("soon".into()),
            2 => entry.last_attempt = ahead,
            _ => entry.sub_sources = [SubSourceRow { status: text("HALF_DONE"), ..Default::default() }].into(),
        }
        let report = fleet.report();
        prop_assert!(report.verdict > Severity::Ok);
        prop_assert!(report.tenants[0].verdict > Severity::Ok);
    }

    #[test]
    fn a_failure_is_never_ok_and_nothing_is_lost(fleet in fleet()) {
        let report = fleet.report();
        let findings = report.findings.iter().flat_map(|one| std::iter::once(one).chain(&one.members));
        let worst = findings.clone().map(|one| one.severity).max().unwrap_or_default();
        prop_assert!(report.verdict >= worst);
        for one in findings.clone().filter(|one| one.kind != crate::health::Kind::Incomplete) {
            let of = |tenant: &TenantRef| report.tenants.iter().find(|own| own.id == tenant.id && own.name == tenant.name);
            let tenant = if one.kind == crate::health::Kind::Storm { None } else { of(&one.tenant) };
            prop_assert!(tenant.is_none_or(|tenant| tenant.verdict >= one.severity));
            prop_assert!(tenant.is_some() || one.kind == crate::health::Kind::Storm);
        }
        let mut all: Vec<_> = findings.map(|one| one.fingerprint).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count, "each fingerprint once");
    }

    #[test]
    fn no_snapshot_and_no_time_makes_it_fail(
        fleet in fleet(), later in 0..100i64, scope in 0..3u8, other in fleet()
    ) {
        let mut fleet = fleet;
        fleet.snapshot.scope = [Scope::Partner, Scope::Reseller, Scope::OwnBackupTasks][usize::from(scope)];
        fleet.update();
        let mut other = other;
        other.snapshot.scope = fleet.snapshot.scope;
        other.ledger = fleet.ledger;
        other.now += later * DAY / 3;
        other.snapshot.read_at = at(other.now);
        other.update();
        for one in other.report().findings {
            prop_assert!(!one.explain().to_string().is_empty());
        }
        for now in ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z", "1970-01-01T00:00:00Z"] {
            let now = now.parse().unwrap();
            prop_assert!(assess(&other.snapshot, &other.policy, other.ledger.as_ref(), now).is_ok());
        }
    }
}
