//! Updates the ledger from a report.

mod open;

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::{Error, ErrorKind};
use crate::health::date::instant;
use crate::health::index::{Group, Index, Name};
use crate::health::kind::{Class, Kind};
use crate::health::ledger::{
    Changes, DAYS, DaySize, EntityMemory, Ledger, OpenFinding, TaskMemory,
};
use crate::health::memory::name;
use crate::health::policy::Policy;
use crate::health::report::Report;
use crate::health::rules::size::entities;
use crate::health::run::Reader;
use crate::health::snapshot::Snapshot;
use crate::health::text::{FixedMap, FixedSet};
use crate::health::words::Words;

/// What a report says of one item.
#[derive(Debug, Default)]
struct Said {
    failed_runs: Option<u32>,
    /// Something speaks against the last run.
    is_doubted: bool,
}

/// When something last worked, by what it is of.
#[derive(Debug, Default)]
struct Successes<'a> {
    of_item: FixedMap<Name<'a>, Timestamp>,
    of_task: FixedMap<&'a str, Timestamp>,
    /// By task and source.
    of_source: FixedMap<(&'a str, &'a str), Timestamp>,
    of_tenant: FixedMap<&'a str, Timestamp>,
}

impl Ledger {
    /// Updates the ledger from a snapshot and the report on it, and says what is new.
    ///
    /// A finding is resolved only by a success, an exclusion or an acknowledgement: one that is no
    /// longer in the report for another reason, because its entity became dormant, say, stays open.
    /// An incomplete report changes nothing. The same snapshot may be used again, and then counts
    /// once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the snapshot is of another account or older than the ledger,
    /// or if the report is not of this snapshot.
    pub fn update(&self, snapshot: &Snapshot, report: &Report) -> Result<(Self, Changes), Error> {
        self.check(snapshot)?;
        let refuse = |detail: String| Err(Error::new(ErrorKind::InvalidInput, detail));
        if report.read_at != snapshot.read_at || report.account != snapshot.account {
            return refuse("the report is of another snapshot; assess this one".to_owned());
        }
        if let Some(known) = self.read_at.filter(|known| snapshot.read_at < *known) {
            return refuse(format!(
                "the snapshot was read at {}, and the ledger was updated from one of {known}; use a newer one",
                snapshot.read_at
            ));
        }
        if !report.complete {
            return Ok((self.clone(), Changes::default()));
        }
        Ok(Update::new(self, snapshot, report).run())
    }
}

struct Update<'a> {
    ledger: &'a Ledger,
    snapshot: &'a Snapshot,
    report: &'a Report,
    /// By how much the absence of a task and of an entity counts: not at all if the list was not
    /// read, or if the snapshot was counted before.
    absence_of_task: u32,
    absence_of_entity: u32,
    said: FixedMap<Name<'a>, Said>,
    inactive: FixedSet<&'a str>,
    /// What was acknowledged: by item, or by task.
    acknowledged: FixedMap<Name<'a>, Kind>,
}

impl<'a> Update<'a> {
    fn new(ledger: &'a Ledger, snapshot: &'a Snapshot, report: &'a Report) -> Self {
        let mut said: FixedMap<Name<'_>, Said> = FixedMap::default();
        let mut inactive: FixedSet<&str> = FixedSet::default();
        for finding in report.all() {
            let one = said.entry(Name::of_finding(finding)).or_default();
            match finding.kind.class() {
                Class::Outcome => {
                    one.is_doubted = true;
                    one.failed_runs = one.failed_runs.max(finding.evidence.failed_runs);
                }
                Class::NeverRan | Class::Freshness | Class::Data => one.is_doubted = true,
                _ => {}
            }
            let is_inactive = matches!(finding.kind, Kind::Inactive | Kind::NewlyInactive);
            let id = finding.task.as_ref().and_then(|task| task.id.as_deref());
            if let Some(id) = id.filter(|_| is_inactive) {
                inactive.insert(id);
            }
        }
        let acknowledged = ledger.open.iter().filter(|one| one.acknowledged.is_some());
        let acknowledged = acknowledged.map(|one| (name_of_open(one), one.kind));
        let is_new = ledger.read_at != Some(snapshot.read_at);
        let has_tasks = snapshot.lists.tasks.is_complete();
        Self {
            ledger,
            snapshot,
            report,
            absence_of_task: u32::from(is_new && has_tasks),
            absence_of_entity: u32::from(is_new && snapshot.has_entries()),
            said,
            inactive,
            acknowledged: acknowledged
                .filter(|(_, kind)| matches!(kind, Kind::Vanished | Kind::NewlyInactive))
                .collect(),
        }
    }

    fn run(&self) -> (Ledger, Changes) {
        // What the ledger keeps depends on no policy, so that it fits the next one.
        let policy = Policy::default();
        let index = Index::new(self.snapshot, &policy.words);
        let mut successes = Successes::default();
        let mut reader = Reader::new(&policy, self.report.now.as_second());
        // Which dates are too far ahead was judged by another policy, and what is doubted proves
        // nothing.
        reader.tolerance = i64::MAX;
        let entities = self.entities(&index, reader, &mut successes);
        let tasks = self.tasks(&index, &policy.words);
        let (open, changes) = self.open(&successes);
        let ledger = Ledger {
            version: self.ledger.version,
            scope: self.ledger.scope,
            read_at: Some(self.snapshot.read_at),
            // The id of the partner may have been unknown.
            account: self.snapshot.account.clone(),
            tasks,
            entities,
            open,
        };
        (ledger, changes)
    }

    fn is_active(&self, group: &Group<'_>) -> bool {
        group
            .task_id
            .is_none_or(|id| !self.inactive.contains(&**id))
    }

    fn entities(
        &self,
        index: &Index<'a>,
        reader: Reader<'_>,
        successes: &mut Successes<'a>,
    ) -> Vec<EntityMemory> {
        let known = self.ledger.entities.iter().map(|one| (name(one), one));
        let known: FixedMap<Name<'_>, &EntityMemory> = known.collect();
        let mut entities: FixedMap<Name<'a>, EntityMemory> = FixedMap::default();
        for group in &index.groups {
            let is_active = self.is_active(group);
            if let Some(row) = group.task.filter(|_| is_active && group.items.is_empty()) {
                let dates = row.last_backups.iter().filter_map(|(source, date)| {
                    let at = date.read(reader.now, reader.tolerance).at()?;
                    Some((source, instant(at)))
                });
                for (source, at) in dates {
                    let name = Name::new(None, row.id.as_ref(), Some(source), None);
                    successes.add(name, group, at, true);
                }
            }
            for item in &group.items {
                let Some(run) = reader.run(index.entries(item)) else {
                    continue;
                };
                let name = Name::of(run.entry);
                let said = self.said.get(&name);
                if let Some(at) = run.success.filter(|_| is_active) {
                    // What is doubted proves nothing of its task.
                    let is_proof = said.is_none_or(|said| !said.is_doubted);
                    successes.add(name.clone(), group, instant(at), is_proof);
                }
                let old = known.get(&name);
                let attempt = run.stated_attempt.map(instant);
                let before = old.map_or(0, |old| old.failed_runs);
                let failed_runs = match said {
                    Some(said) if said.failed_runs.is_some() => said.failed_runs.unwrap_or(before),
                    Some(said) if said.is_doubted => before,
                    _ if !is_active => before,
                    _ => 0,
                };
                let own = EntityMemory {
                    tenant: run.entry.tenant.clone(),
                    task: run.entry.task.clone(),
                    source: run.entry.source.clone(),
                    entity: run.entry.entity.clone(),
                    first_seen: old.map_or(self.snapshot.read_at, |old| old.first_seen),
                    active: is_active,
                    last_attempt: attempt.max(old.and_then(|old| old.last_attempt)),
                    failed_runs,
                    missed: 0,
                };
                match entities.entry(name) {
                    Entry::Vacant(place) => {
                        place.insert(own);
                    }
                    // Entities without a name have one memory.
                    Entry::Occupied(mut known) => {
                        let kept = known.get_mut();
                        let last_attempt = kept.last_attempt.max(own.last_attempt);
                        let failed_runs = kept.failed_runs.max(failed_runs);
                        if own.order() < kept.order() {
                            *kept = own;
                        }
                        kept.last_attempt = last_attempt;
                        kept.failed_runs = failed_runs;
                    }
                }
            }
        }
        let mut entities = self.with_absent(entities);
        entities.sort_by(|one, other| one.order().cmp(&other.order()));
        entities
    }

    /// Adds what is remembered and no longer there.
    fn with_absent(&self, present: FixedMap<Name<'_>, EntityMemory>) -> Vec<EntityMemory> {
        let mut all: Vec<EntityMemory> = Vec::with_capacity(present.len());
        for old in &self.ledger.entities {
            let task = old.task.as_deref();
            let own = name(old);
            let of_task = old.task.as_ref().map(|id| Name::of_task(Some(id)));
            let is_acknowledged = [Some(&own), of_task.as_ref()]
                .into_iter()
                .flatten()
                .any(|name| self.acknowledged.get(name) == Some(&Kind::Vanished));
            if present.contains_key(&own) || !old.active || is_acknowledged {
                continue;
            }
            let mut absent = old.clone();
            // While its task is paused nothing is missed, and nothing is forgotten.
            if !task.is_some_and(|id| self.inactive.contains(id)) {
                absent.missed = absent.missed.saturating_add(self.absence_of_entity);
            }
            all.push(absent);
        }
        all.extend(present.into_values());
        all
    }

    fn tasks(&self, index: &Index<'a>, words: &Words) -> Vec<TaskMemory> {
        let known = self.ledger.tasks.iter().map(|task| (&*task.id, task));
        let known: FixedMap<&str, &TaskMemory> = known.collect();
        let mut tasks: BTreeMap<Arc<str>, TaskMemory> = BTreeMap::new();
        for group in &index.groups {
            let (Some(row), Some(id)) = (group.task, group.task_id) else {
                continue;
            };
            let old = known.get(&**id);
            let is_active = self.is_active(group);
            let of_task = Name::of_task(Some(id));
            let is_acknowledged = self.acknowledged.get(&of_task) == Some(&Kind::NewlyInactive);
            let inactive_since = match old {
                Some(old) if !is_active && !is_acknowledged => old
                    .inactive_since
                    .or(old.active.then_some(self.snapshot.read_at)),
                _ => None,
            };
            let is_running = index.is_running(row, words);
            let since = old.and_then(|old| old.running_since);
            let mut days = old.map_or_else(Vec::new, |old| old.days.clone());
            if is_active {
                self.add_day(&mut days, group);
            }
            let own = TaskMemory {
                id: Arc::clone(id),
                tenant: row.tenant.clone(),
                label: Arc::clone(&row.label),
                first_seen: old.map_or(self.snapshot.read_at, |old| old.first_seen),
                active: is_active,
                inactive_since,
                running_since: is_running.then(|| since.unwrap_or(self.snapshot.read_at)),
                missed: 0,
                days,
            };
            tasks.insert(Arc::clone(id), own);
        }
        for old in &self.ledger.tasks {
            let of_task = Name::of_task(Some(&old.id));
            let is_acknowledged = self.acknowledged.get(&of_task) == Some(&Kind::Vanished);
            if old.active && !is_acknowledged && !tasks.contains_key(&old.id) {
                let mut absent = old.clone();
                absent.missed = absent.missed.saturating_add(self.absence_of_task);
                tasks.insert(Arc::clone(&old.id), absent);
            }
        }
        tasks.into_values().collect()
    }

    /// Adds the size of today in place of an earlier one of today, and keeps the last days.
    fn add_day(&self, days: &mut Vec<DaySize>, group: &Group<'_>) {
        let Some((row, size)) = group.task.and_then(|row| Some((row, row.size?))) else {
            return;
        };
        let day = TimeZone::UTC.to_datetime(self.report.now).date();
        days.retain(|one| one.day != day);
        days.push(DaySize {
            day,
            size,
            entities: entities(group, row),
        });
        days.sort();
        let extra = days.len().saturating_sub(DAYS);
        days.drain(..extra);
    }
}

impl<'a> Successes<'a> {
    fn add(&mut self, name: Name<'a>, group: &Group<'a>, at: Timestamp, is_proof: bool) {
        let raise = |own: &mut Timestamp| *own = (*own).max(at);
        let source = name.source;
        self.of_item.entry(name).and_modify(raise).or_insert(at);
        if !is_proof {
            return;
        }
        if let Some(of_source) = group.task_id.map(|id| &**id).zip(source) {
            let known = self.of_source.entry(of_source);
            known.and_modify(raise).or_insert(at);
        }
        if let Some(id) = group.task_id {
            self.of_task.entry(id).and_modify(raise).or_insert(at);
        }
        if let Some(id) = group.task.and_then(|row| row.tenant.as_deref()) {
            self.of_tenant.entry(id).and_modify(raise).or_insert(at);
        }
    }
}

fn name_of_open(one: &OpenFinding) -> Name<'_> {
    let tenant = one.stated_tenant.as_ref().or(one.tenant.id.as_ref());
    let task = one.task.as_ref().and_then(|task| task.id.as_ref());
    Name::new(tenant, task, one.source.as_ref(), one.entity.as_ref())
}
