//! What the entries of a snapshot prove to be backed up.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date::{instant, rfc3339};
use super::finding::{TaskRef, TenantRef};
use super::index::Index;
use super::policy::Policy;
use super::run::Reader;
use super::snapshot::Snapshot;
use super::text::{FixedMap, is_blank, normalized};
use super::thresholds::Thresholds;

/// What the entries of one source prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Proof {
    /// It worked, and that is no longer ago than the policy's `overdue_factor` allows.
    Fresh,
    /// It worked, and that is longer ago.
    Overdue,
    /// It never worked.
    NeverSucceeded,
    /// A date that would say so cannot be read or is ahead of now.
    Unreadable,
    /// Its task is archived or paused.
    Inactive,
}

/// What a task does for one entity and source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Protection {
    /// What the entries prove.
    pub proof: Proof,
    /// What is backed up, such as `GMAIL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// The task.
    pub task: TaskRef,
    /// The tenant.
    pub tenant: TenantRef,
    /// When it last worked, as far as the service says.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_success: Option<Timestamp>,
}

/// An entity as the service names it, with all that is done for it, the best proof first.
#[derive(Clone, Debug)]
pub(crate) struct ProtectedEntity {
    pub(crate) name: Arc<str>,
    pub(crate) protections: Vec<Protection>,
}

/// Collects what is backed up, by the name of the entity in lower case.
pub(crate) fn protections(
    snapshot: &Snapshot,
    policy: &Policy,
    now: Timestamp,
) -> FixedMap<String, ProtectedEntity> {
    let index = Index::new(snapshot, &policy.words);
    let now = now.as_second();
    let reader = Reader::new(policy, now);
    let mut entities: FixedMap<String, ProtectedEntity> = FixedMap::default();
    for group in &index.groups {
        let joined = group.task.and_then(|task| index.backup_task(task));
        let owner = group.task.map(|task| index.owner_of_task(task));
        let statuses = [
            group.task.and_then(|task| task.status.as_deref()),
            joined.and_then(|joined| joined.status.as_deref()),
        ];
        let is_inactive = statuses.into_iter().any(|it| policy.words.is_inactive(it));
        for item in &group.items {
            let Some(run) = reader.run(index.entries(item)) else {
                continue;
            };
            let Some(name) = run.entry.entity.as_ref().filter(|it| !is_blank(Some(it))) else {
                continue;
            };
            let owner = index.owner_of_entry(group.task.zip(owner.as_ref()), run.entry);
            let thresholds = Thresholds::new(
                policy,
                run.entry.source.as_deref(),
                owner.tenant.id.as_deref(),
                joined.and_then(|joined| joined.schedule.as_deref()),
            );
            let is_fresh = |success: i64| {
                now.saturating_sub(success) <= thresholds.overdue || thresholds.is_manual
            };
            let proof = match run.success {
                _ if is_inactive => Proof::Inactive,
                Some(success) if is_fresh(success) => Proof::Fresh,
                _ if run.has_bad_success => Proof::Unreadable,
                Some(_) => Proof::Overdue,
                None => Proof::NeverSucceeded,
            };
            let protection = Protection {
                proof,
                source: run.entry.source.clone(),
                task: TaskRef {
                    id: group.task_id.cloned(),
                    label: group
                        .task
                        .map_or_else(Arc::default, |it| Arc::clone(&it.label)),
                },
                tenant: owner.tenant,
                last_success: run.success.map(instant),
            };
            let entity = entities
                .entry(normalized(name).into_owned())
                .or_insert_with(|| ProtectedEntity {
                    name: Arc::clone(name),
                    protections: Vec::new(),
                });
            // One spelling of several, whatever the order of the list is.
            entity.name = Arc::clone(name).min(Arc::clone(&entity.name));
            entity.protections.push(protection);
        }
    }
    for entity in entities.values_mut() {
        entity.protections.sort();
    }
    entities
}
