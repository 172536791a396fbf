//! What was restored: a record for auditors.
//!
//! [`record`] sends a prepared restore, waits for it, and records what was asked, when it was sent and
//! accepted, what became of it, and how long that took. The record is stored at each step, so that it
//! is there if the program dies, and it has a hash over its content. It can be written as JSON and as
//! Markdown.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloudally_sandbox::Sandbox::builder()
//! #     .restore_duration(std::time::Duration::ZERO).start().await?;
//! # let client = cloudally_sandbox::client!(sandbox)?;
//! # let directory = std::env::temp_dir().join(format!("cloudally-record-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! # let path = directory.join("restore.json");
//! use std::time::Duration;
//! use cloudally::restore_record::{RecordedOutcome, record};
//! use cloudally::types::RestoreRequest;
//!
//! let task = client.tasks().list().max_items(1).collect().await?.remove(0);
//! let request = RestoreRequest::new(task.id.ok_or("a task without an id")?);
//! let prepared = client.restores().prepare(request)?;
//! let record = record(prepared, Duration::from_secs(3600))
//!     .purpose("quarterly drill, asked for by Ann Lee")
//!     .store(move |record| std::fs::write(&path, record.to_json()))
//!     .await?;
//! println!("{}", record.to_markdown());
//! assert_eq!(record.outcome, RecordedOutcome::Done);
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok(())
//! # }
//! ```
//!
//! The hash is the SHA-256 of the record as JSON with sorted keys and without space, in UTF-8:
//! `jq -cSj .record restore.json | sha256sum`, unless fields that the caller added have numbers that
//! jq writes in another way. It shows that a record was changed by mistake. It is
//! no signature: whoever changes a record on purpose can write a new hash. Keep the hash elsewhere,
//! in a ticket say, and it shows that as well.

mod canonical;
mod markdown;
mod run;
mod steps;
#[cfg(test)]
mod tests;

pub use self::run::{Recording, record};
pub use self::steps::{RecordedOutcome, RecordedState, RestoreRecord};
