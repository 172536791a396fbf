//! Updates the ledger from a report.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::date::instant;
use super::finding::Finding;
use super::fingerprint::Fingerprint;
use super::index::{Group, Index, finding_key, item_key};
use super::kind::{Class, Kind};
use super::ledger::{
    Change, Changes, DAYS, DaySize, EntityMemory, Ledger, OpenFinding, TaskMemory,
};
use super::memory::key;
use super::policy::Policy;
use super::report::Report;
use super::rules::task::entities;
use super::run::Reader;
use super::snapshot::Snapshot;
use super::text::{FixedMap, FixedSet, KeyMap};
use super::words::Words;
use crate::error::{Error, ErrorKind};

/// What a report says of one item.
#[derive(Debug, Default)]
struct Said {
    failed_runs: Option<u32>,
    /// Something speaks against the last run.
    is_doubted: bool,
    has_bad_data: bool,
}

/// When something last worked, by what it is of.
#[derive(Debug, Default)]
struct Successes<'a> {
    of_item: KeyMap<Timestamp>,
    of_task: FixedMap<&'a str, Timestamp>,
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
    said: KeyMap<Said>,
    inactive: FixedSet<&'a str>,
    /// What was acknowledged: by item, or by task.
    acknowledged: KeyMap<Kind>,
}

impl<'a> Update<'a> {
    fn new(ledger: &'a Ledger, snapshot: &'a Snapshot, report: &'a Report) -> Self {
        let mut said: KeyMap<Said> = KeyMap::default();
        let mut inactive: FixedSet<&str> = FixedSet::default();
        for finding in report.all() {
            let one = said.entry(finding_key(finding)).or_default();
            match finding.kind.class() {
                Class::Outcome => {
                    one.is_doubted = true;
                    one.failed_runs = one.failed_runs.max(finding.evidence.failed_runs);
                }
                Class::NeverRan | Class::Freshness => one.is_doubted = true,
                Class::Data => {
                    one.is_doubted = true;
                    one.has_bad_data = true;
                }
                _ => {}
            }
            let is_inactive = matches!(finding.kind, Kind::Inactive | Kind::NewlyInactive);
            let id = finding.task.as_ref().and_then(|task| task.id.as_deref());
            if let Some(id) = id.filter(|_| is_inactive) {
                inactive.insert(id);
            }
        }
        let acknowledged = ledger.open.iter().filter(|one| one.acknowledged.is_some());
        let acknowledged = acknowledged.map(|one| (key_of_open(one), one.kind));
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
        let reader = Reader::new(&policy, self.report.now.as_second());
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
        let known = self.ledger.entities.iter().map(|one| (key(one), one));
        let known: KeyMap<&EntityMemory> = known.collect();
        let mut entities: KeyMap<EntityMemory> = KeyMap::default();
        for group in &index.groups {
            let is_active = self.is_active(group);
            if let Some(row) = group.task.filter(|_| is_active && group.items.is_empty()) {
                let dates = row.last_backups.iter().filter_map(|(source, date)| {
                    let at = date.read(reader.now, reader.tolerance).at()?;
                    Some((source, instant(at)))
                });
                for (source, at) in dates {
                    let id = row.id.as_deref();
                    successes.add(item_key(None, id, Some(source), None), group, at);
                }
            }
            for item in &group.items {
                let Some(run) = reader.run(index.entries(item)) else {
                    continue;
                };
                let said = self.said.get(&item.key);
                if let Some(at) = run.success.filter(|_| is_active) {
                    successes.add(item.key, group, instant(at));
                }
                let old = known.get(&item.key);
                let has_bad_data = said.is_some_and(|said| said.has_bad_data);
                let attempt = run.attempt.filter(|_| !has_bad_data).map(instant);
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
                match entities.entry(item.key) {
                    Entry::Vacant(place) => {
                        place.insert(own);
                    }
                    // Entities without a name have one memory.
                    Entry::Occupied(mut known) => {
                        let kept = known.get_mut();
                        let last_attempt = kept.last_attempt.max(own.last_attempt);
                        let failed_runs = kept.failed_runs.max(failed_runs);
                        if sort_key(&own) < sort_key(kept) {
                            *kept = own;
                        }
                        kept.last_attempt = last_attempt;
                        kept.failed_runs = failed_runs;
                    }
                }
            }
        }
        let mut entities = self.with_absent(entities);
        entities.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
        entities
    }

    /// Adds what is remembered and no longer there.
    fn with_absent(&self, present: KeyMap<EntityMemory>) -> Vec<EntityMemory> {
        let mut all: Vec<EntityMemory> = Vec::with_capacity(present.len());
        for old in &self.ledger.entities {
            let task = old.task.as_deref();
            let of_task = item_key(None, task, None, None);
            let is_acknowledged = [key(old), of_task]
                .iter()
                .any(|key| self.acknowledged.get(key) == Some(&Kind::Vanished));
            if present.contains_key(&key(old)) || !old.active || is_acknowledged {
                continue;
            }
            let mut absent = old.clone();
            absent.active = !task.is_some_and(|id| self.inactive.contains(id));
            absent.missed = absent.missed.saturating_add(self.absence_of_entity);
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
            let of_task = item_key(None, Some(id), None, None);
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
            let of_task = item_key(None, Some(&old.id), None, None);
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

    fn open(&self, successes: &Successes<'_>) -> (Vec<OpenFinding>, Changes) {
        let known = self.ledger.open.iter().map(|one| (one.fingerprint, one));
        let known: FixedMap<Fingerprint, &OpenFinding> = known.collect();
        let mut changes = Changes::default();
        let mut open: BTreeMap<Fingerprint, OpenFinding> = BTreeMap::new();
        for (finding, storm) in problems(self.report) {
            let old = known.get(&finding.fingerprint).copied();
            let is_alone = storm.is_none();
            let mut own = record(finding, storm);
            match old {
                None if is_alone => changes.opened.push(finding.clone()),
                None => {}
                Some(old) => {
                    own.since = old.since;
                    own.acknowledged = old.acknowledged;
                    own.closed = old.closed;
                    // Its storm may be open although it ended.
                    own.storm = storm.or(old.storm);
                    let is_worse = finding.severity > old.severity;
                    let is_changed = (finding.kind, finding.severity) != (old.kind, old.severity);
                    if old.acknowledged.is_some() && is_worse {
                        own.acknowledged = None;
                        own.closed = false;
                        changes.opened.push(finding.clone());
                    } else if old.acknowledged.is_some() {
                        if !old.closed {
                            own.closed = true;
                            changes.resolved.push(old.clone());
                        }
                    } else if is_changed && is_alone {
                        changes.changed.push(Change {
                            kind_before: old.kind,
                            severity_before: old.severity,
                            finding: finding.clone(),
                        });
                    }
                }
            }
            open.insert(own.fingerprint, own);
        }
        let excluded = self.report.excluded.iter().map(|one| one.fingerprint);
        let excluded: FixedSet<Fingerprint> = excluded.collect();
        let mut over: FixedSet<Fingerprint> = FixedSet::default();
        let gone = |one: &&OpenFinding| !open.contains_key(&one.fingerprint);
        let (storms, gone): (Vec<_>, Vec<_>) = self
            .ledger
            .open
            .iter()
            .filter(gone)
            .partition(|one| one.kind == Kind::Storm);
        for old in gone {
            let is_over = excluded.contains(&old.fingerprint)
                || old.acknowledged.is_some()
                || self.has_succeeded(old, successes);
            if !is_over {
                open.insert(old.fingerprint, old.clone());
                continue;
            }
            if let Some(storm) = old.storm {
                over.insert(storm);
            }
            if !old.closed {
                changes.resolved.push(old.clone());
            }
        }
        for old in storms {
            let storm = Some(old.fingerprint);
            // A storm is over when members of it are, and not because others were added.
            let is_over = over.contains(&old.fingerprint) || old.acknowledged.is_some();
            if !is_over && open.values().any(|one| one.storm == storm) {
                open.insert(old.fingerprint, old.clone());
                continue;
            }
            changes.resolved.push(old.clone());
            for one in open.values_mut().filter(|one| one.storm == storm) {
                one.storm = None;
            }
        }
        changes.resolved.sort_by_key(|one| one.fingerprint);
        (open.into_values().collect(), changes)
    }

    /// Whether what a finding is about has worked since it was last found.
    fn has_succeeded(&self, old: &OpenFinding, successes: &Successes<'_>) -> bool {
        let key = key_of_open(old);
        if self.said.get(&key).is_some_and(|said| said.is_doubted) {
            return false;
        }
        let of_item = successes.of_item.get(&key).copied();
        let task = old.task.as_ref().and_then(|task| task.id.as_deref());
        let is_whole_task = old.source.is_none() && old.entity.is_none();
        let of_task = task.filter(|_| is_whole_task);
        let of_task = of_task.and_then(|id| successes.of_task.get(id).copied());
        let of_tenant = old
            .tenant
            .id
            .as_deref()
            .filter(|_| old.kind == Kind::NoTasks);
        let of_tenant = of_tenant.and_then(|id| successes.of_tenant.get(id).copied());
        of_item.max(of_task).max(of_tenant) > old.last_success
    }
}

impl<'a> Successes<'a> {
    fn add(&mut self, key: u64, group: &Group<'a>, at: Timestamp) {
        let raise = |own: &mut Timestamp| *own = (*own).max(at);
        self.of_item.entry(key).and_modify(raise).or_insert(at);
        if let Some(id) = group.task_id {
            self.of_task.entry(id).and_modify(raise).or_insert(at);
        }
        if let Some(id) = group.task.and_then(|row| row.tenant.as_deref()) {
            self.of_tenant.entry(id).and_modify(raise).or_insert(at);
        }
    }
}

fn sort_key(one: &EntityMemory) -> impl Ord + '_ {
    (&one.task, &one.tenant, &one.source, &one.entity)
}

/// What is wrong, each with the storm that it is part of.
fn problems(report: &Report) -> impl Iterator<Item = (&Finding, Option<Fingerprint>)> {
    report.findings.iter().flat_map(|one| {
        let members = one.members.iter();
        let members = members.map(|member| (member, Some(one.fingerprint)));
        std::iter::once((one, None)).chain(members)
    })
}

fn record(finding: &Finding, storm: Option<Fingerprint>) -> OpenFinding {
    OpenFinding {
        fingerprint: finding.fingerprint,
        kind: finding.kind,
        severity: finding.severity,
        tenant: finding.tenant.clone(),
        task: finding.task.clone(),
        source: finding.source.clone(),
        entity: finding.entity.clone(),
        stated_tenant: finding.stated_tenant.clone(),
        since: finding.since,
        last_success: finding.last_success,
        acknowledged: None,
        closed: false,
        storm,
        cause: finding.evidence.cause.clone(),
    }
}

fn key_of_open(one: &OpenFinding) -> u64 {
    let tenant = one.stated_tenant.as_deref().or(one.tenant.id.as_deref());
    let task = one.task.as_ref().and_then(|task| task.id.as_deref());
    item_key(tenant, task, one.source.as_deref(), one.entity.as_deref())
}
