//! Many tasks that fail for one cause are one finding.

use std::cmp::Reverse;
use std::sync::Arc;

use super::assessment::{About, Assessment};
use super::finding::{Finding, TenantRef, sort};
use super::index::{Name, Owner};
use super::kind::{Class, Kind, Severity};
use super::text::{FixedMap, FixedSet, is_blank, normalized};

/// A tenant; `None` is all of them.
type Level = Option<Option<Arc<str>>>;

/// Where a cause is in the list of all.
type CauseId = u32;

/// The causes of all failures, each once.
#[derive(Debug, Default)]
struct Causes {
    texts: Vec<Arc<str>>,
    ids: FixedMap<Arc<str>, CauseId>,
}

/// A cause that many tasks of a level have in common.
#[derive(Debug)]
struct Storm {
    level: Level,
    cause: Arc<str>,
    /// How many tasks fail for it.
    tasks: usize,
    members: Vec<Finding>,
}

/// The storms, by level and cause.
type Places = FixedMap<(Level, CauseId), usize>;

/// Whether the failures of a finding are those of a run.
fn is_failure(finding: &Finding) -> bool {
    matches!(finding.kind, Kind::Failed | Kind::Partial)
}

/// Puts the findings that are part of a storm below one that stands for all of them.
pub(super) fn gather(assessment: &Assessment<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut causes = Causes::default();
    let failures = findings.iter().filter(|finding| is_failure(finding));
    let failures: Vec<_> = failures
        .map(|finding| (finding, causes.of(finding)))
        .collect();
    let (mut storms, places) = find(assessment, &failures, &causes.texts);
    let mut chosen: FixedMap<u64, usize> = FixedMap::default();
    for (finding, causes) in &failures {
        if let Some(storm) = choose(finding, causes, &storms, &places) {
            chosen.insert(Name::of_finding(finding).key(), storm);
        }
    }
    drop(failures);
    // That the last success is old is of the same cause.
    let is_member = |finding: &Finding| {
        matches!(
            finding.kind.class(),
            Class::Outcome | Class::Freshness | Class::NeverRan
        )
    };
    let storm_of = |finding: &Finding| chosen.get(&Name::of_finding(finding).key()).copied();
    let members = findings.extract_if(.., |one| is_member(one) && storm_of(one).is_some());
    for member in members {
        if let Some(storm) = storm_of(&member).and_then(|place| storms.get_mut(place)) {
            storm.members.push(member);
        }
    }
    for storm in storms {
        // Some may have gone to another storm.
        if count_tasks(&storm.members) < least(assessment) {
            findings.extend(storm.members);
        } else {
            findings.push(parent(assessment, storm));
        }
    }
    findings
}

fn least(assessment: &Assessment<'_>) -> usize {
    usize::try_from(assessment.policy.storm_tasks).unwrap_or(usize::MAX)
}

/// The storms, without members yet.
fn find(
    assessment: &Assessment<'_>,
    failures: &[(&Finding, Vec<CauseId>)],
    texts: &[Arc<str>],
) -> (Vec<Storm>, Places) {
    type Tasks<'a> = FixedSet<&'a str>;
    let mut of_all: FixedMap<CauseId, (Tasks<'_>, FixedSet<Option<&str>>)> = FixedMap::default();
    let mut of_tenant: FixedMap<(Option<&Arc<str>>, CauseId), Tasks<'_>> = FixedMap::default();
    for (finding, causes) in failures {
        let Some(task) = finding.task.as_ref().and_then(|task| task.id.as_deref()) else {
            continue;
        };
        let tenant = finding.tenant.id.as_ref();
        for &cause in causes {
            let all = of_all.entry(cause).or_default();
            all.0.insert(task);
            all.1.insert(tenant.map(|id| &**id));
            of_tenant.entry((tenant, cause)).or_default().insert(task);
        }
    }
    let is_storm = |failed: usize, total: u64| {
        let share = u64::from(assessment.policy.storm_share);
        let failed_share = u64::try_from(failed)
            .unwrap_or(u64::MAX)
            .saturating_mul(100);
        failed >= least(assessment) && failed_share > total.saturating_mul(share)
    };
    let (mut storms, mut places) = (Vec::new(), Places::default());
    let mut add = |level: Level, cause: CauseId, tasks: usize| {
        let text = usize::try_from(cause).ok().and_then(|at| texts.get(at));
        places.insert((level.clone(), cause), storms.len());
        storms.push(Storm {
            level,
            cause: text.map(Arc::clone).unwrap_or_default(),
            tasks,
            members: Vec::new(),
        });
    };
    for (cause, (tasks, tenants)) in of_all {
        if tenants.len() > 1 && is_storm(tasks.len(), assessment.counts.active_tasks) {
            add(None, cause, tasks.len());
        }
    }
    for ((tenant, cause), tasks) in of_tenant {
        let tenant = tenant.cloned();
        let total = assessment.active_tasks.get(&tenant);
        if is_storm(tasks.len(), total.copied().map_or(0, u64::from)) {
            add(Some(tenant), cause, tasks.len());
        }
    }
    (storms, places)
}

/// The storm that a finding is part of: one of all tenants before one of its own, and the largest.
fn choose(
    finding: &Finding,
    causes: &[CauseId],
    storms: &[Storm],
    places: &Places,
) -> Option<usize> {
    let levels = [None, Some(finding.tenant.id.clone())];
    levels.into_iter().find_map(|level| {
        let own = causes.iter().filter_map(|&cause| {
            let place = *places.get(&(level.clone(), cause))?;
            let storm = storms.get(place)?;
            Some((storm.tasks, Reverse(&storm.cause), place))
        });
        own.max().map(|(_, _, place)| place)
    })
}

fn count_tasks(members: &[Finding]) -> usize {
    let failures = members.iter().filter(|finding| is_failure(finding));
    let tasks = failures.filter_map(|finding| finding.task.as_ref()?.id.as_deref());
    tasks.collect::<FixedSet<_>>().len()
}

/// The finding that stands for the members of a storm.
fn parent(assessment: &Assessment<'_>, storm: Storm) -> Finding {
    let tasks = count_tasks(&storm.members);
    let Storm {
        level,
        cause,
        mut members,
        ..
    } = storm;
    sort(&mut members);
    let severity = members.iter().map(|member| member.severity).max();
    let (owner, total, source) = match (level, members.first()) {
        (Some(id), Some(first)) => {
            let owner = Owner {
                tenant: first.tenant.clone(),
                orphan: None,
            };
            let total = assessment
                .active_tasks
                .get(&id)
                .copied()
                .unwrap_or_default();
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

impl Causes {
    /// Why the sub-sources of a finding failed: the link to an explanation, else the error text
    /// without what differs from entity to entity.
    fn of(&mut self, finding: &Finding) -> Vec<CauseId> {
        let entity = finding.entity.as_deref();
        let causes = finding.failures.iter().filter_map(|failure| {
            if let Some(link) = failure.link.as_ref().filter(|link| !is_blank(Some(link))) {
                return Some(self.id(&normalized(link)));
            }
            let masked = masked(failure.error.as_deref()?, entity);
            (!masked.is_empty()).then(|| self.id(&masked))
        });
        let mut causes: Vec<_> = causes.collect();
        causes.sort_unstable();
        causes.dedup();
        causes
    }

    fn id(&mut self, text: &str) -> CauseId {
        if let Some(&known) = self.ids.get(text) {
            return known;
        }
        let id = CauseId::try_from(self.texts.len()).unwrap_or(CauseId::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }
}

/// An error text in lower case, in which words with a digit or an `@`, and the name of the entity,
/// are `#`.
pub(super) fn masked(error: &str, entity: Option<&str>) -> String {
    let is_id = |word: &str| word.contains(|c: char| c.is_numeric() || c == '@' || c == '#');
    let mut text = error.to_lowercase();
    let entity = entity.map(normalized).filter(|entity| entity.len() > 2);
    // The word that an address is part of is masked anyway.
    let is_word = |entity: &str| is_id(entity) && !entity.contains(char::is_whitespace);
    if let Some(entity) = entity.filter(|entity| !is_word(entity)) {
        text = text.replace(&*entity, "#");
    }
    let mut masked = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !masked.is_empty() {
            masked.push(' ');
        }
        masked.push_str(if is_id(word) { "#" } else { word });
    }
    masked
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
