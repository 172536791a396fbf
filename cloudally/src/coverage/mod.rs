//! Is everybody backed up?
//!
//! [`coverage`] compares a [`Directory`], such as the list of users that Microsoft 365 or Google
//! Workspace exports, with what the status entries of a [`Snapshot`](crate::health::Snapshot) prove
//! to be backed up. It performs no I/O.
//!
//! ```
//! # #[cfg(feature = "csv")] {
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! use cloudally::coverage::{Directory, coverage};
//! use cloudally::health::{Policy, Scope, Snapshot};
//!
//! let policy = Policy::default();
//! let users = b"Email Address [Required],Status [READ ONLY]\nann@acme.example.com,Active\n";
//! let directory = Directory::from_csv(users, &policy)?;
//! let snapshot = Snapshot::read(&client, Scope::Partner).await?;
//! let report = coverage(&snapshot, &directory, &policy, snapshot.read_at)?;
//! println!("{}: {} of {} have no backup", report.verdict, report.counts.unprotected, report.counts.accounts);
//! for finding in &report.findings {
//!     println!("{finding}");
//! }
//! # Ok(())
//! # }
//! # }
//! ```
//!
//! An account is [`Protected`](CoverageStatus::Protected) if an entry of an active task has its
//! address or one of its aliases, and the last success is not overdue by the policy. What failed
//! last night is not asked here: [`assess`](crate::health::assess) says that.
//!
//! | status | the account | finding |
//! |---|---|---|
//! | [`Protected`](CoverageStatus::Protected) | is backed up | |
//! | [`Unprotected`](CoverageStatus::Unprotected) | needs a backup and has none | [`Unprotected`](crate::health::Kind::Unprotected), a warning |
//! | [`PaidLeaver`](CoverageStatus::PaidLeaver) | is disabled and has a licence, backed up or not | [`PaidLeaver`](crate::health::Kind::PaidLeaver), a notice |
//! | [`NotRequired`](CoverageStatus::NotRequired) | is a guest, is disabled, or has no licence | |
//! | [`Excluded`](CoverageStatus::Excluded) | needs a backup, and an exclusion of the policy says why it has none | in [`CoverageReport::excluded`] |
//! | [`Unknown`](CoverageStatus::Unknown) | was not found, and a list is not complete | [`Incomplete`](crate::health::Kind::Incomplete) |

#[cfg(feature = "csv")]
mod csv;
mod directory;
mod index;
mod judge;
mod report;
#[cfg(test)]
mod tests;

pub use self::directory::{Directory, DirectoryAccount};
pub use self::judge::coverage;
pub use self::report::{
    CoverageCounts, CoverageReport, CoverageRow, CoverageStatus, UnlistedEntity,
};
pub use crate::health::AccountKind;
