//! The rules of one task: 1, 4 and 5 where it speaks for the task, 8 and 10. Rule 9 is in
//! [`size`], and rules 2 to 8 of its entities are in [`item`].

use std::sync::Arc;

use jiff::Timestamp;

use super::context::{TaskContext, bad_date, of_task, shown};
use super::item::{self, Judged};
use super::size;
use crate::health::assessment::{About, Assessment};
use crate::health::date::{Reading, instant};
use crate::health::duration;
use crate::health::finding::TaskRef;
use crate::health::index::{Group, Owner};
use crate::health::kind::{Kind, Severity};
use crate::health::run::Outcome;
use crate::health::snapshot::{ListState, TaskRow};
use crate::health::thresholds::Thresholds;

/// Judges a task and its entities.
pub(in crate::health) fn judge<'a>(assessment: &mut Assessment<'a>, group: &'a Group<'a>) {
    let task = TaskRef {
        id: group.task_id.map(Arc::clone),
        label: group
            .task
            .map_or_else(Arc::default, |task| Arc::clone(&task.label)),
    };
    let owner = group.task.map(|row| assessment.index.owner_of_task(row));
    let runs = runs(assessment, group, owner.as_ref());
    let successes = runs.iter().filter_map(|one| one.run.success);
    let success = successes.max().map(instant);
    let listed = group.task.zip(owner.as_ref());
    if let Some((row, owner)) = listed.filter(|(row, _)| is_inactive(assessment, row)) {
        inactive(assessment, group, (row, owner), task, success);
        return;
    }
    let context = context(assessment, group, task);
    if let Some((row, owner)) = listed {
        let mut reasons: Vec<String> = Vec::new();
        odd_words(assessment, row, &mut reasons);
        odd_creation(assessment, row, &runs, &mut reasons);
        let from = assessment.findings.len();
        failed(assessment, &context, (row, owner), &runs);
        size::judge(assessment, &context, row, owner);
        if group.items.is_empty() {
            without_entries(assessment, &context, row, owner, &mut reasons);
        }
        bad_data(assessment, &context, row, owner, reasons);
        for finding in assessment.findings.iter_mut().skip(from) {
            finding.last_success = finding.last_success.or(success);
        }
    }
    count(assessment, group, owner.as_ref(), &runs);
    item::judge(assessment, &context, &runs);
}

fn runs<'a>(
    assessment: &Assessment<'a>,
    group: &Group<'a>,
    owner: Option<&Owner>,
) -> Vec<Judged<'a>> {
    let task = group.task.zip(owner);
    let runs = group.items.iter().filter_map(|one| {
        let run = assessment.reader.run(assessment.index.entries(one))?;
        Some(Judged {
            owner: assessment.index.owner_of_entry(task, run.entry),
            memory: assessment.memory.entity(one.key, run.entry),
            run,
        })
    });
    runs.collect()
}

/// Counts an active task once for each tenant that it or an entry of it belongs to.
fn count(
    assessment: &mut Assessment<'_>,
    group: &Group<'_>,
    own: Option<&Owner>,
    runs: &[Judged<'_>],
) {
    // An entry without a task is none.
    let is_task = group.task.is_some() || group.task_id.is_some();
    let counts = &mut assessment.counts;
    counts.active_tasks += u64::from(is_task);
    counts.entities += u64::try_from(runs.len()).unwrap_or(u64::MAX);
    let owners = own.into_iter().chain(runs.iter().map(|one| &one.owner));
    let mut owners: Vec<&Owner> = owners.collect();
    owners.sort_by(|one, other| one.tenant.id.cmp(&other.tenant.id));
    owners.dedup_by(|one, other| one.tenant.id == other.tenant.id);
    for owner in owners {
        let tasks = assessment.active_tasks.entry(owner.tenant.id.clone());
        *tasks.or_default() += u32::from(is_task);
        assessment.raise(&owner.tenant, Severity::Ok, 0);
    }
}

/// The statuses that say what a task does: its own, and that of the backup task that it joins.
fn statuses<'a>(
    assessment: &Assessment<'a>,
    row: &'a TaskRow,
) -> impl Iterator<Item = (&'static str, Option<&'a str>)> {
    let joined = assessment.index.backup_task(row);
    let joined = joined.map(|joined| ("joined backup task", joined.status.as_deref()));
    std::iter::once(("task", row.status.as_deref())).chain(joined)
}

fn is_inactive(assessment: &Assessment<'_>, row: &TaskRow) -> bool {
    let words = &assessment.policy.words;
    statuses(assessment, row).any(|(_, status)| words.is_inactive(status))
}

/// Rule 1: the task is inactive, for a while newly so. Nothing else of it is judged.
fn inactive<'a>(
    assessment: &mut Assessment<'a>,
    group: &'a Group<'a>,
    (row, owner): (&TaskRow, &Owner),
    task: TaskRef,
    success: Option<Timestamp>,
) {
    assessment.counts.inactive_tasks += 1;
    let known = group.task_id.and_then(|id| {
        assessment.inactive.insert(id);
        assessment.memory.task(id)
    });
    let since = known.and_then(|known| match known.inactive_since {
        Some(since) => Some(since.as_second()),
        None => known.active.then_some(assessment.now),
    });
    let period = duration::seconds(assessment.policy.newly_inactive_for);
    let is_new = since.is_some_and(|since| assessment.now.saturating_sub(since) <= period);
    assessment.raise(&owner.tenant, Severity::Ok, 0);
    let (kind, severity) = if is_new {
        (Kind::NewlyInactive, Severity::Warning)
    } else {
        (Kind::Inactive, Severity::Ok)
    };
    let about = About {
        owner,
        task: Some(task),
        source: None,
        entity: None,
        stated_tenant: row.tenant.clone(),
    };
    let mut finding = assessment.finding(kind, severity, about);
    finding.last_success = success;
    if is_new && finding.acknowledged.is_some() {
        finding.kind = Kind::Inactive;
        finding.severity = Severity::Ok;
    }
    if is_new {
        finding.evidence.threshold = Some(assessment.policy.newly_inactive_for);
    }
    assessment.findings.push(finding);
}

/// Rule 4 of a task that says that it failed, where no entry does.
fn failed(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    (row, owner): (&TaskRow, &Owner),
    runs: &[Judged<'_>],
) {
    let words = &assessment.policy.words;
    let failed = statuses(assessment, row).find(|(_, word)| words.is_failure(*word));
    let is_said = runs.iter().any(|one| one.run.outcome != Outcome::NoFailure);
    let Some((what, Some(word))) = failed.filter(|_| !is_said) else {
        return;
    };
    let (now, tolerance) = (assessment.now, assessment.reader.tolerance);
    let dates = row
        .last_backups
        .values()
        .filter_map(|date| date.read(now, tolerance).at());
    let success = runs
        .iter()
        .filter_map(|one| one.run.success)
        .chain(dates)
        .max();
    let thresholds = &context.thresholds;
    let age = success.map(|at| now.saturating_sub(at));
    let severity = if thresholds.is_fresh(age) {
        Severity::Warning
    } else {
        Severity::Critical
    };
    let mut finding = of_task(
        assessment,
        context,
        row,
        owner,
        Kind::Failed,
        severity,
        None,
    );
    finding.last_success = assessment.at(success);
    let reason = format!(
        "the status of the {what} is `{}`, and no status entry says so",
        shown(word)
    );
    finding.evidence.reasons.push(reason.into());
    assessment.findings.push(finding);
}

/// A missing or unknown status counts as active, and is bad data.
fn odd_words(assessment: &Assessment<'_>, row: &TaskRow, reasons: &mut Vec<String>) {
    let words = &assessment.policy.words;
    for (what, status) in statuses(assessment, row) {
        if !words.is_known(status) {
            reasons.push(match status {
                Some(word) => {
                    let word = shown(word);
                    format!("the status `{word}` of the {what} has no known meaning")
                }
                None => format!("the {what} has no status"),
            });
        }
    }
}

fn context<'a>(
    assessment: &Assessment<'a>,
    group: &'a Group<'a>,
    task: TaskRef,
) -> TaskContext<'a> {
    let words = &assessment.policy.words;
    let row = group.task;
    let joined = row.and_then(|row| assessment.index.backup_task(row));
    let schedule = joined.and_then(|joined| joined.schedule.as_deref());
    let schedule = schedule.or(row.and_then(|row| row.schedule.as_deref()));
    let is_running = row.is_some_and(|row| assessment.index.is_running(row, words));
    let known = task.id.as_deref().and_then(|id| assessment.memory.task(id));
    let first_seen = known.map(|known| known.first_seen.as_second());
    let born = row.and_then(|row| created(assessment, row).at());
    let source = row.and_then(|row| row.source.as_deref());
    let tenant = row.and_then(|row| row.tenant.as_deref());
    TaskContext {
        group,
        task,
        schedule,
        thresholds: Thresholds::new(assessment.policy, source, tenant, schedule),
        is_running,
        born: born.or(first_seen),
    }
}

fn created(assessment: &Assessment<'_>, row: &TaskRow) -> Reading {
    row.created
        .read(assessment.now, assessment.reader.tolerance)
}

/// A date of creation that cannot be used is bad data where an age depends on it.
fn odd_creation(
    assessment: &Assessment<'_>,
    row: &TaskRow,
    runs: &[Judged<'_>],
    reasons: &mut Vec<String>,
) {
    let reading = created(assessment, row);
    let has_date = row.last_backups.values().any(|date| !date.is_missing());
    let is_used = if runs.is_empty() {
        !has_date
    } else {
        runs.iter().any(|one| one.run.success.is_none())
    };
    if reading.is_bad() && is_used {
        reasons.push(bad_date("date of creation", reading, &row.created.shown()));
    }
}

/// Rule 8 of the task.
fn bad_data(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    row: &TaskRow,
    owner: &Owner,
    reasons: Vec<String>,
) {
    if reasons.is_empty() {
        return;
    }
    let (kind, severity) = (Kind::BadData, Severity::Warning);
    let mut finding = of_task(assessment, context, row, owner, kind, severity, None);
    finding.evidence.reasons = reasons.into_iter().map(Into::into).collect();
    assessment.findings.push(finding);
}

/// Rules 2, 5, 8 and 10 of a task without any status entry: its last dates count.
fn without_entries(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    row: &TaskRow,
    owner: &Owner,
    reasons: &mut Vec<String>,
) {
    let dates = &row.last_backups;
    let has_date = dates.values().any(|date| !date.is_missing());
    // Entries may be on a page that was not read.
    let is_unread = matches!(
        assessment.snapshot.lists.statuses,
        ListState::Incomplete { .. }
    );
    if !has_date && !is_unread {
        let age = context.born.map(|born| assessment.now.saturating_sub(born));
        let is_young = age.is_some_and(|age| age < context.thresholds.grace);
        let (kind, severity) = if is_young && !context.thresholds.is_manual {
            (Kind::Pending, Severity::Ok)
        } else {
            (Kind::Unproven, Severity::Warning)
        };
        let finding = of_task(assessment, context, row, owner, kind, severity, None);
        assessment.findings.push(finding);
        return;
    }
    for (source, date) in dates {
        let reading = date.read(assessment.now, assessment.reader.tolerance);
        let source = Some(Arc::clone(source));
        match reading {
            Reading::At(at) => {
                let thresholds = item::thresholds_of(assessment, context, source.as_ref());
                let is_hidden = item::is_running(assessment, context, None);
                let age = assessment.now.saturating_sub(at);
                if let Some(kind) = item::freshness(&thresholds, age).filter(|_| !is_hidden) {
                    let severity = item::severity_of(kind);
                    let mut finding =
                        of_task(assessment, context, row, owner, kind, severity, source);
                    finding.last_success = assessment.at(Some(at));
                    item::add_freshness(&mut finding, &thresholds, at);
                    assessment.findings.push(finding);
                }
            }
            Reading::Missing if is_unread => {}
            Reading::Missing => {
                let (kind, severity) = (Kind::Unproven, Severity::Warning);
                let finding = of_task(assessment, context, row, owner, kind, severity, source);
                assessment.findings.push(finding);
            }
            bad => {
                let source = shown(source.as_deref().unwrap_or_default());
                let what = format!("last date of {source}");
                reasons.push(bad_date(&what, bad, &date.shown()));
            }
        }
    }
}
