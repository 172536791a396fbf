//! What is remembered from report to report.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::date::rfc3339;
use super::finding::{Finding, TaskRef, TenantRef};
use super::fingerprint::Fingerprint;
use super::kind::{Kind, Severity};
use super::snapshot::{Account, Scope, Snapshot, stored};
use super::version::Version;
use crate::error::{Error, ErrorKind};

/// How many days of sizes are kept of a task.
pub(super) const DAYS: usize = 8;

/// What is remembered between two reports: which tasks and entities there are, how often they
/// failed in a row, and which findings are open.
///
/// Keep it as JSON between two runs of a program. It makes the difference between a first failed
/// run and a third, and finds what is no longer there. It fits one account only.
///
/// A ledger holds names and mailbox addresses: keep it where only the program can read it.
/// [`pseudonymized`](Self::pseudonymized) replaces them, so that it can be given to others.
///
/// # Examples
///
/// ```
/// # fn run(snapshot: cloudally::health::Snapshot, stored: &str) -> Result<(), Box<dyn std::error::Error>> {
/// use cloudally::health::{Ledger, Policy, assess};
/// let ledger = Ledger::from_json(stored)?; // the first time: `Ledger::new(&snapshot)`
/// let report = assess(&snapshot, &Policy::default(), Some(&ledger), snapshot.read_at)?;
/// let (ledger, changes) = ledger.update(&snapshot, &report)?;
/// for finding in &changes.opened {
///     println!("new: {finding}");
/// }
/// std::fs::write("ledger.json", ledger.to_json())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ledger {
    pub(super) version: Version,
    /// The scope of the snapshots that it fits.
    pub scope: Scope,
    /// The account whose snapshots it fits.
    pub account: Account,
    /// When the last snapshot was read that it was updated from; none if there was no update yet.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub read_at: Option<Timestamp>,
    /// The tasks, sorted by id.
    #[serde(default)]
    pub(super) tasks: Vec<TaskMemory>,
    /// The entities, sorted by task, source and name.
    #[serde(default, deserialize_with = "sorted")]
    pub(super) entities: Vec<EntityMemory>,
    /// The findings that are not resolved, sorted by fingerprint.
    #[serde(default)]
    pub(super) open: Vec<OpenFinding>,
}

/// Entities in their order, which look-ups rely on and whoever edits a ledger may not keep.
fn sorted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<EntityMemory>, D::Error> {
    let mut entities = Vec::<EntityMemory>::deserialize(deserializer)?;
    entities.sort_by(|one, other| one.order().cmp(&other.order()));
    Ok(entities)
}

/// What is remembered of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskMemory {
    pub(super) id: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<Arc<str>>,
    #[serde(default)]
    pub(super) label: Arc<str>,
    #[serde(with = "rfc3339")]
    pub(super) first_seen: Timestamp,
    pub(super) active: bool,
    /// Since when it is inactive, if it was active before.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) inactive_since: Option<Timestamp>,
    /// Since when it is running.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) running_since: Option<Timestamp>,
    /// From how many complete snapshots in a row it was absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) missed: u32,
    /// The sizes of the last days, sorted by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) days: Vec<DaySize>,
}

/// The size of a task on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DaySize {
    #[serde(with = "day")]
    pub(super) day: Date,
    pub(super) size: i64,
    pub(super) entities: i64,
}

mod day {
    use jiff::civil::Date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Date, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What is remembered of a (task, source, entity).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntityMemory {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) task: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entity: Option<Arc<str>>,
    #[serde(with = "rfc3339")]
    pub(super) first_seen: Timestamp,
    pub(super) active: bool,
    /// The last attempt that was counted.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) last_attempt: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) failed_runs: u32,
    /// From how many complete snapshots in a row it was absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) missed: u32,
}

impl EntityMemory {
    /// What entities are sorted by.
    pub(super) fn order(&self) -> impl Ord + '_ {
        (&self.task, &self.tenant, &self.source, &self.entity)
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A finding that is not resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OpenFinding {
    /// The name of the problem from report to report.
    pub fingerprint: Fingerprint,
    /// Its kind when it was last found.
    pub kind: Kind,
    /// Its severity when it was last found.
    pub severity: Severity,
    /// Whose problem it is.
    pub tenant: TenantRef,
    /// The task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRef>,
    /// The source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// The entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Arc<str>>,
    /// The id of the tenant that it names, where that is no known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_tenant: Option<Arc<str>>,
    /// When it was opened.
    #[serde(with = "rfc3339")]
    pub since: Timestamp,
    /// The last success when it was last found.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_success: Option<Timestamp>,
    /// When somebody acknowledged it.
    #[serde(
        default,
        with = "rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub acknowledged: Option<Timestamp>,
    /// Whether the acknowledgement was reported as its resolution.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) closed: bool,
    /// The cause that the members of a storm have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Arc<str>>,
    /// The storm that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storm: Option<Fingerprint>,
}

/// What is new since the last report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Changes {
    /// Findings that were not open. Of a storm it is the parent alone.
    pub opened: Vec<Finding>,
    /// Findings that were open with another kind or severity.
    pub changed: Vec<Change>,
    /// Findings that ended with a success, an exclusion or an acknowledgement. What was
    /// acknowledged has its time in [`OpenFinding::acknowledged`], and may well go on.
    pub resolved: Vec<OpenFinding>,
}

/// A finding that became better or worse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// The kind before.
    pub kind_before: Kind,
    /// The severity before.
    pub severity_before: Severity,
    /// What it is now.
    pub finding: Finding,
}

impl Ledger {
    /// Creates a ledger that remembers nothing, for the account of a snapshot.
    #[must_use]
    pub fn new(snapshot: &Snapshot) -> Self {
        Self {
            version: Version,
            scope: snapshot.scope,
            account: snapshot.account.clone(),
            read_at: None,
            tasks: Vec::new(),
            entities: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Reads a ledger that was stored as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is cut off, of another version, or no ledger. Take an older
    /// copy, or start with [`Ledger::new`]: what is open is then reported as new.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let remedy = "take an older copy, or start a new ledger, which reports what is open as new";
        stored(json, "ledger", remedy)
    }

    /// Puts everything in its order, which look-ups rely on.
    pub(super) fn sort(&mut self) {
        self.tasks.sort_by(|one, other| one.id.cmp(&other.id));
        let entities = &mut self.entities;
        entities.sort_by(|one, other| one.order().cmp(&other.order()));
        self.open.sort_by_key(|one| one.fingerprint);
    }

    /// Writes the ledger as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the findings that are not resolved, sorted by fingerprint.
    #[must_use]
    pub fn open(&self) -> &[OpenFinding] {
        &self.open
    }

    /// Records that somebody has taken note of a finding.
    ///
    /// [`Kind::NewlyInactive`] and [`Kind::Vanished`] end with it. Anything else keeps its place and
    /// severity in the report, marked as acknowledged, because an acknowledgement is no backup; it
    /// counts as resolved in the next [`Changes`], and as new if it gets worse.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if no such finding is open.
    pub fn acknowledge(&mut self, fingerprint: Fingerprint, now: Timestamp) -> Result<(), Error> {
        let open = self.open.iter_mut();
        let found = open.into_iter().find(|one| one.fingerprint == fingerprint);
        let Some(found) = found else {
            let detail = format!(
                "no finding {fingerprint} is open in the ledger; take one of the last report, after the ledger was updated from it"
            );
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        };
        found.acknowledged = Some(now);
        Ok(())
    }

    /// Checks that the ledger is of the account of a snapshot.
    pub(super) fn check(&self, snapshot: &Snapshot) -> Result<(), Error> {
        let (own, other) = (&self.account, &snapshot.account);
        // Without the profile the id is not known, and the report is incomplete.
        let is_unknown = snapshot.lists.profile.is_incomplete() && other.partner_id.is_none();
        // It was begun when the id was not known, and remembers nothing yet.
        let is_unused = own.partner_id.is_none() && self.read_at.is_none();
        let is_same = own.base_url == other.base_url
            && (own.partner_id == other.partner_id || is_unknown || is_unused)
            && self.scope == snapshot.scope;
        if is_same {
            return Ok(());
        }
        let is_profile_read = snapshot.lists.profile.is_complete();
        if !is_profile_read && other.partner_id.is_none() && own.base_url == other.base_url {
            let detail = "whether the ledger is of this account is not known, because the profile of the partner is not available; let the account read it";
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        }
        let name = |account: &Account, scope: Scope| {
            let id = account.partner_id.as_deref().unwrap_or("without an id");
            format!("{scope:?} {id} at {}", account.base_url)
        };
        let detail = format!(
            "the ledger is of another account: it is of {}, and the snapshot of {}; keep one ledger per account",
            name(own, self.scope),
            name(other, snapshot.scope)
        );
        Err(Error::new(ErrorKind::InvalidInput, detail))
    }
}
