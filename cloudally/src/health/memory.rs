//! Looks up what the ledger remembers.

use std::cell::Cell;
use std::ops::Range;

use super::fingerprint::Fingerprint;
use super::index::Name;
use super::ledger::{EntityMemory, Ledger, OpenFinding, TaskMemory};
use super::snapshot::EntryRow;
use super::text::FixedMap;

/// The ledger, by what is looked up in it.
#[derive(Debug, Default)]
pub(super) struct Memory<'a> {
    tasks: FixedMap<&'a str, &'a TaskMemory>,
    /// The entities in the order of the ledger, within a task by key, each with whether it was
    /// looked up. Whoever asks for one after the other finds them side by side.
    entities: Vec<(u64, &'a EntityMemory, Cell<bool>)>,
    of_task: FixedMap<Option<&'a str>, Range<usize>>,
    open: FixedMap<Fingerprint, &'a OpenFinding>,
}

impl<'a> Memory<'a> {
    pub(super) fn new(ledger: Option<&'a Ledger>) -> Self {
        let Some(ledger) = ledger else {
            return Self::default();
        };
        let tasks = ledger.tasks.iter().map(|task| (&*task.id, task)).collect();
        let entities = ledger.entities.iter();
        let entities = entities.map(|one| (name(one).key(), one, Cell::new(false)));
        let mut entities: Vec<_> = entities.collect();
        let mut of_task = FixedMap::default();
        let mut start = 0;
        for own in entities.chunk_by_mut(|one, other| one.1.task == other.1.task) {
            own.sort_by_key(|&(key, _, _)| key);
            let end = start + own.len();
            let task = own.first().and_then(|(_, one, _)| one.task.as_deref());
            of_task.insert(task, start..end);
            start = end;
        }
        let open = ledger.open.iter().map(|one| (one.fingerprint, one));
        Self {
            tasks,
            entities,
            of_task,
            open: open.collect(),
        }
    }

    pub(super) fn task(&self, id: &str) -> Option<&'a TaskMemory> {
        self.tasks.get(id).copied()
    }

    /// What is remembered of an item, which is then known to be there.
    pub(super) fn entity(&self, key: u64, entry: &EntryRow) -> Option<&'a EntityMemory> {
        let range = self.of_task.get(&entry.task.as_deref())?;
        let own = self.entities.get(range.clone())?;
        let from = own.partition_point(|&(known, _, _)| known < key);
        let alike = own.iter().skip(from);
        let mut alike = alike.take_while(|&&(known, _, _)| known == key);
        let (_, memory, is_seen) = alike.find(|(_, one, _)| is_same(one, entry))?;
        is_seen.set(true);
        Some(memory)
    }

    /// How many active entities are remembered.
    pub(super) fn count(&self) -> usize {
        let active = self.entities.iter().filter(|(_, memory, _)| memory.active);
        active.count()
    }

    /// The active entities that were not looked up.
    pub(super) fn unseen(&self) -> impl Iterator<Item = &'a EntityMemory> {
        let entities = self.entities.iter();
        let unseen = entities.filter(|(_, memory, is_seen)| !is_seen.get() && memory.active);
        unseen.map(|&(_, memory, _)| memory)
    }

    pub(super) fn open(&self, fingerprint: Fingerprint) -> Option<&'a OpenFinding> {
        self.open.get(&fingerprint).copied()
    }
}

fn is_same(memory: &EntityMemory, entry: &EntryRow) -> bool {
    // Most are written as they were before. Their tasks are the same already.
    let is_written_so =
        entry.task.is_some() && memory.source == entry.source && memory.entity == entry.entity;
    is_written_so || name(memory) == Name::of(entry)
}

/// What a remembered entity is found by.
pub(super) fn name(entity: &EntityMemory) -> Name<'_> {
    Name::new(
        entity.tenant.as_ref(),
        entity.task.as_ref(),
        entity.source.as_ref(),
        entity.entity.as_ref(),
    )
}
