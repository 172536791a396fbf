//! Many tasks that fail for one cause are one finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assessment::{About, Assessment};
use super::finding::{Finding, TenantRef, sort};
use super::index::{Owner, finding_key};
use super::kind::{Class, Kind, Severity};
use super::text::{FixedSet, Interner, KeyMap, is_blank, normalized};

/// A tenant; `None` is all of them.
type Level = Option<Option<Arc<str>>>;

/// The causes of a finding, each once.
type Causes = Vec<Arc<str>>;

/// The storms, with how many tasks each has.
type Storms = BTreeMap<(Level, Arc<str>), usize>;

/// Whether the failures of a finding are those of a run.
fn is_failure(finding: &Finding) -> bool {
    matches!(finding.kind, Kind::Failed | Kind::Partial)
}

/// Puts the findings that are part of a storm below one that stands for all of them.
pub(super) fn gather(assessment: &Assessment<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let mut texts = Interner::default();
    let failures = findings.iter().filter(|finding| is_failure(finding));
    let failures: Vec<_> = failures
        .map(|finding| (finding, causes(finding, &mut texts)))
        .collect();
    let storms = find(assessment, &failures);
    if storms.is_empty() {
        drop(failures);
        return findings;
    }
    let mut chosen: KeyMap<(Level, Arc<str>)> = KeyMap::default();
    for (finding, causes) in &failures {
        if let Some(storm) = choose(finding, causes, &storms) {
            chosen.insert(finding_key(finding), storm);
        }
    }
    drop(failures);
    let mut members: BTreeMap<(Level, Arc<str>), Vec<Finding>> = BTreeMap::new();
    let mut rest = Vec::new();
    for finding in findings {
        // That the last success is old is of the same cause.
        let is_member = matches!(
            finding.kind.class(),
            Class::Outcome | Class::Freshness | Class::NeverRan
        );
        let storm = is_member
            .then(|| chosen.get(&finding_key(&finding)))
            .flatten();
        match storm {
            Some(storm) => members.entry(storm.clone()).or_default().push(finding),
            None => rest.push(finding),
        }
    }
    for ((level, cause), members) in members {
        let tasks = tasks_of(&members).len();
        // Some may have gone to another storm.
        if tasks < least(assessment) {
            rest.extend(members);
        } else {
            rest.push(parent(assessment, &level, cause, members, tasks));
        }
    }
    rest
}

fn least(assessment: &Assessment<'_>) -> usize {
    usize::try_from(assessment.policy.storm_tasks).unwrap_or(usize::MAX)
}

/// The storms, with how many tasks each has.
fn find(assessment: &Assessment<'_>, failures: &[(&Finding, Causes)]) -> Storms {
    type Tasks<'a> = FixedSet<&'a str>;
    type Tenants<'a> = BTreeSet<&'a Option<Arc<str>>>;
    let mut of_all: BTreeMap<Arc<str>, (Tasks<'_>, Tenants<'_>)> = BTreeMap::new();
    let mut of_tenant: BTreeMap<(&Option<Arc<str>>, Arc<str>), Tasks<'_>> = BTreeMap::new();
    for (finding, causes) in failures {
        let Some(task) = finding.task.as_ref().and_then(|task| task.id.as_deref()) else {
            continue;
        };
        for cause in causes {
            let tenant = &finding.tenant.id;
            let all = of_all.entry(Arc::clone(cause)).or_default();
            all.0.insert(task);
            all.1.insert(tenant);
            let own = of_tenant.entry((tenant, Arc::clone(cause)));
            own.or_default().insert(task);
        }
    }
    let is_storm = |failed: usize, total: u64| {
        let share = u64::from(assessment.policy.storm_share);
        let failed_share = u64::try_from(failed)
            .unwrap_or(u64::MAX)
            .saturating_mul(100);
        failed >= least(assessment) && failed_share > total.saturating_mul(share)
    };
    let mut storms = BTreeMap::new();
    for (cause, (tasks, tenants)) in of_all {
        if tenants.len() > 1 && is_storm(tasks.len(), assessment.counts.active_tasks) {
            storms.insert((None, cause), tasks.len());
        }
    }
    for ((tenant, cause), tasks) in of_tenant {
        let total = assessment
            .active_tasks
            .get(tenant)
            .copied()
            .unwrap_or_default();
        if is_storm(tasks.len(), u64::from(total)) {
            storms.insert((Some(tenant.clone()), cause), tasks.len());
        }
    }
    storms
}

/// The storm that a finding is part of: one of all tenants before one of its own, and the largest.
fn choose(finding: &Finding, causes: &Causes, storms: &Storms) -> Option<(Level, Arc<str>)> {
    let levels = [None, Some(finding.tenant.id.clone())];
    levels.into_iter().find_map(|level| {
        let own = causes.iter().filter_map(|cause| {
            let storm = (level.clone(), Arc::clone(cause));
            Some((*storms.get(&storm)?, std::cmp::Reverse(storm)))
        });
        own.max().map(|(_, std::cmp::Reverse(storm))| storm)
    })
}

fn tasks_of(members: &[Finding]) -> BTreeSet<&Arc<str>> {
    let failures = members.iter().filter(|finding| is_failure(finding));
    failures
        .filter_map(|finding| finding.task.as_ref()?.id.as_ref())
        .collect()
}

fn parent(
    assessment: &Assessment<'_>,
    level: &Level,
    cause: Arc<str>,
    mut members: Vec<Finding>,
    tasks: usize,
) -> Finding {
    sort(&mut members);
    let severity = members.iter().map(|member| member.severity).max();
    let (owner, total, source) = match (level, members.first()) {
        (Some(id), Some(first)) => {
            let owner = Owner {
                tenant: first.tenant.clone(),
                orphan: None,
            };
            let total = assessment.active_tasks.get(id).copied().unwrap_or_default();
            (owner, u64::from(total), None)
        }
        _ => {
            let tenant = TenantRef {
                id: None,
                name: "all tenants".into(),
            };
            let owner = Owner {
                tenant,
                orphan: None,
            };
            // Which tells it from one of what is unassigned.
            let source = Some("all tenants".into());
            (owner, assessment.counts.active_tasks, source)
        }
    };
    let about = About {
        owner: &owner,
        task: None,
        source,
        // It makes the fingerprint, and is not shown as an entity.
        entity: Some(Arc::clone(&cause)),
        stated_tenant: None,
    };
    let mut finding = assessment.finding(Kind::Storm, severity.unwrap_or(Severity::Warning), about);
    finding.source = None;
    finding.entity = None;
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let tasks = u64::try_from(tasks).unwrap_or(u64::MAX);
    finding.evidence.tasks = Some((count(tasks), count(total)));
    finding.evidence.cause = Some(cause);
    finding.last_success = members
        .iter()
        .filter_map(|member| member.last_success)
        .max();
    finding.last_attempt = members
        .iter()
        .filter_map(|member| member.last_attempt)
        .max();
    finding.members = members;
    finding
}

/// Why the sub-sources of a finding failed: the link to an explanation, else the error text without
/// what differs from entity to entity.
fn causes(finding: &Finding, texts: &mut Interner<str>) -> Causes {
    let causes = finding.failures.iter().filter_map(|failure| {
        if let Some(link) = failure.link.as_ref().filter(|link| !is_blank(Some(link))) {
            return Some(texts.intern(link.trim()));
        }
        let error = failure.error.as_deref()?;
        let masked = masked(error, finding.entity.as_deref());
        (!masked.is_empty()).then(|| texts.intern(&masked))
    });
    let mut causes: Causes = causes.collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

/// An error text in lower case, in which words with a digit or an `@`, and the name of the entity,
/// are `#`.
pub(super) fn masked(error: &str, entity: Option<&str>) -> String {
    let mut text = error.to_lowercase();
    let entity = entity.map(normalized).filter(|entity| entity.len() > 2);
    if let Some(entity) = entity {
        text = text.replace(&*entity, "#");
    }
    let is_id = |word: &str| word.contains(|c: char| c.is_numeric() || c == '@' || c == '#');
    let words = text.split_whitespace();
    let words = words.map(|word| if is_id(word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_numbers_and_the_entity_are_masked() {
        for (error, expected) in [
            (
                "Token 17 of ann@acme.com was revoked",
                "token # of # was revoked",
            ),
            (
                "  Mailbox\tnot found: 6f1f4bb0-7d4c ",
                "mailbox not found: #",
            ),
            ("No license for site one.", "no license for #"),
            (
                "Verbindung ABGEBROCHEN – 接続エラー",
                "verbindung abgebrochen – 接続エラー",
            ),
            (" ", ""),
        ] {
            assert_eq!(masked(error, Some("Site One")), expected);
        }
    }
}
