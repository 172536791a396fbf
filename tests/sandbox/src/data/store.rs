//! The data set of a running sandbox, as it was at the start and as it is now.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};
use std::sync::Mutex;

use super::list::{Item, Kind};
use super::set::{DataSet, Profiles};
use super::{Origin, Stream, uuid};

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) profiles: Profiles,
    start: [Start; 6],
    current: RwLock<DataSet>,
    ids: Mutex<ChaCha8Rng>,
}

#[derive(Debug)]
struct Start {
    items: Vec<Arc<Item>>,
    /// The parsed items, filled at first use.
    values: OnceLock<Vec<Value>>,
}

impl Store {
    pub(crate) fn new(origin: Origin, profiles: Profiles, set: DataSet) -> Self {
        let start = |kind| Start {
            items: set.list(kind).items.clone(),
            values: OnceLock::new(),
        };
        Self {
            profiles,
            start: Kind::ALL.map(start),
            current: RwLock::new(set),
            ids: Mutex::new(origin.rng(Stream::Added)),
        }
    }

    /// Returns the items that a list had at the start.
    pub(crate) fn start(&self, kind: Kind) -> &[Value] {
        let found = Kind::ALL
            .iter()
            .zip(&self.start)
            .find(|(this, _)| **this == kind);
        found.map_or(&[], |(_, start)| {
            start
                .values
                .get_or_init(|| start.items.iter().map(|item| item.value()).collect())
        })
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, DataSet> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, DataSet> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn new_id(&self) -> String {
        uuid(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns all lists as they are at `now`, in the format of a data file.
    pub(crate) fn export(&self, now: Timestamp) -> Value {
        let set = self.read();
        let list = |kind: Kind| {
            let items = set.list(kind).items.iter();
            let items = items.map(|item| set.exported(kind, item, now));
            (kind.name().to_owned(), Value::Array(items.collect()))
        };
        let mut all: Map<String, Value> = Kind::ALL.map(list).into_iter().collect();
        for (name, profile) in [
            ("partner", &self.profiles.partner),
            ("distributor", &self.profiles.distributor),
            ("resellerDetails", &self.profiles.details),
        ] {
            all.insert(name.to_owned(), profile.clone());
        }
        Value::Object(all)
    }
}
