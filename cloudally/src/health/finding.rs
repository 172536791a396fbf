//! What is wrong, or worth knowing, about one thing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date::rfc3339;
use super::duration;
use super::fingerprint::Fingerprint;
use super::kind::{Kind, Severity};
use super::text::one_line;

/// Why something belongs to no known tenant. It is judged all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Orphan {
    /// The status entry names a task that is not in the list, or none.
    EntryWithoutTask,
    /// The status entry names a tenant that is not in the list.
    EntryWithoutTenant,
    /// The task names a tenant that is not in the list, or none.
    TaskWithoutTenant,
}

/// The tenant of a finding. What belongs to no known tenant is under one without an id, which is
/// called `unassigned`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TenantRef {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The text to show.
    pub name: Arc<str>,
}

/// The task of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TaskRef {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The text to show.
    pub label: Arc<str>,
}

/// A sub-source that failed or has an error text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Failure {
    /// The sub-source, such as `MAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_source: Option<Arc<str>>,
    /// Its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
    /// The error text of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Arc<str>>,
    /// The link to an explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Arc<str>>,
}

/// The inputs of the rule that made a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Evidence {
    /// The threshold that was passed.
    #[serde(with = "duration::option", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Duration>,
    /// The interval that it was made of.
    #[serde(with = "duration::option", skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// How many runs failed in a row, as far as the ledger knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_runs: Option<u32>,
    /// From which failed run in a row it is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_failed_runs: Option<u32>,
    /// When it turns critical, if nothing changes.
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub critical_at: Option<Timestamp>,
    /// The size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// The median of the sizes of earlier days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_size: Option<i64>,
    /// How many tasks fail for the cause, and of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<(u32, u32)>,
    /// The cause that the members of a storm have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Arc<str>>,
    /// What else there is to say, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Box<str>>,
}

/// Something that is wrong, or worth knowing.
///
/// `Display` is one line: what it is about, and what is wrong. [`explain`](Self::explain) says why.
/// Reports sort their findings by how bad they are; the order of the type itself is that of its
/// fields, which is only the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// The name of the problem from report to report.
    pub fingerprint: Fingerprint,
    /// What kind of problem it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// Whose problem it is.
    pub tenant: TenantRef,
    /// The task; none if the problem is of the tenant or of the whole report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRef>,
    /// The source, or for `incomplete` the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// The entity, such as a mailbox address; none if the problem is of the whole task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Arc<str>>,
    /// The sub-sources that failed or have an error text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// When it last worked, as far as the service says.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_success: Option<Timestamp>,
    /// When it was last attempted.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_attempt: Option<Timestamp>,
    /// Since when the problem is known: by the ledger, else since now.
    #[serde(with = "rfc3339")]
    pub since: Timestamp,
    /// The number of the rule that found it; see [`Kind`].
    pub rule: u8,
    /// The inputs of the rule.
    #[serde(default)]
    pub evidence: Evidence,
    /// Why it belongs to no known tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphan: Option<Orphan>,
    /// The id of the tenant that it names, where that is no known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_tenant: Option<Arc<str>>,
    /// When somebody acknowledged it, by the ledger. It counts in the verdict all the same.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub acknowledged: Option<Timestamp>,
    /// Why the policy excludes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Box<str>>,
    /// The findings that a storm stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Finding>,
}

impl Finding {
    /// A finding about a tenant without evidence, which is known since `at`.
    pub(crate) fn new(
        kind: Kind,
        severity: Severity,
        fingerprint: Fingerprint,
        tenant: TenantRef,
        at: Timestamp,
    ) -> Self {
        Self {
            fingerprint,
            kind,
            severity,
            tenant,
            task: None,
            source: None,
            entity: None,
            failures: Vec::new(),
            last_success: None,
            last_attempt: None,
            since: at,
            rule: kind.rule(),
            evidence: Evidence::default(),
            orphan: None,
            stated_tenant: None,
            acknowledged: None,
            excluded: None,
            members: Vec::new(),
        }
    }

    /// Returns a text to show for what the finding is about: tenant, task, source and entity, as
    /// far as it has them.
    #[must_use]
    pub fn subject(&self) -> String {
        let task = self.task.as_ref().map(|task| match &task.id {
            Some(id) if task.label.trim().is_empty() => &**id,
            _ => &*task.label,
        });
        let parts = [
            Some(&*self.tenant.name),
            task,
            self.source.as_deref(),
            self.entity.as_deref(),
        ];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(one_line).collect();
        parts.join(" / ")
    }

    /// Returns why the finding was made, in one text to show: the first error text of the service,
    /// else the cause of a storm, else the first reason of the rule.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let error = self.failures.iter().find_map(|it| it.error.as_deref());
        let cause = error.or(self.evidence.cause.as_deref());
        cause.or_else(|| self.evidence.reasons.first().map(|it| &**it))
    }

    /// What findings are sorted by: the worst first, then by what they are about.
    pub(super) fn order(&self) -> impl Ord + '_ {
        (
            std::cmp::Reverse(self.severity),
            &*self.tenant.name,
            self.tenant.id.as_deref(),
            &self.task,
            &self.source,
            &self.entity,
            self.kind,
            self.fingerprint,
        )
    }
}

/// Sorts findings, the worst first. They are large, so it is their places that are sorted.
pub(crate) fn sort(findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by(|&one, &other| findings[one].order().cmp(&findings[other].order()));
    for start in 0..findings.len() {
        let mut place = start;
        while order[place] != start {
            let from = order[place];
            findings.swap(place, from);
            order[place] = place;
            place = from;
        }
        order[place] = place;
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.severity, self.subject(), self.kind)
    }
}
