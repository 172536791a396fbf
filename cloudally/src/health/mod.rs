//! Did the backups work?
//!
//! [`Snapshot::read`] reads what the service says, [`assess`] judges it, and a [`Ledger`] remembers
//! what was judged before. Only the first does any I/O: the rest are functions of their arguments,
//! and the same arguments give the same bytes.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use cloudally::health::{Ledger, Policy, Scope, Snapshot, assess};
//!
//! let snapshot = Snapshot::read(&client, Scope::Partner).await?;
//! let ledger = Ledger::new(&snapshot); // from the second time on: `Ledger::from_json(..)`
//! let report = assess(&snapshot, &Policy::default(), Some(&ledger), snapshot.read_at)?;
//! println!("{}: {} findings", report.verdict, report.findings.len());
//!
//! let (ledger, changes) = ledger.update(&snapshot, &report)?;
//! for finding in &changes.opened {
//!     println!("{finding}\n{}", finding.explain());
//! }
//! let stored = ledger.to_json(); // keep it for the next time
//! # assert!(Ledger::from_json(&stored).is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! # Rules
//!
//! Rules 0 and 1 are exclusive. Of 2 to 9 all that fit apply, and the worst severity wins. The
//! thresholds are those of the default [`Policy`].
//!
//! | rule | condition | kind | severity |
//! |---|---|---|---|
//! | 0 | a list is incomplete, or there are no tasks and the policy does not allow that | [`Incomplete`](Kind::Incomplete) | unknown |
//! | 1 | the task, or the backup task that it joins, is archived or paused | [`Inactive`](Kind::Inactive); [`NewlyInactive`](Kind::NewlyInactive) for 7 days, or until it is acknowledged, if the ledger knew it active | ok; warning |
//! | 2 | never worked, no failed attempt, younger than 48 h (by `createDate`, else by the ledger, else old) | [`Pending`](Kind::Pending) | ok |
//! | 3 | never worked, older, or tried and failed | [`NeverSucceeded`](Kind::NeverSucceeded) | critical |
//! | 4 | all sub-sources of the last run failed; some did, or have an error text | [`Failed`](Kind::Failed); [`Partial`](Kind::Partial) | warning while the last success is fresh; critical when it isn't, or from the third run in a row |
//! | 5 | the last success is older than 1.5 intervals and 6 h; 3 intervals and 12 h | [`Stale`](Kind::Stale); [`Overdue`](Kind::Overdue) | warning; critical |
//! | 6 | attempted more than 1 h after the last success, nothing says that it failed, not running | [`Unexplained`](Kind::Unexplained) | warning |
//! | 7 | not attempted while others of its task were; for 30 days | [`Skipped`](Kind::Skipped); [`Dormant`](Kind::Dormant) | warning; notice |
//! | 8 | a date that cannot be read or is more than 10 min ahead; a word without a known meaning that matters | [`BadData`](Kind::BadData) | warning |
//! | 9 | 30 %, 60 % smaller than the median of at least 3 earlier days while the number of entities held | [`SizeDrop`](Kind::SizeDrop) | notice; warning |
//! | 10 | a task without any status entry, and without a date of a last backup | [`Unproven`](Kind::Unproven) | warning |
//! | 11 | an active tenant without a task | [`NoTasks`](Kind::NoTasks) | warning |
//! | 12 | the ledger knew it active, and it is absent from two complete snapshots | [`Vanished`](Kind::Vanished), until it is acknowledged | warning |
//!
//! - The interval is 24 h, unless the joined backup task says `every_3_hours`; with `manual`, rules
//!   2, 3 and 5 do not apply.
//! - Of several entries of one task, source and entity the newest attempt counts, and of several of
//!   one time the worst; the last success is the newest of all.
//! - If no entity of a task was attempted, rule 5 speaks once for the whole task.
//! - What belongs to no known task or tenant is judged like the rest, under a tenant `unassigned`.
//! - A task whose own status, or that of the backup task that it joins, is a word of failure has
//!   failed by rule 4, also where its entries do not say so.
//! - The list of statuses is incomplete as well if it is not available or empty although the ledger
//!   knows entities of it (five, where it is empty), which no deletion explains.
//! - A run that goes on hides rules 5 and 6 for 24 h after the last attempt, and no failure.
//! - At least 5 tasks and more than half of a tenant's, or of all, that fail for one cause are one
//!   [`Storm`](Kind::Storm), whose members are in it.
//!
//! # What is known and what is a guess
//!
//! The service documents no response, so some rules rest on a guess. Where what the service says is
//! not enough, the rule takes the worse reading:
//!
//! - That `lastBackupDate` is the last run that *worked* is inferred. A run counts as worked if no
//!   sub-source failed, none has an error text, and `lastBackupDate` is at most 1 h before
//!   `lastBackupAttemptDate`.
//! - What success is called is not known. [`Words`] lists `SUCCESS`; any other word beside good
//!   dates is counted in [`Report::unknown_words`], and makes the verdict at least
//!   [`Severity::Notice`].
//! - A date without an offset is taken as UTC.
//! - The unit of sizes, and what they contain, is not documented.
//! - An entity of a known task has the age of its task, because nothing says when it was added.
//! - Entities without a name may be several things: each entry is judged, and the worst is reported.
//! - A task of a list that is not available (403, 404) is judged by what the other lists say, and
//!   the report has a notice: without statuses or tenants the verdict is at least
//!   [`Severity::Notice`]; without backup tasks, which usually are another account's, it is not raised.

mod assess;
mod assessment;
mod convert;
mod coverage_policy;
mod date;
mod duration;
mod exclusion;
mod explain;
mod finding;
mod fingerprint;
mod index;
mod kind;
mod ledger;
mod memory;
mod policy;
mod protection;
mod pseudonym;
mod read;
mod reconcile_policy;
mod report;
mod rules;
mod run;
mod snapshot;
mod storm;
mod text;
mod thresholds;
#[cfg(feature = "toml")]
#[cfg_attr(docsrs, doc(cfg(feature = "toml")))]
mod toml;
mod update;
mod version;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use self::assess::assess;
pub use self::coverage_policy::{AccountKind, CoveragePolicy, DirectoryColumns};
pub use self::date::WireDate;
pub(crate) use self::date::rfc3339;
pub use self::exclusion::Exclusion;
pub(crate) use self::exclusion::exclude;
pub use self::explain::Explanation;
pub(crate) use self::finding::sort;
pub use self::finding::{Evidence, Failure, Finding, Orphan, TaskRef, TenantRef};
pub use self::fingerprint::Fingerprint;
pub(crate) use self::fingerprint::Subject;
pub use self::kind::{Class, Kind, Severity};
pub use self::ledger::{Change, Changes, Ledger, OpenFinding};
pub use self::policy::{Override, Policy};
pub use self::protection::{Proof, Protection};
pub(crate) use self::protection::{ProtectedEntity, protections};
pub use self::pseudonym::PseudonymKey;
pub use self::read::ReadSnapshot;
pub use self::reconcile_policy::{BillField, BillingColumns, CompareBy, ReconcilePolicy};
pub use self::report::{Counts, Report, TenantHealth, UnknownWord};
pub(crate) use self::snapshot::stored;
pub use self::snapshot::{
    Account, BackupTaskRow, EntryRow, LastBackups, ListState, Lists, Scope, Snapshot, SubSourceRow,
    TaskRow, TenantRow,
};
pub(crate) use self::text::{FixedMap, normalized, one_line};
pub(crate) use self::version::Version;
pub use self::words::Words;
