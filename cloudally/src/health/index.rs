//! Joins the rows of a snapshot: entries to tasks, tasks to tenants, tasks to backup tasks.

use std::borrow::Cow;
use std::hash::Hasher;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::finding::{Finding, Orphan, TenantRef};
use super::snapshot::{BackupTaskRow, EntryRow, Scope, Snapshot, TaskRow, TenantRow};
use super::text::{FixedMap, is_blank, normalized};
use super::words::Words;

/// The place of a row in its list. A list of more than 2^32 rows does not fit into memory.
type Place = u32;

fn place(at: usize) -> Place {
    Place::try_from(at).unwrap_or(Place::MAX)
}

fn at(place: Place) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// One (task, source, entity), with all its entries.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Where its entries are in the order of the index.
    entries: Range<usize>,
    /// The hash of task, source and entity.
    pub(super) key: u64,
}

/// The task of some items: one of the list, one that is not in the list, or none.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) task: Option<&'a TaskRow>,
    /// The id of the task, also where it is not in the list.
    pub(super) task_id: Option<&'a Arc<str>>,
    pub(super) items: Vec<Item>,
}

/// The tenant of a task or an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) tenant: TenantRef,
    pub(super) orphan: Option<Orphan>,
}

#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) snapshot: &'a Snapshot,
    tenants: FixedMap<&'a str, &'a TenantRow>,
    backup_tasks: FixedMap<&'a str, &'a BackupTaskRow>,
    order: Vec<Place>,
    pub(super) groups: Vec<Group<'a>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, words: &Words) -> Self {
        let mut tenants: FixedMap<&str, &TenantRow> = FixedMap::default();
        for row in &snapshot.tenants {
            let Some(id) = &row.id else { continue };
            // Of two with one id, the one that says that it is active counts.
            let rank = |row: &TenantRow| !words.is_inactive(row.status.as_deref());
            let known = tenants.entry(id).or_insert(row);
            *known = (*known).max_by_rank(row, rank);
        }
        let mut backup_tasks: FixedMap<&str, &BackupTaskRow> = FixedMap::default();
        for row in &snapshot.backup_tasks {
            let Some(id) = &row.id else { continue };
            // Of two with one id, the one that says that it is active counts, and the one that is to
            // run more often.
            let rank = |row: &BackupTaskRow| {
                let schedule = row.schedule.as_deref().unwrap_or_default();
                let often = ["manual", "daily", "every_3_hours"];
                let often = often
                    .iter()
                    .position(|own| schedule.eq_ignore_ascii_case(own));
                (
                    !words.is_inactive(row.status.as_deref()),
                    often.unwrap_or(1),
                )
            };
            let known = backup_tasks.entry(id).or_insert(row);
            *known = (*known).max_by_rank(row, rank);
        }
        let (groups, places) = groups_of_tasks(&snapshot.tasks, words);
        let mut index = Self {
            snapshot,
            tenants,
            backup_tasks,
            order: Vec::new(),
            groups,
        };
        index.add_entries(places);
        index
    }

    /// Sorts the entries by task and item.
    fn add_entries(&mut self, mut places: FixedMap<&'a str, Place>) {
        let entries = &self.snapshot.entries;
        let mut keys = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let group = match &entry.task {
                Some(id) => *places.entry(id).or_insert_with(|| {
                    self.groups.push(Group {
                        task: None,
                        task_id: Some(id),
                        items: Vec::new(),
                    });
                    place(self.groups.len() - 1)
                }),
                None => Place::MAX,
            };
            keys.push((group, Name::of(entry).key(), place(at)));
        }
        // The service lists most of them by task already.
        keys.sort_by_key(|&(group, _, _)| group);
        for of_task in keys.chunk_by_mut(|one, other| one.0 == other.0) {
            of_task.sort_unstable();
            let group = of_task.first().map_or(Place::MAX, |&(group, _, _)| group);
            if let Some(group) = self.groups.get_mut(at(group)) {
                group.items.reserve_exact(of_task.len());
            }
        }
        let mut start = 0;
        for alike in keys.chunk_by_mut(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let name = |own: Place| Name::of(&entries[at(own)]);
            if alike.len() > 1 {
                // Two names can have one hash.
                alike.sort_by(|one, other| name(one.2).cmp(&name(other.2)));
            }
            // What has no name may be several things.
            let is_same = |one: Place, other: Place| {
                !is_blank(entries[at(one)].entity.as_ref()) && name(one) == name(other)
            };
            for same in alike.chunk_by(|one, other| is_same(one.2, other.2)) {
                let end = start + same.len();
                let Some(&(group, key, _)) = same.first() else {
                    continue;
                };
                let entries = start..end;
                start = end;
                let item = Item { entries, key };
                match self.groups.get_mut(at(group)) {
                    Some(group) => group.items.push(item),
                    // Without a task there are no siblings.
                    None => self.groups.push(Group {
                        task: None,
                        task_id: None,
                        items: vec![item],
                    }),
                }
            }
        }
        self.order = keys.into_iter().map(|(_, _, place)| place).collect();
    }

    /// The entries of an item.
    pub(super) fn entries(&self, item: &Item) -> impl Iterator<Item = &'a EntryRow> {
        let entries = &self.snapshot.entries;
        let places = self.order[item.entries.clone()].iter();
        places.filter_map(|&place| entries.get(at(place)))
    }

    /// The tenants of the list, each id once. Of those without an id it is not known whether they
    /// are the same.
    pub(super) fn tenants(&self) -> Vec<&'a TenantRow> {
        let unnamed = self.snapshot.tenants.iter().filter(|row| row.id.is_none());
        self.tenants.values().copied().chain(unnamed).collect()
    }

    /// The backup task that a task joins.
    pub(super) fn backup_task(&self, task: &TaskRow) -> Option<&'a BackupTaskRow> {
        let id = task.backup_task.as_deref()?;
        self.backup_tasks.get(id).copied()
    }

    /// Whether a run of a task goes on, by its own word or that of the backup task that it joins.
    pub(super) fn is_running(&self, task: &TaskRow, words: &Words) -> bool {
        let joined = self.backup_task(task);
        task.running
            || words.is_running(task.status.as_deref())
            || joined.is_some_and(|joined| words.is_running(joined.status.as_deref()))
    }

    /// Whose task it is.
    pub(super) fn owner_of_task(&self, task: &TaskRow) -> Owner {
        self.owner(task.tenant.as_ref(), Orphan::TaskWithoutTenant)
    }

    /// Whose something is that names this tenant.
    pub(super) fn owner_of_id(&self, tenant: Option<&Arc<str>>) -> Owner {
        self.owner(tenant, Orphan::TaskWithoutTenant)
    }

    /// Whose entry it is: what its task says counts, unless one of them names nobody known.
    pub(super) fn owner_of_entry(
        &self,
        task: Option<(&TaskRow, &Owner)>,
        entry: &EntryRow,
    ) -> Owner {
        let Some((task, own)) = task else {
            if self.snapshot.lists.tasks.is_complete() {
                return Owner {
                    tenant: unassigned(),
                    orphan: Some(Orphan::EntryWithoutTask),
                };
            }
            return self.owner(entry.tenant.as_ref(), Orphan::EntryWithoutTenant);
        };
        if own.orphan.is_none() && entry.tenant.is_some() && entry.tenant != task.tenant {
            let other = self.owner(entry.tenant.as_ref(), Orphan::EntryWithoutTenant);
            if other.orphan.is_some() {
                return other;
            }
        }
        own.clone()
    }

    fn owner(&self, id: Option<&Arc<str>>, orphan: Orphan) -> Owner {
        let lists = &self.snapshot.lists;
        let known = id.and_then(|id| Some((id, *self.tenants.get(&**id)?)));
        let (tenant, orphan) = match (known, id) {
            (Some((id, row)), _) => (tenant(Some(id), &row.name), None),
            _ if lists.tenants.is_complete() => (unassigned(), Some(orphan)),
            // Whether there is such a tenant is not known.
            (None, Some(id)) => (tenant(Some(id), id), None),
            (None, None) if self.snapshot.scope == Scope::OwnBackupTasks => {
                (tenant(None, &"own account".into()), None)
            }
            (None, None) => (unassigned(), Some(orphan)),
        };
        Owner { tenant, orphan }
    }
}

trait MaxByRank: Sized {
    fn max_by_rank<K: Ord>(self, other: Self, rank: impl Fn(Self) -> K) -> Self;
}

impl<'a, T: Ord> MaxByRank for &'a T {
    /// The one with the higher rank; of two with the same, the greater one, so that the order of
    /// the list does not matter.
    fn max_by_rank<K: Ord>(self, other: Self, rank: impl Fn(&'a T) -> K) -> Self {
        if (rank(other), other) > (rank(self), self) {
            other
        } else {
            self
        }
    }
}

fn groups_of_tasks<'a>(
    tasks: &'a [TaskRow],
    words: &Words,
) -> (Vec<Group<'a>>, FixedMap<&'a str, Place>) {
    let mut groups: Vec<Group<'a>> = Vec::with_capacity(tasks.len());
    let mut places: FixedMap<&str, Place> = FixedMap::default();
    places.reserve(tasks.len());
    for task in tasks {
        let next = place(groups.len());
        let known = task
            .id
            .as_deref()
            .map(|id| *places.entry(id).or_insert(next));
        match known.and_then(|place| groups.get_mut(at(place))) {
            // Of two with one id, the one that says that it is active counts.
            Some(group) => {
                let rank = |task: &TaskRow| !words.is_inactive(task.status.as_deref());
                group.task = group.task.map(|known| known.max_by_rank(task, rank));
            }
            None => groups.push(Group {
                task: Some(task),
                task_id: task.id.as_ref(),
                items: Vec::new(),
            }),
        }
    }
    (groups, places)
}

/// What entries of one item have in common. The tenant counts only where there is no task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name<'a> {
    task: Option<&'a str>,
    tenant: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    entity: Option<Cow<'a, str>>,
}

impl<'a> Name<'a> {
    pub(super) fn new(
        tenant: Option<&'a Arc<str>>,
        task: Option<&'a Arc<str>>,
        source: Option<&'a Arc<str>>,
        entity: Option<&'a Arc<str>>,
    ) -> Self {
        let text = |text: Option<&'a Arc<str>>| text.map(|text| &**text);
        Self {
            task: text(task),
            tenant: text(tenant.filter(|_| task.is_none())),
            source: text(source),
            entity: text(entity).map(normalized),
        }
    }

    pub(super) fn of(entry: &'a EntryRow) -> Self {
        let (tenant, task) = (entry.tenant.as_ref(), entry.task.as_ref());
        Self::new(tenant, task, entry.source.as_ref(), entry.entity.as_ref())
    }

    /// The name of what is about a whole task.
    pub(super) fn of_task(task: Option<&'a Arc<str>>) -> Self {
        Self::new(None, task, None, None)
    }

    /// What a finding is about.
    pub(super) fn of_finding(finding: &'a Finding) -> Self {
        let tenant = finding.stated_tenant.as_ref();
        Self::new(
            tenant.or(finding.tenant.id.as_ref()),
            finding.task.as_ref().and_then(|task| task.id.as_ref()),
            finding.source.as_ref(),
            finding.entity.as_ref(),
        )
    }

    /// The hash by which it is looked up.
    pub(super) fn key(&self) -> u64 {
        let mut hasher = FxHasher::default();
        let texts = [self.task, self.tenant, self.source, self.entity.as_deref()];
        for text in texts {
            match text {
                Some(text) => hasher.write(text.as_bytes()),
                None => hasher.write_u8(1),
            }
        }
        hasher.finish()
    }
}

fn tenant(id: Option<&Arc<str>>, name: &Arc<str>) -> TenantRef {
    TenantRef {
        id: id.cloned(),
        name: Arc::clone(name),
    }
}

/// The tenant of what belongs to no known one.
pub(super) fn unassigned() -> TenantRef {
    TenantRef {
        id: None,
        name: "unassigned".into(),
    }
}
