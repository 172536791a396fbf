//! The data set: everything the sandbox knows, made once at the start and never changed.
//!
//! Odd values sit at fixed positions (every n-th entry) and not at random ones, so that every seed has
//! them. Values that stand for "an enum value nobody has told the client about" are made up on purpose.

mod backup_tasks;
mod bills;
mod dates;
mod names;
mod partners;
mod resellers;
mod statuses;
mod tasks;
mod users;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

pub(crate) use dates::rfc3339;

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

/// How much data to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) tasks: usize,
    pub(crate) statuses: usize,
}

/// What all generators start from. Each has its own stream of random numbers, so that more tasks, say,
/// leave the users as they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) seed: u64,
    pub(crate) now: Timestamp,
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
}

impl Origin {
    pub(crate) fn rng(self, stream: Stream) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream as u64);
        rng
    }
}

#[derive(Debug)]
pub(crate) struct DataSet {
    /// The profile of the ordinary partner.
    pub(crate) partner: Value,
    /// The profile of the distributor.
    pub(crate) distributor: Value,
    /// The distributor as v2 shows it to itself.
    pub(crate) details: Value,
    pub(crate) resellers: Vec<Value>,
    pub(crate) users: Vec<Value>,
    pub(crate) tasks: Vec<Value>,
    pub(crate) statuses: Vec<Value>,
    pub(crate) bills: Vec<Value>,
    pub(crate) backup_tasks: Vec<Value>,
    reseller_by_id: HashMap<String, usize>,
    accounts_by_reseller: HashMap<String, Vec<Value>>,
    backup_task_by_id: HashMap<String, usize>,
    task_ids: HashSet<String>,
}

/// A list as the service shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    pub(crate) name: &'static str,
    /// The field that tells its items apart.
    pub(crate) key: &'static str,
    pub(crate) items: &'a [Value],
}

impl DataSet {
    pub(crate) fn generate(origin: Origin, size: Size) -> Self {
        let partners = partners::generate(origin);
        let resellers = resellers::generate(origin);
        let (tenants, users) = users::generate(origin, size.users, &partners.partner, &resellers);
        let tasks = tasks::generate(origin, size.tasks, &tenants);
        let statuses = statuses::generate(origin, size.statuses, &tenants, &tasks);
        let bills = bills::generate(origin, &tenants);
        let backup_tasks = backup_tasks::generate(origin);
        Self {
            reseller_by_id: index(&resellers, "partnerId"),
            accounts_by_reseller: group(&users, "partnerID"),
            backup_task_by_id: index(&backup_tasks, "id"),
            task_ids: index(&tasks, "id").into_keys().collect(),
            partner: partners.partner,
            distributor: partners.distributor,
            details: partners.details,
            resellers,
            users,
            tasks,
            statuses,
            bills,
            backup_tasks,
        }
    }

    pub(crate) fn reseller(&self, id: &str) -> Option<&Value> {
        self.resellers.get(*self.reseller_by_id.get(id)?)
    }

    pub(crate) fn user_list(&self) -> List<'_> {
        list("users", "id", &self.users)
    }

    pub(crate) fn task_list(&self) -> List<'_> {
        list("tasks", "id", &self.tasks)
    }

    pub(crate) fn status_list(&self) -> List<'_> {
        list("statuses", "entityName", &self.statuses)
    }

    pub(crate) fn bill_list(&self) -> List<'_> {
        list("bills", "name", &self.bills)
    }

    pub(crate) fn reseller_list(&self) -> List<'_> {
        list("resellers", "partnerId", &self.resellers)
    }

    pub(crate) fn backup_task_list(&self) -> List<'_> {
        list("backup-tasks", "id", &self.backup_tasks)
    }

    /// The users of a reseller.
    pub(crate) fn account_list(&self, reseller_id: &str) -> List<'_> {
        let accounts = self.accounts_by_reseller.get(reseller_id);
        list(
            "accounts",
            "id",
            accounts.map(Vec::as_slice).unwrap_or_default(),
        )
    }

    pub(crate) fn backup_task(&self, id: &str) -> Option<&Value> {
        self.backup_tasks.get(*self.backup_task_by_id.get(id)?)
    }

    /// Whether a restore can name `id`.
    pub(crate) fn has_task(&self, id: &str) -> bool {
        self.task_ids.contains(id) || self.backup_task_by_id.contains_key(id)
    }
}

fn list<'a>(name: &'static str, key: &'static str, items: &'a [Value]) -> List<'a> {
    List { name, key, items }
}

fn index(items: &[Value], key: &str) -> HashMap<String, usize> {
    items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((item.get(key)?.as_str()?.to_owned(), at)))
        .collect()
}

fn group(items: &[Value], key: &str) -> HashMap<String, Vec<Value>> {
    let mut groups: HashMap<String, Vec<Value>> = HashMap::new();
    for item in items {
        if let Some(name) = item.get(key).and_then(Value::as_str) {
            groups
                .entry(name.to_owned())
                .or_default()
                .push(item.clone());
        }
    }
    groups
}

pub(crate) fn uuid(rng: &mut ChaCha8Rng) -> String {
    uuid::Builder::from_random_bytes(rng.random())
        .into_uuid()
        .to_string()
}

/// One of a list that isn't empty.
fn pick<T: Copy>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

fn remove(item: &mut Value, key: &str) {
    if let Some(fields) = item.as_object_mut() {
        fields.remove(key);
    }
}
