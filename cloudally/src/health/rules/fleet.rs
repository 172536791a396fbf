//! Rules 0, 11 and 12: what is missing.

use std::sync::Arc;

use crate::health::assessment::{About, Assessment};
use crate::health::finding::{TaskRef, TenantRef};
use crate::health::index::{Group, Owner};
use crate::health::kind::{Kind, Severity};
use crate::health::ledger::{EntityMemory, Ledger};
use crate::health::snapshot::{ListState, Scope, TaskRow};
use crate::health::text::FixedSet;

/// A list without a single status entry is doubted from so many tasks or entities on that should have
/// one.
const MANY: usize = 5;

/// Rule 0: a list is incomplete, or there are no tasks and the policy does not allow that.
pub(in crate::health) fn incomplete(assessment: &mut Assessment<'_>) {
    let snapshot = assessment.snapshot;
    let mut missing: Vec<(&str, String)> = Vec::new();
    for (name, state) in snapshot.lists.iter() {
        if let ListState::Incomplete { reason } = state {
            missing.push((name, format!("it could not be read to its end: {reason}")));
        }
    }
    let lists = &snapshot.lists;
    if matches!(lists.tasks, ListState::NotAvailable | ListState::NotRead) {
        let what = "the account may not read it, and nothing can be judged without it";
        missing.push(("tasks", what.to_owned()));
    } else if snapshot.tasks.is_empty()
        && lists.tasks.is_complete()
        && !assessment.policy.allow_no_tasks
    {
        let what = "it is empty, which `allow_no_tasks` would allow";
        missing.push(("tasks", what.to_owned()));
    }
    if let Some(reason) = lost_statuses(assessment) {
        missing.push(("statuses", reason));
    }
    assessment.is_complete = missing.is_empty();
    for (name, reason) in missing {
        let owner = Owner {
            tenant: TenantRef::default(),
            orphan: None,
        };
        let about = About {
            owner: &owner,
            task: None,
            source: Some(name.into()),
            entity: None,
            stated_tenant: None,
        };
        let mut finding = assessment.finding(Kind::Incomplete, Severity::Unknown, about);
        finding.evidence.reasons.push(reason.into());
        assessment.findings.push(finding);
    }
    if snapshot.scope == Scope::OwnBackupTasks {
        return;
    }
    // Of a list that this account may not read nothing is known. That is the usual case for backup
    // tasks, which are of the signed-in account, and no reason to warn each day.
    for (name, state, what) in [
        (
            "statuses",
            &lists.statuses,
            "tasks are judged by their last dates alone, and failures are not seen",
        ),
        (
            "tenants",
            &lists.tenants,
            "tenants are known by id only, and none without a task is found",
        ),
    ] {
        if matches!(state, ListState::NotAvailable | ListState::NotRead) {
            let notice = format!("the list of {name} is not available: {what}");
            assessment.notices.push(notice.into());
            assessment.floor = Severity::Notice;
        }
    }
    let has_run = |task: &&TaskRow| task.last_backups.values().any(|date| !date.is_missing());
    let is_empty = lists.statuses.is_complete() && snapshot.entries.is_empty();
    if is_empty && snapshot.tasks.iter().filter(has_run).count() >= MANY {
        let notice = "the list of statuses is empty although tasks have run: tasks are judged by their last dates alone, and failures are not seen";
        assessment.notices.push(notice.into());
        assessment.floor = Severity::Notice;
    }
    let is_joined = |task: &TaskRow| task.backup_task.is_some();
    if !lists.backup_tasks.is_complete() && snapshot.tasks.iter().any(is_joined) {
        let notice = "the list of backup tasks is not available: a pause and a schedule are known by the task alone; give those that run more often than daily an override with their interval";
        assessment.notices.push(notice.into());
    }
}

/// Why the status entries that the ledger knows are missing all at once, which no deletion explains.
fn lost_statuses(assessment: &Assessment<'_>) -> Option<String> {
    let snapshot = assessment.snapshot;
    let what = match &snapshot.lists.statuses {
        _ if snapshot.scope == Scope::OwnBackupTasks => return None,
        ListState::NotAvailable | ListState::NotRead => "the account may not read it any more",
        ListState::Complete if snapshot.entries.is_empty() => "it is empty",
        _ => return None,
    };
    let known = assessment.memory.count();
    let least = if snapshot.lists.statuses.is_complete() {
        MANY
    } else {
        1
    };
    (known >= least).then(|| {
        format!("{what}, and the ledger knows {known} entities of it; if that is meant, start a new ledger")
    })
}

/// Rule 11: an active tenant without a task.
pub(in crate::health) fn tenants_without_tasks(assessment: &mut Assessment<'_>) {
    let snapshot = assessment.snapshot;
    let tenants = assessment.index.tenants();
    assessment.counts.tenants = u64::try_from(tenants.len()).unwrap_or(u64::MAX);
    let with_tasks: FixedSet<&str> = snapshot
        .tasks
        .iter()
        .filter_map(|task| task.tenant.as_deref())
        .collect();
    // A task of the tenant may be on a page that was not read.
    let is_known = snapshot.lists.tasks.is_complete() && snapshot.lists.tenants.is_complete();
    for tenant in tenants {
        let owner = Owner {
            tenant: TenantRef {
                id: tenant.id.clone(),
                name: Arc::clone(&tenant.name),
            },
            orphan: None,
        };
        assessment.raise(&owner.tenant, Severity::Ok, 0);
        let words = &assessment.policy.words;
        let is_inactive = words.is_inactive(tenant.status.as_deref());
        let has_task = tenant
            .id
            .as_deref()
            .is_some_and(|id| with_tasks.contains(id));
        if !is_known || is_inactive || has_task {
            continue;
        }
        let about = About {
            owner: &owner,
            task: None,
            source: None,
            // Without an id the name is all there is.
            entity: tenant.id.is_none().then(|| Arc::clone(&tenant.name)),
            stated_tenant: None,
        };
        let finding = assessment.finding(Kind::NoTasks, Severity::Warning, about);
        assessment.findings.push(finding);
    }
}

/// Rule 12: what the ledger knows as active and two complete snapshots in a row do not have.
pub(in crate::health) fn vanished(
    assessment: &mut Assessment<'_>,
    previous: Option<&Ledger>,
    groups: &[Group<'_>],
) {
    let Some(ledger) = previous else { return };
    let snapshot = assessment.snapshot;
    let has_tasks = snapshot.lists.tasks.is_complete();
    let has_entries = snapshot.has_entries();
    // An incomplete snapshot is no second one, nor is the one that the ledger was updated from, but
    // what was found before stays.
    let is_new = ledger.read_at.is_none_or(|known| snapshot.read_at > known);
    let is_second = assessment.is_complete && is_new;
    let is_twice = |missed: u32, is_read: bool| missed >= 2 || is_second && is_read && missed == 1;
    let tasks = ledger.tasks.iter();
    let tasks: Vec<_> = tasks
        .filter(|task| task.active && is_twice(task.missed, has_tasks))
        .collect();
    let unseen = assessment.memory.unseen();
    let unseen: Vec<_> = unseen
        .filter(|entity| is_twice(entity.missed, has_entries))
        .collect();
    if tasks.is_empty() && unseen.is_empty() {
        return;
    }
    let in_list = groups.iter().filter(|group| group.task.is_some());
    let listed: FixedSet<&str> = in_list
        .filter_map(|group| group.task_id.map(|id| &**id))
        .collect();
    for task in tasks {
        if !listed.contains(&*task.id) {
            let about = TaskRef {
                id: Some(Arc::clone(&task.id)),
                label: Arc::clone(&task.label),
            };
            push(assessment, task.tenant.as_ref(), Some(about), None);
        }
    }
    for entity in unseen {
        let task = entity.task.as_deref();
        let known = task.and_then(|id| assessment.memory.task(id));
        let is_listed = task.is_some_and(|id| listed.contains(id));
        // Of a task that is gone the task is reported, and of one that is inactive nothing.
        let is_reported = !is_listed && known.is_some_and(|task| task.active);
        let is_over = task.is_some_and(|id| assessment.is_inactive(id));
        if !is_reported && !is_over {
            let about = entity.task.as_ref().map(|id| TaskRef {
                id: Some(Arc::clone(id)),
                label: known.map_or_else(Arc::default, |task| Arc::clone(&task.label)),
            });
            push(assessment, entity.tenant.as_ref(), about, Some(entity));
        }
    }
}

fn push(
    assessment: &mut Assessment<'_>,
    tenant: Option<&Arc<str>>,
    task: Option<TaskRef>,
    entity: Option<&EntityMemory>,
) {
    let owner = assessment.index.owner_of_id(tenant);
    let about = About {
        owner: &owner,
        task,
        source: entity.and_then(|entity| entity.source.clone()),
        entity: entity.and_then(|entity| entity.entity.clone()),
        stated_tenant: tenant.cloned(),
    };
    let mut finding = assessment.finding(Kind::Vanished, Severity::Warning, about);
    finding.last_attempt = entity.and_then(|entity| entity.last_attempt);
    if finding.acknowledged.is_none() {
        assessment.findings.push(finding);
    }
}
