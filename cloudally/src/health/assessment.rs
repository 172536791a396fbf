//! The assessment under way: what the rules look up, and what they add to.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::date::instant;
use super::finding::{Finding, TaskRef, TenantRef};
use super::fingerprint::{Fingerprint, Subject};
use super::index::{Index, Owner};
use super::kind::{Kind, Severity};
use super::ledger::Ledger;
use super::memory::Memory;
use super::policy::Policy;
use super::report::{Counts, TenantHealth};
use super::run::Reader;
use super::snapshot::Snapshot;
use super::text::{FixedMap, FixedSet};

/// The assessment under way.
#[derive(Debug)]
pub(super) struct Assessment<'a> {
    pub(super) index: Index<'a>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) policy: &'a Policy,
    pub(super) reader: Reader<'a>,
    pub(super) memory: Memory<'a>,
    pub(super) now: i64,
    pub(super) at: Timestamp,
    pub(super) is_complete: bool,
    pub(super) counts: Counts,
    /// The least verdict, because of what is not available.
    pub(super) floor: Severity,
    pub(super) inactive: FixedSet<&'a str>,
    /// How many active tasks each tenant has.
    pub(super) active_tasks: FixedMap<Option<Arc<str>>, u32>,
    pub(super) findings: Vec<Finding>,
    pub(super) notices: Vec<Box<str>>,
    pub(super) unknown_words: BTreeMap<Box<str>, u64>,
    pub(super) tenants: FixedMap<TenantRef, TenantHealth>,
}

/// What a finding is about.
#[derive(Clone, Debug)]
pub(super) struct About<'a> {
    pub(super) owner: &'a Owner,
    pub(super) task: Option<TaskRef>,
    pub(super) source: Option<Arc<str>>,
    pub(super) entity: Option<Arc<str>>,
    /// The id of the tenant as the rows name it.
    pub(super) stated_tenant: Option<Arc<str>>,
}

impl<'a> Assessment<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        policy: &'a Policy,
        previous: Option<&'a Ledger>,
        at: Timestamp,
    ) -> Self {
        let now = at.as_second();
        Self {
            index: Index::new(snapshot, &policy.words),
            snapshot,
            policy,
            reader: Reader::new(policy, now),
            memory: Memory::new(previous),
            now,
            at,
            is_complete: snapshot.lists.are_complete(),
            counts: Counts::default(),
            floor: Severity::Ok,
            inactive: FixedSet::default(),
            active_tasks: FixedMap::default(),
            findings: Vec::new(),
            notices: Vec::new(),
            unknown_words: BTreeMap::new(),
            tenants: FixedMap::default(),
        }
    }

    /// A finding without evidence, since when the ledger knows it, else now.
    pub(super) fn finding(&self, kind: Kind, severity: Severity, about: About<'_>) -> Finding {
        let About {
            owner,
            task,
            source,
            entity,
            stated_tenant,
        } = about;
        let subject = Subject {
            tenant: owner.tenant.id.as_deref().or(stated_tenant.as_deref()),
            task: task.as_ref().and_then(|task| task.id.as_deref()),
            source: source.as_deref(),
            entity: entity.as_deref(),
        };
        let fingerprint = Fingerprint::new(kind.class(), subject);
        let known = self.memory.open(fingerprint);
        let since = known.map_or(self.at, |known| known.since);
        Finding {
            task,
            source,
            entity,
            stated_tenant: stated_tenant.filter(|_| owner.orphan.is_some()),
            orphan: owner.orphan,
            acknowledged: known.and_then(|known| known.acknowledged),
            ..Finding::new(kind, severity, fingerprint, owner.tenant.clone(), since)
        }
    }

    /// Whether a task of the list is archived or paused.
    pub(super) fn is_inactive(&self, task: &str) -> bool {
        self.inactive.contains(task)
    }

    pub(super) fn at(&self, seconds: Option<i64>) -> Option<Timestamp> {
        seconds.map(instant)
    }

    /// Makes the verdict on a tenant at least this one.
    pub(super) fn raise(&mut self, tenant: &TenantRef, severity: Severity, findings: u64) {
        if !self.tenants.contains_key(tenant) {
            let health = TenantHealth {
                id: tenant.id.clone(),
                name: Arc::clone(&tenant.name),
                ..TenantHealth::default()
            };
            self.tenants.insert(tenant.clone(), health);
        }
        if let Some(health) = self.tenants.get_mut(tenant) {
            health.verdict = health.verdict.max(severity);
            health.findings += findings;
        }
    }
}
