//! What coverage says.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::health::{
    Account, AccountKind, Finding, Protection, Severity, Version, rfc3339, stored,
};

/// What becomes of an account of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CoverageStatus {
    /// It needs a backup, and nothing proves one that is not overdue.
    Unprotected,
    /// It was not found, and not all entries were read.
    Unknown,
    /// It is disabled and has a licence.
    PaidLeaver,
    /// It needs a backup and has none, which the policy excludes for a while.
    Excluded,
    /// It needs no backup and has none: it is a guest, is disabled, or has no licence.
    NotRequired,
    /// It is backed up.
    Protected,
}

impl CoverageStatus {
    /// Returns the name, as it is in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unprotected => "unprotected",
            Self::Unknown => "unknown",
            Self::PaidLeaver => "paidLeaver",
            Self::Excluded => "excluded",
            Self::NotRequired => "notRequired",
            Self::Protected => "protected",
        }
    }
}

impl fmt::Display for CoverageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An account of the directory, and what protects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CoverageRow {
    /// What becomes of it.
    pub status: CoverageStatus,
    /// The address, as the directory has it.
    pub address: Box<str>,
    /// The lines of the file, several if the address is on several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u64>,
    /// The kind of account.
    pub kind: AccountKind,
    /// Whether it can sign in, if the directory says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether it has a licence, if the directory says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licensed: Option<bool>,
    /// Why it has this status, one sentence; none if it is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// What is done for it, the best proof first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protections: Vec<Protection>,
}

/// An entity that is backed up, and that the directory does not list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UnlistedEntity {
    /// The name, as the service has it.
    pub entity: Arc<str>,
    /// What is done for it, the best proof first.
    pub protections: Vec<Protection>,
}

/// How many accounts there are of what. `Display` is one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CoverageCounts {
    /// Accounts of the directory, each address once. The six that follow add up to it.
    pub accounts: u64,
    /// Accounts that are backed up.
    pub protected: u64,
    /// Accounts that need a backup and have none.
    pub unprotected: u64,
    /// Accounts that are disabled and have a licence.
    pub paid_leavers: u64,
    /// Accounts that need no backup and have none.
    pub not_required: u64,
    /// Accounts that the policy excludes.
    pub excluded: u64,
    /// Accounts of which it is not known.
    pub unknown: u64,
    /// Shared mailboxes among the accounts, whatever their status.
    pub shared: u64,
    /// Mailboxes of rooms and equipment among the accounts, whatever their status.
    pub resources: u64,
    /// Guests among the accounts, whatever their status.
    pub guests: u64,
}

impl fmt::Display for CoverageCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} accounts: ", self.accounts)?;
        write!(f, "{} protected, ", self.protected)?;
        write!(f, "{} unprotected, ", self.unprotected)?;
        write!(f, "{} paid leavers, ", self.paid_leavers)?;
        write!(f, "{} not required, ", self.not_required)?;
        write!(f, "{} excluded, ", self.excluded)?;
        write!(f, "{} unknown", self.unknown)
    }
}

/// Whether everybody is backed up.
///
/// It is sorted and counted, so that a face only shows it, and it is written as JSON with a
/// `version`. It holds addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CoverageReport {
    pub(super) version: Version,
    /// The account of the snapshot.
    pub account: Account,
    /// The tenant whose directory it is, if it is one tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// When the snapshot was read.
    #[serde(with = "rfc3339")]
    pub read_at: Timestamp,
    /// The time for which it was judged.
    #[serde(with = "rfc3339")]
    pub now: Timestamp,
    /// The worst of everything. It is at least [`Severity::Unknown`] if a list is not complete or no
    /// account needs a backup.
    pub verdict: Severity,
    /// How many accounts there are of what.
    pub counts: CoverageCounts,
    /// The accounts by status, the worst first, and by address.
    pub rows: Vec<CoverageRow>,
    /// What is wrong or worth knowing, the worst first.
    pub findings: Vec<Finding>,
    /// What the policy excludes.
    pub excluded: Vec<Finding>,
    /// Entities that are backed up, whose domain is in the directory, and that it does not list:
    /// people who left, or mailboxes that the export leaves out.
    pub unlisted: Vec<UnlistedEntity>,
    /// What there is to say about the comparison itself, one sentence each.
    pub notices: Vec<Box<str>>,
}

impl CoverageReport {
    /// Writes the report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a report that was stored as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is cut off, of another
    /// version, or no such report.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        stored(json, "coverage report", "compare the directory again")
    }
}
