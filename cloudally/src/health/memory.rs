//! Looks up what the ledger remembers.

use std::cell::Cell;

use super::fingerprint::Fingerprint;
use super::index::item_key;
use super::ledger::{EntityMemory, Ledger, OpenFinding, TaskMemory};
use super::text::{FixedMap, KeyMap};

/// The ledger, by what is looked up in it.
#[derive(Debug, Default)]
pub(super) struct Memory<'a> {
    tasks: FixedMap<&'a str, &'a TaskMemory>,
    /// The entities, each with whether it was looked up.
    entities: KeyMap<(&'a EntityMemory, Cell<bool>)>,
    open: FixedMap<Fingerprint, &'a OpenFinding>,
}

impl<'a> Memory<'a> {
    pub(super) fn new(ledger: Option<&'a Ledger>) -> Self {
        let Some(ledger) = ledger else {
            return Self::default();
        };
        let tasks = ledger.tasks.iter().map(|task| (&*task.id, task)).collect();
        let entities = ledger.entities.iter();
        let entities = entities.map(|one| (key(one), (one, Cell::new(false))));
        let open = ledger.open.iter().map(|one| (one.fingerprint, one));
        Self {
            tasks,
            entities: entities.collect(),
            open: open.collect(),
        }
    }

    pub(super) fn task(&self, id: &str) -> Option<&'a TaskMemory> {
        self.tasks.get(id).copied()
    }

    /// What is remembered of an item, which is then known to be there.
    pub(super) fn entity(&self, key: u64) -> Option<&'a EntityMemory> {
        let (memory, is_seen) = self.entities.get(&key)?;
        is_seen.set(true);
        Some(memory)
    }

    /// The active entities that were not looked up.
    pub(super) fn unseen(&self) -> impl Iterator<Item = &'a EntityMemory> {
        let entities = self.entities.values();
        let unseen = entities.filter(|(memory, is_seen)| !is_seen.get() && memory.active);
        unseen.map(|(memory, _)| *memory)
    }

    pub(super) fn open(&self, fingerprint: Fingerprint) -> Option<&'a OpenFinding> {
        self.open.get(&fingerprint).copied()
    }
}

/// The key of a remembered entity, which is that of its item.
pub(super) fn key(entity: &EntityMemory) -> u64 {
    item_key(
        entity.tenant.as_deref(),
        entity.task.as_deref(),
        entity.source.as_deref(),
        entity.entity.as_deref(),
    )
}
