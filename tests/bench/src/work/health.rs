//! Health of a large fleet: what the assessment takes, and what it holds.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cloudally::health::{
    EntryRow, Ledger, ListState, Policy, Scope, Snapshot, SubSourceRow, TaskRow, TenantRow,
    WireDate, assess,
};

use super::Outcome;
use crate::memory;

/// 2026-03-31T06:00:00Z, and the night before it.
const NOW: &str = "2026-03-31T06:00:00Z";
const LAST_NIGHT: &str = "2026-03-31T02:00:00Z";
const THE_NIGHT_BEFORE: &str = "2026-03-30T02:00:00Z";
const TENANTS: u32 = 1000;
const ENTITIES: u32 = 5;

/// Assesses a fleet of so many tasks. Tells the seconds that it took, the most that the process
/// ever held in MB, and how many findings there are.
///
/// `one-in-50` and `all` say how many entries fail, each with an error text of its own;
/// `remembered` has a ledger as well.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) fn run(count: u32, way: &str) -> Outcome<String> {
    let snapshot = fleet(count, if way == "all" { 1 } else { 50 })?;
    let (policy, now) = (Policy::default(), NOW.parse()?);
    let ledger = if way == "remembered" {
        let report = assess(&snapshot, &policy, None, now)?;
        Some(Ledger::new(&snapshot).update(&snapshot, &report)?.0)
    } else {
        None
    };
    let start = Instant::now();
    let report = assess(&snapshot, &policy, ledger.as_ref(), now)?;
    let took = start.elapsed().as_secs_f64();
    let findings = black_box(&report).findings.len();
    Ok(format!("{took} {} {findings}", memory::peak()?))
}

/// Tasks with five entities each. Texts that rows have in common are shared, as they are in a
/// snapshot that was read.
fn fleet(tasks: u32, one_fails_of: u32) -> Outcome<Snapshot> {
    let mut snapshot = Snapshot::new(Scope::Partner, "https://api.cloudally.com", NOW.parse()?);
    let lists = &mut snapshot.lists;
    for list in [
        &mut lists.profile,
        &mut lists.tenants,
        &mut lists.tasks,
        &mut lists.statuses,
    ] {
        *list = ListState::Complete;
    }
    for number in 0..TENANTS {
        let mut tenant = TenantRow::default();
        tenant.id = text(&format!("6f1f4bb0-7d4c-4d4e-9a35-{number:012}"));
        tenant.name = format!("Acme {number}").into();
        tenant.status = text("ACTIVE");
        snapshot.tenants.push(tenant);
    }
    let (active, source) = (text("ACTIVE"), text("GMAIL"));
    let (failed, worked) = (text("FAILED"), text("SUCCESS"));
    let (last_night, before) = (LAST_NIGHT.parse()?, THE_NIGHT_BEFORE.parse()?);
    let created = "2021-01-07T11:44:57Z".parse()?;
    let sub_source = |name: &str, status: &Option<Arc<str>>| {
        let mut own = SubSourceRow::default();
        own.name = text(name);
        own.status = status.clone();
        own
    };
    let contacts = sub_source("CONTACTS", &worked);
    let fine: Arc<[_]> = [sub_source("MAIL", &worked), contacts.clone()].into();
    snapshot.tasks.reserve_exact(usize::try_from(tasks)?);
    let entries = usize::try_from(tasks * ENTITIES)?;
    snapshot.entries.reserve_exact(entries);
    for number in 0..tasks {
        let owner = usize::try_from(number % TENANTS)?;
        let mut task = TaskRow::default();
        task.id = text(&format!("0a1b2c3d-7d4c-4d4e-9a35-{number:012}"));
        task.tenant = snapshot.tenants[owner].id.clone();
        task.label = format!("Mail of box {number}").into();
        task.source = source.clone();
        task.status = active.clone();
        task.created = WireDate::At(created);
        task.size = Some(i64::from(number));
        for entity in 0..ENTITIES {
            let mut entry = EntryRow::default();
            entry.tenant = task.tenant.clone();
            entry.task = task.id.clone();
            entry.source = source.clone();
            entry.entity = text(&format!("box.{number}.{entity}@acme.example.com"));
            entry.last_attempt = WireDate::At(last_night);
            if (number * ENTITIES + entity).is_multiple_of(one_fails_of) {
                let mut mail = sub_source("MAIL", &failed);
                mail.error = text(&format!("Token {number} of {entity} was revoked"));
                entry.sub_sources = [mail, contacts.clone()].into();
                entry.last_success = WireDate::At(before);
            } else {
                entry.sub_sources = Arc::clone(&fine);
                entry.last_success = WireDate::At(last_night);
            }
            snapshot.entries.push(entry);
        }
        snapshot.tasks.push(task);
    }
    Ok(snapshot)
}

fn text(text: &str) -> Option<Arc<str>> {
    Some(text.into())
}
