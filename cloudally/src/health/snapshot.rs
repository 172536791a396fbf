//! What was read, in rows that are small enough to keep all of them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date::{WireDate, rfc3339};
use super::text::Interner;
use super::version::Version;
use crate::error::{Error, ErrorKind};
use crate::types::SmallMap;

/// Which lists a snapshot is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Scope {
    /// The users, tasks and backup statuses of a partner (v1), and the backup tasks that they join.
    Partner,
    /// The accounts, backup tasks and backup statuses of a reseller (v2), and the backup tasks that
    /// they join.
    Reseller,
    /// The backup tasks of the account that is signed in. They have no status entries: what the
    /// backup task itself says is its last run.
    OwnBackupTasks,
}

/// Whose lists a snapshot is made of. A ledger fits the snapshots of one account only.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Account {
    /// The base URL of the client.
    pub base_url: Arc<str>,
    /// The id of the partner or reseller, if the profile has one and could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<Arc<str>>,
}

/// How much of a list was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ListState {
    /// The scope does not have the list.
    #[default]
    NotRead,
    /// All of it was read.
    Complete,
    /// The account may not read it: 403 or 404.
    NotAvailable,
    /// Reading it failed. The rows that were received before are kept.
    Incomplete {
        /// What happened.
        reason: Box<str>,
    },
}

impl ListState {
    /// Returns whether all of the list was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }

    /// Leaves out what happened, which may name something.
    pub(super) fn forget_reason(&mut self) {
        if let Self::Incomplete { reason } = self {
            *reason = "left out".into();
        }
    }

    /// Returns whether reading the list failed.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Incomplete { .. })
    }
}

/// The states of the lists of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Lists {
    /// The profile, from which the id of the partner is.
    pub profile: ListState,
    /// The tenants: users of a partner, accounts of a reseller.
    pub tenants: ListState,
    /// The tasks.
    pub tasks: ListState,
    /// The backup statuses.
    pub statuses: ListState,
    /// The backup tasks that the tasks join, for their schedule and whether they are paused.
    pub backup_tasks: ListState,
}

impl Lists {
    /// Iterates over the lists with their names, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &ListState)> {
        [
            ("profile", &self.profile),
            ("tenants", &self.tenants),
            ("tasks", &self.tasks),
            ("statuses", &self.statuses),
            ("backupTasks", &self.backup_tasks),
        ]
        .into_iter()
    }

    /// Returns whether reading no list failed.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        !self.iter().any(|(_, state)| state.is_incomplete())
    }
}

/// A tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TenantRow {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The text to show: see [`User::label`](crate::types::User::label).
    pub name: Arc<str>,
    /// The status, such as `ACTIVE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TaskRow {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The id of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// The text to show: see [`Task::label`](crate::types::Task::label).
    pub label: Arc<str>,
    /// What is backed up, such as `GMAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// The status, such as `ACTIVE` or `ARCHIVED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
    /// The id of the backup task that it joins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_task: Option<Arc<str>>,
    /// How often it runs, if the task itself says so: only the account's own backup tasks do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Arc<str>>,
    /// When it was created.
    #[serde(skip_serializing_if = "WireDate::is_missing")]
    pub created: WireDate,
    /// The last backup of each source.
    #[serde(skip_serializing_if = "LastBackups::is_empty")]
    pub last_backups: LastBackups,
    /// The size. Its unit is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// The number of entities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entities: Option<i64>,
    /// Whether the service reports the progress of a run that is not cancelled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
}

/// The last backup of each source of a task, sorted by source.
pub type LastBackups = SmallMap<Arc<str>, WireDate>;

/// One backup status: what the last runs of one entity came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct EntryRow {
    /// The id of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// The id of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Arc<str>>,
    /// What is backed up, such as `GMAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// The name of the entity, which often is a mailbox address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Arc<str>>,
    /// `lastBackupDate`, taken for the last run that worked. That is inferred.
    #[serde(skip_serializing_if = "WireDate::is_missing")]
    pub last_success: WireDate,
    /// `lastBackupAttemptDate`.
    #[serde(skip_serializing_if = "WireDate::is_missing")]
    pub last_attempt: WireDate,
    /// What the last attempt came to, by sub-source.
    #[serde(skip_serializing_if = "is_empty")]
    pub sub_sources: Arc<[SubSourceRow]>,
}

fn is_empty(sub_sources: &Arc<[SubSourceRow]>) -> bool {
    sub_sources.is_empty()
}

/// What the last attempt came to for one sub-source.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct SubSourceRow {
    /// The name, such as `MAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// The status, such as `FAILED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
    /// The error text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Arc<str>>,
    /// The link to an explanation (`errFAQLink`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Arc<str>>,
}

/// A backup task that tasks can join.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct BackupTaskRow {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The status, such as `success` or `paused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
    /// How often it runs: `daily`, `every_3_hours` or `manual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Arc<str>>,
}

/// Everything that an assessment looks at, as it was read at one time.
///
/// [`Snapshot::read`] makes one; or read a stored one with [`from_json`](Self::from_json). It has
/// rows of its own, which hold only what the rules use. The stored form is JSON with a `version`.
///
/// A snapshot holds names and mailbox addresses. [`pseudonymized`](Self::pseudonymized) replaces
/// them, so that it can be given to others.
///
/// # Examples
///
/// ```
/// use cloudally::health::{Policy, Scope, Severity, Snapshot, assess};
/// let now = "2026-03-31T06:00:00Z".parse()?;
/// let snapshot = Snapshot::new(Scope::Partner, "https://api.cloudally.com", now);
/// let report = assess(&snapshot, &Policy::default(), None, now)?;
/// assert_eq!(report.verdict, Severity::Unknown, "nothing was read");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Snapshot {
    version: Version,
    /// Which lists it is made of.
    pub scope: Scope,
    /// Whose lists they are.
    pub account: Account,
    /// When reading ended, by the client's clock.
    #[serde(with = "rfc3339")]
    pub read_at: Timestamp,
    /// Which lists are complete.
    pub lists: Lists,
    /// The tenants.
    #[serde(default)]
    pub tenants: Vec<TenantRow>,
    /// The tasks, archived ones included.
    #[serde(default)]
    pub tasks: Vec<TaskRow>,
    /// The backup statuses.
    #[serde(default)]
    pub entries: Vec<EntryRow>,
    /// The backup tasks that the tasks join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup_tasks: Vec<BackupTaskRow>,
}

impl Snapshot {
    /// Creates a snapshot without rows, in which no list was read.
    #[must_use]
    pub fn new(scope: Scope, base_url: &str, read_at: Timestamp) -> Self {
        Self {
            version: Version,
            scope,
            account: Account {
                base_url: base_url.into(),
                partner_id: None,
            },
            read_at,
            lists: Lists::default(),
            tenants: Vec::new(),
            tasks: Vec::new(),
            entries: Vec::new(),
            backup_tasks: Vec::new(),
        }
    }

    /// Writes the snapshot as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a snapshot that was stored as JSON. Rows that have a text in common share it, so that
    /// it takes as much memory as one that was just read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is cut off, of another version, or no snapshot.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let mut snapshot: Self = stored(json, "snapshot", "read it again from the service")?;
        snapshot.share_texts();
        Ok(snapshot)
    }

    /// Whether all entries were read. The account's own backup tasks are their own entries.
    pub(crate) fn has_entries(&self) -> bool {
        match self.scope {
            Scope::OwnBackupTasks => self.lists.tasks.is_complete(),
            _ => self.lists.statuses.is_complete(),
        }
    }

    /// Keeps one copy of each text that several rows have.
    pub(super) fn share_texts(&mut self) {
        let mut texts = Interner::<str>::default();
        let mut slices = Interner::<[SubSourceRow]>::default();
        let mut share = |text: &mut Option<Arc<str>>| {
            if let Some(text) = text {
                *text = texts.share(text);
            }
        };
        for tenant in &mut self.tenants {
            share(&mut tenant.id);
            share(&mut tenant.status);
        }
        for task in &mut self.tasks {
            let fields = [&mut task.id, &mut task.tenant, &mut task.source];
            fields.into_iter().for_each(&mut share);
            share(&mut task.status);
        }
        for entry in &mut self.entries {
            let fields = [&mut entry.task, &mut entry.tenant, &mut entry.source];
            fields.into_iter().for_each(&mut share);
            entry.sub_sources = slices.share(&entry.sub_sources);
        }
    }
}

/// Reads what was stored as JSON.
pub(crate) fn stored<'de, T: Deserialize<'de>>(
    json: &'de str,
    what: &str,
    remedy: &str,
) -> Result<T, Error> {
    // Some editors write one.
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    serde_json::from_str(json).map_err(|error| {
        let problem = if error.is_eof() {
            "is cut off"
        } else {
            "cannot be read"
        };
        let detail = format!("the stored {what} {problem} ({error}); {remedy}");
        Error::new(ErrorKind::InvalidInput, detail)
    })
}
