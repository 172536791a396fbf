//! The rules of one entity: 2 to 8.

use std::sync::Arc;

use super::context::{TaskContext, bad_date, shown};
use crate::health::assessment::{About, Assessment};
use crate::health::date::instant;
use crate::health::duration;
use crate::health::finding::Finding;
use crate::health::index::Owner;
use crate::health::kind::{Kind, Severity};
use crate::health::ledger::EntityMemory;
use crate::health::run::{Outcome, Run};
use crate::health::thresholds::Thresholds;

/// An entity with what is known of it.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) owner: Owner,
    pub(super) run: Run<'a>,
    pub(super) memory: Option<&'a EntityMemory>,
}

/// Judges the entities of a task.
pub(super) fn judge(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    runs: &[Judged<'_>],
) {
    let attempts = runs.iter().filter_map(|one| one.run.attempt);
    let has_siblings = context.task.id.is_some() || runs.len() > 1;
    let newest = attempts.max().filter(|_| has_siblings);
    let spoken_for = of_whole_task(assessment, context, runs, newest);
    for one in runs {
        let thresholds = thresholds_of(assessment, context, one.run.entry.source.as_ref());
        let is_manual = thresholds.is_manual;
        let is_skipped = is_skipped(&thresholds, newest, one);
        never_worked(assessment, context, &thresholds, one);
        failed(assessment, context, &thresholds, one);
        // A leaver's last runs may have failed. Of others that they did is not forgotten.
        let is_gone = is_dormant(assessment, one) || !assessment.reader.is_late(&one.run);
        if !(is_manual || is_skipped && is_gone) {
            too_old(assessment, context, &thresholds, one, spoken_for);
        }
        unexplained(assessment, context, one);
        if is_skipped {
            skipped(assessment, context, &thresholds, one);
        }
        bad_data(assessment, context, one);
        odd_words(assessment, one);
    }
}

/// The thresholds of an entity, which may have another source than its task.
pub(super) fn thresholds_of(
    assessment: &Assessment<'_>,
    context: &TaskContext<'_>,
    source: Option<&Arc<str>>,
) -> Thresholds {
    let row = context.group.task;
    let own = row.and_then(|row| row.source.as_ref());
    if assessment.policy.overrides.is_empty() || source.is_none() || own == source {
        return context.thresholds;
    }
    let tenant = row.and_then(|row| row.tenant.as_deref());
    let source = source.map(|source| &**source);
    Thresholds::new(assessment.policy, source, tenant, context.schedule)
}

/// Whether a run that goes on hides that the last success is old: for a while after the last
/// attempt, or after it was first seen running.
pub(super) fn is_running(
    assessment: &Assessment<'_>,
    context: &TaskContext<'_>,
    attempt: Option<i64>,
) -> bool {
    if !context.is_running {
        return false;
    }
    let id = context.task.id.as_deref();
    let known = id.and_then(|id| assessment.memory.task(id)?.running_since);
    let first_seen = known.map_or(assessment.now, |since| since.as_second());
    let start = attempt.unwrap_or(first_seen);
    let period = duration::seconds(assessment.policy.running_for);
    assessment.now.saturating_sub(start) <= period
}

/// Rule 5: what the age of the last success is called, if it is too old.
pub(super) fn freshness(thresholds: &Thresholds, age: i64) -> Option<Kind> {
    if thresholds.is_manual || age <= thresholds.stale {
        None
    } else if age <= thresholds.overdue {
        Some(Kind::Stale)
    } else {
        Some(Kind::Overdue)
    }
}

pub(super) fn severity_of(kind: Kind) -> Severity {
    match kind {
        Kind::Overdue => Severity::Critical,
        _ => Severity::Warning,
    }
}

pub(super) fn add_freshness(finding: &mut Finding, thresholds: &Thresholds, success: i64) {
    let is_overdue = finding.kind == Kind::Overdue;
    let threshold = if is_overdue {
        thresholds.overdue
    } else {
        thresholds.stale
    };
    finding.evidence.threshold = Some(span(threshold));
    finding.evidence.interval = Some(span(thresholds.interval));
    if !is_overdue {
        finding.evidence.critical_at = Some(instant(success + thresholds.overdue + 1));
    }
}

fn span(seconds: i64) -> std::time::Duration {
    std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn of_item(
    assessment: &Assessment<'_>,
    context: &TaskContext<'_>,
    one: &Judged<'_>,
    kind: Kind,
    severity: Severity,
) -> Finding {
    let entry = one.run.entry;
    let about = About {
        owner: &one.owner,
        task: context.task.id.as_ref().map(|_| context.task.clone()),
        source: entry.source.clone(),
        entity: entry.entity.clone(),
        stated_tenant: entry.tenant.clone(),
    };
    let mut finding = assessment.finding(kind, severity, about);
    finding.last_success = assessment.at(one.run.success);
    finding.last_attempt = assessment.at(one.run.attempt);
    finding
}

/// Rules 2 and 3: it never worked.
fn never_worked(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    thresholds: &Thresholds,
    one: &Judged<'_>,
) {
    // Of a date that cannot be read it is not known.
    if one.run.success.is_some() || one.run.has_bad_success || thresholds.is_manual {
        return;
    }
    let first_seen = one.memory.map(|memory| memory.first_seen.as_second());
    let age = context
        .born
        .or(first_seen)
        .map(|born| assessment.now.saturating_sub(born));
    let is_young = age.is_some_and(|age| age < thresholds.grace);
    let is_pending = is_young && one.run.outcome == Outcome::NoFailure;
    let (kind, severity) = if is_pending {
        (Kind::Pending, Severity::Ok)
    } else {
        (Kind::NeverSucceeded, Severity::Critical)
    };
    let mut finding = of_item(assessment, context, one, kind, severity);
    finding.evidence.threshold = Some(span(thresholds.grace));
    if is_pending {
        let born = context.born.or(first_seen);
        finding.evidence.critical_at = assessment.at(born.map(|born| born + thresholds.grace));
    }
    finding.failures = assessment.reader.failures(one.run.entry);
    assessment.findings.push(finding);
}

/// Rule 4: the last run failed in part or whole.
fn failed(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    thresholds: &Thresholds,
    one: &Judged<'_>,
) {
    let kind = match one.run.outcome {
        Outcome::NoFailure => return,
        Outcome::Partial => Kind::Partial,
        Outcome::Failed => Kind::Failed,
    };
    let runs = failed_runs(assessment, one);
    let age = one
        .run
        .success
        .map(|success| assessment.now.saturating_sub(success));
    let most = assessment.policy.critical_failed_runs;
    let is_critical = !thresholds.is_fresh(age) || runs >= most;
    let severity = if is_critical {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let mut finding = of_item(assessment, context, one, kind, severity);
    finding.failures = assessment.reader.failures(one.run.entry);
    finding.evidence.failed_runs = Some(runs);
    finding.evidence.critical_failed_runs = Some(most);
    finding.evidence.threshold = Some(span(thresholds.stale));
    if !is_critical && !thresholds.is_manual {
        let until = one
            .run
            .success
            .map(|success| success + thresholds.stale + 1);
        finding.evidence.critical_at = assessment.at(until);
    }
    assessment.findings.push(finding);
}

/// How many runs failed in a row, this one included. A run is a distinct date of an attempt.
fn failed_runs(assessment: &Assessment<'_>, one: &Judged<'_>) -> u32 {
    let Some(memory) = one.memory else { return 1 };
    let known = memory.last_attempt.map(|at| at.as_second());
    let is_new = one.run.stated_attempt > known;
    let before = memory.failed_runs;
    // It worked in between, and nobody looked.
    let has_worked = assessment.reader.is_late(&one.run) && one.run.success > known;
    if is_new && has_worked {
        1
    } else if is_new {
        before.saturating_add(1)
    } else {
        before.max(1)
    }
}

/// Rule 5 for the whole task, if none of its entities was attempted. Returns what it says.
fn of_whole_task(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    runs: &[Judged<'_>],
    newest: Option<i64>,
) -> Option<Kind> {
    let thresholds = context.thresholds;
    let newest = newest.filter(|_| context.task.id.is_some())?;
    let is_stopped = assessment.now.saturating_sub(newest) > thresholds.stale;
    let success = runs.iter().filter_map(|one| one.run.success).max()?;
    let age = assessment.now.saturating_sub(success);
    let kind = freshness(&thresholds, age).filter(|_| is_stopped)?;
    if is_running(assessment, context, Some(newest)) {
        return None;
    }
    let latest = runs.iter().max_by(|one, other| {
        let key = |it: &Judged<'_>| it.run.attempt;
        let of_tenants = one.owner.tenant.cmp(&other.owner.tenant).reverse();
        key(one).cmp(&key(other)).then(of_tenants)
    })?;
    let owner = match context.group.task {
        Some(row) => assessment.index.owner_of_task(row),
        None => latest.owner.clone(),
    };
    let stated = context.group.task.and_then(|row| row.tenant.clone());
    let about = About {
        owner: &owner,
        task: Some(context.task.clone()),
        source: None,
        entity: None,
        stated_tenant: stated,
    };
    let mut finding = assessment.finding(kind, severity_of(kind), about);
    finding.last_success = assessment.at(Some(success));
    finding.last_attempt = assessment.at(Some(newest));
    add_freshness(&mut finding, &thresholds, success);
    assessment.findings.push(finding);
    Some(kind)
}

/// Rule 5 for one entity, unless its task says so or worse already.
fn too_old(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    thresholds: &Thresholds,
    one: &Judged<'_>,
    spoken_for: Option<Kind>,
) {
    let Some(success) = one.run.success else {
        return;
    };
    let age = assessment.now.saturating_sub(success);
    let Some(kind) = freshness(thresholds, age) else {
        return;
    };
    let is_said = spoken_for.is_some_and(|said| severity_of(said) >= severity_of(kind));
    if is_said || is_running(assessment, context, one.run.attempt) {
        return;
    }
    let mut finding = of_item(assessment, context, one, kind, severity_of(kind));
    add_freshness(&mut finding, thresholds, success);
    assessment.findings.push(finding);
}

/// Rule 6: attempted after the last success, and nothing says that it failed.
fn unexplained(assessment: &mut Assessment<'_>, context: &TaskContext<'_>, one: &Judged<'_>) {
    let is_said = one.run.outcome != Outcome::NoFailure;
    if is_said || !assessment.reader.is_late(&one.run) {
        return;
    }
    if is_running(assessment, context, one.run.attempt) {
        return;
    }
    let mut finding = of_item(
        assessment,
        context,
        one,
        Kind::Unexplained,
        Severity::Warning,
    );
    finding.evidence.threshold = Some(assessment.policy.slack);
    assessment.findings.push(finding);
}

fn is_skipped(thresholds: &Thresholds, newest: Option<i64>, one: &Judged<'_>) -> bool {
    match (newest, one.run.attempt) {
        (Some(newest), Some(own)) => newest.saturating_sub(own) > thresholds.stale,
        _ => false,
    }
}

/// Whether it was not attempted for so long that it may be a leaver's.
fn is_dormant(assessment: &Assessment<'_>, one: &Judged<'_>) -> bool {
    let age = one.run.attempt.map(|at| assessment.now.saturating_sub(at));
    age.is_some_and(|age| age >= duration::seconds(assessment.policy.dormant_after))
}

/// Rule 7: not attempted while others of its task were.
fn skipped(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    thresholds: &Thresholds,
    one: &Judged<'_>,
) {
    let (kind, severity, threshold) = if is_dormant(assessment, one) {
        let threshold = assessment.policy.dormant_after;
        (Kind::Dormant, Severity::Notice, threshold)
    } else {
        (Kind::Skipped, Severity::Warning, span(thresholds.stale))
    };
    let mut finding = of_item(assessment, context, one, kind, severity);
    finding.evidence.threshold = Some(threshold);
    finding.evidence.interval = Some(span(thresholds.interval));
    assessment.findings.push(finding);
}

/// Rule 8: a date or a word that cannot be used.
fn bad_data(assessment: &mut Assessment<'_>, context: &TaskContext<'_>, one: &Judged<'_>) {
    let run = &one.run;
    if !run.has_bad_success && !run.has_bad_attempt && !run.has_bad_word {
        return;
    }
    let entry = run.entry;
    let mut reasons: Vec<Box<str>> = Vec::new();
    let (now, tolerance) = (assessment.now, assessment.reader.tolerance);
    for (what, date, is_bad) in [
        (
            "date of the last success",
            &entry.last_success,
            run.has_bad_success,
        ),
        (
            "date of the last attempt",
            &entry.last_attempt,
            run.has_bad_attempt,
        ),
    ] {
        let reading = date.read(now, tolerance);
        if reading.is_bad() {
            reasons.push(bad_date(what, reading, &date.shown()).into());
        } else if is_bad {
            let reason = format!("the {what} of another entry of the same entity cannot be used");
            reasons.push(reason.into());
        }
    }
    if run.has_bad_word {
        let words = words_of(assessment, one).join("`, `");
        let beside = if run.success.is_some() && !assessment.reader.is_late(run) {
            "an error text or a date that cannot be used"
        } else {
            "dates that do not prove a backup, or an error text"
        };
        reasons.push(format!("`{words}` has no known meaning, and is beside {beside}").into());
    }
    let mut finding = of_item(assessment, context, one, Kind::BadData, Severity::Warning);
    finding.failures = assessment.reader.failures(entry);
    finding.evidence.reasons = reasons;
    assessment.findings.push(finding);
}

/// The words of an entity without a known meaning.
fn words_of(assessment: &Assessment<'_>, one: &Judged<'_>) -> Vec<String> {
    let all = one.run.entry.sub_sources.iter();
    let unknown = all.filter(|sub_source| assessment.reader.is_unknown(sub_source));
    let words = unknown.map(|sub_source| {
        let word = sub_source.status.as_deref().unwrap_or_default().trim();
        match word {
            "" => "(none)".to_owned(),
            word => shown(word),
        }
    });
    words.collect()
}

/// Counts unknown words beside good dates: one notice per word for the whole report.
fn odd_words(assessment: &mut Assessment<'_>, one: &Judged<'_>) {
    if !one.run.has_odd_word {
        return;
    }
    for word in words_of(assessment, one) {
        *assessment.unknown_words.entry(word.into()).or_default() += 1;
    }
    assessment.raise(&one.owner.tenant, Severity::Notice, 0);
}
