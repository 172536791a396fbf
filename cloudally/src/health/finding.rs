//! What is wrong, or worth to know, about one thing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date::rfc3339;
use super::duration;
use super::fingerprint::Fingerprint;
use super::text::one_line;

/// How bad a finding is, and the verdict on a tenant or on everything. The worst is the greatest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Severity {
    /// Nothing is wrong.
    #[default]
    Ok,
    /// Something is worth to know.
    Notice,
    /// Something is wrong, and can wait until the morning.
    Warning,
    /// Something was not read, so the rest may be better than it is.
    Unknown,
    /// There is no fresh backup.
    Critical,
}

impl Severity {
    /// Returns the name, as it is in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a fingerprint keeps of a kind, so that a problem that gets worse stays the same problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Class {
    /// It never worked.
    NeverRan,
    /// What the last run came to.
    Outcome,
    /// How old the last success is.
    Freshness,
    /// Whether it is still backed up at all.
    Activity,
    /// What cannot be read.
    Data,
    /// How large it is.
    Size,
    /// What there is no backup of, or no proof of one.
    Coverage,
    /// Many tasks that fail for one cause.
    Storm,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NeverRan => "never ran",
            Self::Outcome => "outcome",
            Self::Freshness => "freshness",
            Self::Activity => "activity",
            Self::Data => "data",
            Self::Size => "size",
            Self::Coverage => "coverage",
            Self::Storm => "storm",
        }
    }
}

/// Defines the kinds, with their rule and class.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $text:literal, $rule:literal, $class:ident;)*) => {
        /// The kind of a finding. The number is that of its rule.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Returns the name, as it is in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the number of the rule.
            #[must_use]
            pub fn rule(self) -> u8 {
                match self { $(Self::$name => $rule,)* }
            }

            /// Returns the class, which the fingerprint is made of.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)* }
            }
        }
    };
}

kinds! {
    /// 0: a list is incomplete, or there are no tasks and the policy does not allow that. Unknown.
    Incomplete, "incomplete", 0, Coverage;
    /// 1: the task is archived or paused. Ok.
    Inactive, "inactive", 1, Activity;
    /// 1: the task is archived or paused, and the ledger knew it active. A warning for 7 days, or
    /// until it is acknowledged.
    NewlyInactive, "newlyInactive", 1, Activity;
    /// 2: it never worked, no attempt failed, and it is young. Ok.
    Pending, "pending", 2, NeverRan;
    /// 3: it never worked, and is old or was tried and failed. Critical.
    NeverSucceeded, "neverSucceeded", 3, NeverRan;
    /// 4: all sub-sources of the last run failed. A warning while the last success is fresh;
    /// critical when it isn't, or from the third run in a row.
    Failed, "failed", 4, Outcome;
    /// 4: some sub-sources of the last run failed, or it worked with an error text. As `Failed`.
    Partial, "partial", 4, Outcome;
    /// 5: the last success is old. A warning.
    Stale, "stale", 5, Freshness;
    /// 5: the last success is very old. Critical.
    Overdue, "overdue", 5, Freshness;
    /// 6: it was attempted after the last success, and nothing says that it failed. A warning.
    Unexplained, "unexplained", 6, Outcome;
    /// 7: it was not attempted while others of its task were. A warning.
    Skipped, "skipped", 7, Activity;
    /// 7: the same for 30 days, as with the mailbox of a leaver. A notice.
    Dormant, "dormant", 7, Activity;
    /// 8: a date that cannot be read or is ahead of now, or an unknown word that matters. A warning.
    BadData, "badData", 8, Data;
    /// 9: the size fell while the number of entities held. A notice, or a warning. What the size
    /// means is a guess.
    SizeDrop, "sizeDrop", 9, Size;
    /// 10: the task has no status entry, and no date of a last backup. A warning.
    Unproven, "unproven", 10, Coverage;
    /// 11: an active tenant without a task. A warning.
    NoTasks, "noTasks", 11, Coverage;
    /// 12: the ledger knew it active, and it is absent from two complete snapshots. A warning until
    /// it is acknowledged.
    Vanished, "vanished", 12, Coverage;
    /// 4, of many tasks: more than half of them, and at least five, fail for one cause. As its
    /// worst member.
    Storm, "storm", 4, Storm;
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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

/// What a rule looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Something that is wrong, or worth to know.
///
/// `Display` is one line: what it is about, and what is wrong. [`explain`](Self::explain) says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What the rule looked at.
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
    /// Returns a text to show for what the finding is about: tenant, task, source and entity, as
    /// far as it has them.
    #[must_use]
    pub fn subject(&self) -> String {
        let task = self.task.as_ref().map(|task| &*task.label);
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
pub(super) fn sort(findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by(|&one, &other| findings[one].order().cmp(&findings[other].order()));
    for place in 0..findings.len() {
        let mut from = order[place];
        // Where it was moved to by then.
        while from < place {
            from = order[from];
        }
        findings.swap(place, from);
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.severity, self.subject(), self.kind)
    }
}
