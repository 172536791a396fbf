//! The data set of a sandbox: users, tasks and all other items.
//!
//! The data has what the published samples of the live service have, and every field of them.
//! Ragged data also has nulls, gaps and unknown values, for clients that should survive these. What
//! varies is at fixed positions (every n-th entry) rather than at random ones, so that every seed
//! has it. Enum values that stand for ones that a client does not know are invented.

mod backup_tasks;
mod bills;
mod dates;
mod file;
pub(crate) mod healthy;
mod list;
mod names;
mod partners;
mod progress;
mod resellers;
mod set;
mod statuses;
mod store;
mod tasks;
mod users;

use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

pub(crate) use dates::{DAY, HOUR, ago, day_number, rfc3339, second_number};
pub(crate) use file::read;
pub(crate) use list::{Item, Kind, Schedule};
pub(crate) use names::slug;
pub(crate) use partners::generate as profiles;
pub(crate) use progress::at as progressed;
pub(crate) use set::{DataSet, Profiles, Scope, View};
pub(crate) use store::Store;

const REGIONS: [&str; 2] = ["US_EST", "EU_FRANKFURT"];
const CURRENCIES: [&str; 2] = ["USD", "EUR"];
const SOURCES: [&str; 6] = [
    "GMAIL",
    "SHAREPOINT_MULTI",
    "ONEDRIVE",
    "SALESFORCE",
    "BOX",
    "DROPBOX",
];

/// The numbers of items to generate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) tasks: usize,
    pub(crate) statuses: usize,
}

/// The common input of all generators. Each has its own stream of random numbers, so that, for
/// example, more tasks leave the users unchanged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) seed: u64,
    pub(crate) now: Timestamp,
    /// Whether the data is ragged.
    pub(crate) ragged: bool,
    /// Whether all backups work, which excludes ragged data.
    pub(crate) healthy: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Accounts = 1,
    Tokens,
    Restores,
    Partners,
    Resellers,
    Users,
    Tasks,
    Statuses,
    Bills,
    BackupTasks,
    ResellerAccount,
    Added,
    BackupTaskOwners,
    Situations,
}

impl Origin {
    pub(crate) fn rng(self, stream: Stream) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream as u64);
        rng
    }
}

/// Returns a random UUID.
pub(crate) fn uuid(rng: &mut ChaCha8Rng) -> String {
    uuid::Builder::from_random_bytes(rng.random())
        .into_uuid()
        .to_string()
}

/// Returns a random element of a slice that is not empty.
fn pick<T: Copy>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

fn remove(item: &mut Value, key: &str) {
    if let Some(fields) = item.as_object_mut() {
        fields.remove(key);
    }
}
