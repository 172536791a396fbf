//! Small fleets for tests.

use std::sync::Arc;

use jiff::Timestamp;

use crate::health::{
    BackupTaskRow, Changes, EntryRow, Finding, Kind, Ledger, ListState, Policy, Report, Scope,
    Severity, Snapshot, SubSourceRow, TaskRow, TenantRow, WireDate, assess,
};

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 24 * HOUR;

/// 2026-03-31T06:00:00Z.
pub(crate) const NOW: i64 = 1_774_936_800;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

pub(crate) fn text(text: &str) -> Option<Arc<str>> {
    Some(text.into())
}

/// A fleet with all that it takes to assess it. Ages are in seconds before its now.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) now: i64,
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) ledger: Option<Ledger>,
}

impl Fleet {
    /// One active tenant, `U-1`, without tasks.
    pub(crate) fn new() -> Self {
        let mut snapshot = Snapshot::new(Scope::Partner, "https://api.cloudally.com", at(NOW));
        snapshot.account.partner_id = text("P-1");
        let lists = &mut snapshot.lists;
        lists.profile = ListState::Complete;
        lists.tenants = ListState::Complete;
        lists.tasks = ListState::Complete;
        lists.statuses = ListState::Complete;
        lists.backup_tasks = ListState::NotAvailable;
        let mut fleet = Self {
            now: NOW,
            snapshot,
            policy: Policy::default(),
            ledger: None,
        };
        fleet.tenant("U-1");
        fleet
    }

    pub(crate) fn tenant(&mut self, id: &str) -> &mut TenantRow {
        self.snapshot.tenants.push(TenantRow {
            id: text(id),
            name: format!("Tenant {id}").into(),
            status: text("ACTIVE"),
        });
        self.snapshot.tenants.last_mut().unwrap()
    }

    /// An active task of `U-1`, which is a year old.
    pub(crate) fn task(&mut self, id: &str) -> &mut TaskRow {
        let created = self.date(365 * DAY);
        self.snapshot.tasks.push(TaskRow {
            id: text(id),
            tenant: text("U-1"),
            label: format!("Task {id}").into(),
            source: text("GMAIL"),
            status: text("ACTIVE"),
            created,
            ..TaskRow::default()
        });
        self.snapshot.tasks.last_mut().unwrap()
    }

    /// An entry whose last attempt was its last success.
    pub(crate) fn entry(&mut self, task: &str, entity: &str, age: i64) -> &mut EntryRow {
        let date = self.date(age);
        self.snapshot.entries.push(EntryRow {
            tenant: text("U-1"),
            task: text(task),
            source: text("GMAIL"),
            entity: text(entity),
            last_success: date.clone(),
            last_attempt: date,
            sub_sources: [sub("MAIL", "SUCCESS", None)].into(),
        });
        self.snapshot.entries.last_mut().unwrap()
    }

    /// An entry whose last attempt failed.
    pub(crate) fn failed(
        &mut self,
        task: &str,
        entity: &str,
        success: i64,
        attempt: i64,
    ) -> &mut EntryRow {
        let attempt = self.date(attempt);
        let entry = self.entry(task, entity, success);
        entry.last_attempt = attempt;
        entry.sub_sources = [sub("MAIL", "FAILED", Some("Token was revoked"))].into();
        entry
    }

    pub(crate) fn backup_task(&mut self, id: &str, status: &str, schedule: &str) {
        self.snapshot.lists.backup_tasks = ListState::Complete;
        self.snapshot.backup_tasks.push(BackupTaskRow {
            id: text(id),
            status: text(status),
            schedule: text(schedule),
        });
    }

    pub(crate) fn date(&self, age: i64) -> WireDate {
        WireDate::At(at(self.now - age))
    }

    pub(crate) fn report(&self) -> Report {
        assess(
            &self.snapshot,
            &self.policy,
            self.ledger.as_ref(),
            at(self.now),
        )
        .unwrap()
    }

    /// The report of somebody who remembers nothing.
    pub(crate) fn report_without_ledger(&self) -> Report {
        let now = at(self.now);
        assess(&self.snapshot, &self.policy, None, now).unwrap()
    }

    /// Assesses the fleet, and updates its ledger.
    pub(crate) fn update(&mut self) -> (Report, Changes) {
        let report = self.report();
        let ledger = self.ledger.take();
        let ledger = ledger.unwrap_or_else(|| Ledger::new(&self.snapshot));
        let (ledger, changes) = ledger.update(&self.snapshot, &report).unwrap();
        self.ledger = Some(ledger);
        (report, changes)
    }

    /// The next day, with a ledger of today and without entries.
    pub(crate) fn next_day(&mut self) {
        self.update();
        self.now += DAY;
        self.snapshot.read_at = at(self.now);
        self.snapshot.entries.clear();
    }

    /// The kinds of all findings, those that are as they should be included, each with its severity
    /// and what it is about.
    pub(crate) fn found(&self) -> Vec<(Kind, Severity, String)> {
        let report = self.report();
        let all = report.findings.iter().chain(&report.informational);
        all.map(|one| (one.kind, one.severity, about(one)))
            .collect()
    }

    #[track_caller]
    pub(crate) fn assert(&self, expected: &[(Kind, Severity, &str)]) {
        let mut found = self.found();
        let mut expected: Vec<_> = expected
            .iter()
            .map(|&(kind, severity, about)| (kind, severity, about.to_owned()))
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

/// The task and the entity, or the source where it has no entity.
fn about(finding: &Finding) -> String {
    let task = finding.task.as_ref().and_then(|task| task.id.as_deref());
    let more = finding.entity.as_deref().or(finding.source.as_deref());
    let parts = [task, more];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(crate) fn sub(name: &str, status: &str, error: Option<&str>) -> SubSourceRow {
    SubSourceRow {
        name: text(name),
        status: text(status),
        error: error.map(Into::into),
        link: None,
    }
}
