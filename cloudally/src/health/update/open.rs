//! Which findings are open after a report, and what is new about them.

use std::collections::BTreeMap;

use super::{Successes, Update, name_of_open};
use crate::health::finding::Finding;
use crate::health::fingerprint::Fingerprint;
use crate::health::kind::Kind;
use crate::health::ledger::{Change, Changes, OpenFinding};
use crate::health::report::Report;
use crate::health::text::{FixedMap, FixedSet};

impl Update<'_> {
    pub(super) fn open(&self, successes: &Successes<'_>) -> (Vec<OpenFinding>, Changes) {
        let known = self.ledger.open.iter().map(|one| (one.fingerprint, one));
        let known: FixedMap<Fingerprint, &OpenFinding> = known.collect();
        let mut changes = Changes::default();
        let mut open: BTreeMap<Fingerprint, OpenFinding> = BTreeMap::new();
        for (finding, storm) in problems(self.report) {
            let old = known.get(&finding.fingerprint).copied();
            let is_alone = storm.is_none();
            let mut own = record(finding, storm);
            match old {
                None if is_alone => changes.opened.push(finding.clone()),
                None => {}
                Some(old) => {
                    own.since = old.since;
                    own.acknowledged = old.acknowledged;
                    own.closed = old.closed;
                    // Its storm may be open although it ended.
                    own.storm = storm.or(old.storm);
                    let is_worse = finding.severity > old.severity;
                    let is_changed = (finding.kind, finding.severity) != (old.kind, old.severity);
                    if old.acknowledged.is_some() && is_worse {
                        own.acknowledged = None;
                        own.closed = false;
                        changes.opened.push(finding.clone());
                    } else if old.acknowledged.is_some() {
                        if !old.closed {
                            own.closed = true;
                            changes.resolved.push(old.clone());
                        }
                    } else if is_changed && is_alone {
                        changes.changed.push(Change {
                            kind_before: old.kind,
                            severity_before: old.severity,
                            finding: finding.clone(),
                        });
                    }
                }
            }
            open.insert(own.fingerprint, own);
        }
        let excluded = self.report.excluded.iter().map(|one| one.fingerprint);
        let excluded: FixedSet<Fingerprint> = excluded.collect();
        let mut over: FixedSet<Fingerprint> = FixedSet::default();
        let gone = |one: &&OpenFinding| !open.contains_key(&one.fingerprint);
        let (storms, gone): (Vec<_>, Vec<_>) = self
            .ledger
            .open
            .iter()
            .filter(gone)
            .partition(|one| one.kind == Kind::Storm);
        for old in gone {
            let is_over = excluded.contains(&old.fingerprint)
                || old.acknowledged.is_some()
                || self.has_succeeded(old, successes);
            if !is_over {
                open.insert(old.fingerprint, old.clone());
                continue;
            }
            if let Some(storm) = old.storm {
                over.insert(storm);
            }
            if !old.closed {
                changes.resolved.push(old.clone());
            }
        }
        for old in storms {
            let storm = Some(old.fingerprint);
            // A storm is over when members of it are, and not because others were added.
            let is_over = over.contains(&old.fingerprint) || old.acknowledged.is_some();
            if !is_over && open.values().any(|one| one.storm == storm) {
                open.insert(old.fingerprint, old.clone());
                continue;
            }
            changes.resolved.push(old.clone());
            for one in open.values_mut().filter(|one| one.storm == storm) {
                one.storm = None;
            }
        }
        changes.resolved.sort_by_key(|one| one.fingerprint);
        (open.into_values().collect(), changes)
    }

    /// Whether what a finding is about has worked since it was last found.
    fn has_succeeded(&self, old: &OpenFinding, successes: &Successes<'_>) -> bool {
        let name = name_of_open(old);
        if self.said.get(&name).is_some_and(|said| said.is_doubted) {
            return false;
        }
        let of_item = successes.of_item.get(&name).copied();
        let task = old.task.as_ref().and_then(|task| task.id.as_deref());
        let is_whole_task = old.source.is_none() && old.entity.is_none();
        let of_task = task.filter(|_| is_whole_task);
        let of_task = of_task.and_then(|id| successes.of_task.get(id).copied());
        // It was found by the last dates of the task, before there were entries.
        let of_source = task.zip(old.source.as_deref().filter(|_| old.entity.is_none()));
        let of_source = of_source.and_then(|one| successes.of_source.get(&one).copied());
        let of_tenant = old
            .tenant
            .id
            .as_deref()
            .filter(|_| old.kind == Kind::NoTasks);
        let of_tenant = of_tenant.and_then(|id| successes.of_tenant.get(id).copied());
        of_item.max(of_task).max(of_source).max(of_tenant) > old.last_success
    }
}

/// What is wrong, each with the storm that it is part of.
fn problems(report: &Report) -> impl Iterator<Item = (&Finding, Option<Fingerprint>)> {
    report.findings.iter().flat_map(|one| {
        let members = one.members.iter();
        let members = members.map(|member| (member, Some(one.fingerprint)));
        std::iter::once((one, None)).chain(members)
    })
}

fn record(finding: &Finding, storm: Option<Fingerprint>) -> OpenFinding {
    OpenFinding {
        fingerprint: finding.fingerprint,
        kind: finding.kind,
        severity: finding.severity,
        tenant: finding.tenant.clone(),
        task: finding.task.clone(),
        source: finding.source.clone(),
        entity: finding.entity.clone(),
        stated_tenant: finding.stated_tenant.clone(),
        since: finding.since,
        last_success: finding.last_success,
        acknowledged: None,
        closed: false,
        storm,
        cause: finding.evidence.cause.clone(),
    }
}
