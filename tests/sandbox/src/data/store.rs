//! The data set of a running sandbox, as it was at the start and as it is now.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use super::list::{Item, Kind};
use super::set::{DataSet, Profiles};
use super::{Origin, Stream, uuid};
use crate::clock::Clock;
use crate::situations::{Affected, Situation, SituationError, Situations};

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) profiles: Profiles,
    start: [Start; 6],
    current: RwLock<DataSet>,
    /// Locked before `current` by all that locks both.
    situations: Mutex<Situations>,
    clock: Clock,
    ids: Mutex<ChaCha8Rng>,
}

#[derive(Debug)]
struct Start {
    items: Vec<Arc<Item>>,
    /// The parsed items, filled at first use.
    values: OnceLock<Vec<Value>>,
}

impl Store {
    pub(crate) fn new(
        origin: Origin,
        profiles: Profiles,
        set: DataSet,
        situations: Situations,
        clock: Clock,
    ) -> Self {
        let start = |kind| Start {
            items: set
                .list(kind)
                .present()
                .map(|(_, item)| Arc::clone(item))
                .collect(),
            values: OnceLock::new(),
        };
        Self {
            profiles,
            start: Kind::ALL.map(start),
            current: RwLock::new(set),
            situations: Mutex::new(situations),
            clock,
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

    /// Returns the data with all that has begun by now.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, DataSet> {
        self.begin();
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the data with all that has begun by now, for a change.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, DataSet> {
        self.begin();
        self.locked()
    }

    fn locked(&self) -> RwLockWriteGuard<'_, DataSet> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn situations(&self) -> MutexGuard<'_, Situations> {
        self.situations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the situations that have begun.
    fn begin(&self) {
        let mut situations = self.situations();
        let now = self.clock.now();
        if situations.is_due(now) {
            situations.begin(&mut self.locked(), now);
        }
    }

    /// Applies a situation, now or once it begins.
    pub(crate) fn apply(&self, situation: &Situation) -> Result<Vec<Affected>, SituationError> {
        let mut situations = self.situations();
        let now = self.clock.now();
        let set = &mut self.locked();
        situations.begin(set, now);
        situations.add(situation, set, now)
    }

    pub(crate) fn affected(&self) -> Vec<Affected> {
        self.situations().affected().to_vec()
    }

    pub(crate) fn new_id(&self) -> String {
        uuid(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns all lists as they are at `now`, in the format of a data file.
    pub(crate) fn export(&self, now: Timestamp) -> Value {
        let set = self.read();
        let list = |kind: Kind| {
            let items = set.list(kind).present();
            let items = items.map(|(_, item)| set.exported(kind, item, now));
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
