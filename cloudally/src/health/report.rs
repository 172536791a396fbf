//! What an assessment says.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date::rfc3339;
use super::finding::Finding;
use super::fingerprint::Fingerprint;
use super::kind::Severity;
use super::snapshot::{Account, Scope};
use super::version::Version;
use crate::error::Error;

/// Whether the backups worked.
///
/// It holds all that a face needs to show it: what is sorted is sorted, what is counted is counted.
/// It is written as JSON with a `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    pub(super) version: Version,
    /// The scope of the snapshot.
    pub scope: Scope,
    /// The account of the snapshot.
    pub account: Account,
    /// When the snapshot was read.
    #[serde(with = "rfc3339")]
    pub read_at: Timestamp,
    /// The time for which it was assessed.
    #[serde(with = "rfc3339")]
    pub now: Timestamp,
    /// The worst of everything. It is at least [`Severity::Unknown`] if a list is incomplete.
    pub verdict: Severity,
    /// Whether all lists were read that the account may read, and there are tasks, or the policy
    /// allows that there are none. A ledger is updated from a complete report only.
    pub complete: bool,
    /// How much there is of what.
    pub counts: Counts,
    /// The verdict on each tenant, the worst first.
    pub tenants: Vec<TenantHealth>,
    /// What is wrong or worth knowing, the worst first. In a healthy, complete and fresh fleet there
    /// is nothing.
    pub findings: Vec<Finding>,
    /// Findings that are not problems: [`Kind::Inactive`](super::Kind::Inactive) and
    /// [`Kind::Pending`](super::Kind::Pending).
    pub informational: Vec<Finding>,
    /// What the policy excludes. It changes no verdict.
    pub excluded: Vec<Finding>,
    /// What there is to say about the assessment itself, one sentence each.
    pub notices: Vec<Box<str>>,
    /// Words without a known meaning beside good dates, each with its count. They make the verdict
    /// at least [`Severity::Notice`], until the policy says what they mean.
    pub unknown_words: Vec<UnknownWord>,
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Counts {
    /// Tenants of the list.
    pub tenants: u64,
    /// Tasks that are backed up, those that only entries name included.
    pub active_tasks: u64,
    /// Tasks that are archived or paused.
    pub inactive_tasks: u64,
    /// Entities of active tasks.
    pub entities: u64,
    /// Status entries, several of one entity and those of inactive tasks included.
    pub entries: u64,
    /// Findings that are critical. Members of a storm are not counted, but their storm.
    pub critical: u64,
    /// Findings that are unknown.
    pub unknown: u64,
    /// Findings that are warnings.
    pub warning: u64,
    /// Findings that are notices.
    pub notice: u64,
    /// Findings that the policy excludes.
    pub excluded: u64,
}

/// The verdict on one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TenantHealth {
    /// The id; none for what belongs to no known tenant.
    pub id: Option<Arc<str>>,
    /// The text to show.
    pub name: Arc<str>,
    /// The worst of the tenant.
    pub verdict: Severity,
    /// How many findings it has, members of storms included.
    pub findings: u64,
}

/// A word without a known meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UnknownWord {
    /// The word, `(none)` where it was missing.
    pub word: Box<str>,
    /// How many sub-sources have it.
    pub count: u64,
}

impl Report {
    /// Writes the report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a report that was stored as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is cut off, of another
    /// version, or no report.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        super::snapshot::stored(json, "report", "assess the snapshot again")
    }

    /// Returns the finding with a fingerprint, members of storms and what is excluded included.
    #[must_use]
    pub fn finding(&self, fingerprint: Fingerprint) -> Option<&Finding> {
        self.all().find(|one| one.fingerprint == fingerprint)
    }

    /// All findings, members of storms and what is excluded included.
    pub(super) fn all(&self) -> impl Iterator<Item = &Finding> {
        let lists = [&self.findings, &self.informational, &self.excluded];
        let all = lists.into_iter().flatten();
        all.flat_map(|one| std::iter::once(one).chain(&one.members))
    }
}
