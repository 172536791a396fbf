//! A data set: the lists, and the parts of them that an account sees.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::list::{Item, Kind, List, OWNER, SCHEDULE};
use super::{
    Origin, Size, backup_tasks, bills, partners, progress, resellers, statuses, tasks, users,
};

/// The profiles of the accounts.
#[derive(Debug)]
pub(crate) struct Profiles {
    /// The ordinary partner's profile.
    pub(crate) partner: Value,
    /// The distributor's profile.
    pub(crate) distributor: Value,
    /// The distributor's profile as v2 serves it.
    pub(crate) details: Value,
}

/// The items that an account sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// All items.
    All,
    /// The items of the users of the reseller with this id.
    Reseller(Arc<str>),
    /// The items of the user with this id.
    User(Arc<str>),
}

#[derive(Debug)]
pub(crate) struct DataSet {
    /// In the order of [`Kind::ALL`].
    lists: [List; 6],
    /// The positions of the items in each scope, cached until a list changes.
    visible: Mutex<Visible>,
}

type Visible = HashMap<(Kind, Scope), Arc<[usize]>>;

/// A list as an account sees it.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) set: &'a DataSet,
    pub(crate) kind: Kind,
    items: &'a [Arc<Item>],
    visible: Option<Arc<[usize]>>,
}

impl DataSet {
    pub(crate) fn empty() -> Self {
        Self {
            lists: Kind::ALL.map(List::new),
            visible: Mutex::default(),
        }
    }

    pub(crate) fn generate(origin: Origin, size: Size) -> (Profiles, Self) {
        let profiles = partners::generate(origin);
        let mut set = Self::empty();
        let resellers = resellers::generate(origin);
        for reseller in &resellers {
            set.list_mut(Kind::Resellers)
                .push(reseller, None, origin.now);
        }
        let (tenants, users) = users::generate(origin, size.users, &profiles.partner, &resellers);
        for user in users {
            set.add(Kind::Users, &user, origin.now);
        }
        // The first tasks get status entries; of the others, only the text is kept.
        let mut facts = Vec::new();
        set.list_mut(Kind::Tasks).reserve(size.tasks);
        let backup_tasks = backup_tasks::generate(origin, &tenants);
        let mut ids = tasks::BackupTaskIds::new();
        for (task, tenant) in &backup_tasks {
            if let (Some(id), Some(tenant)) = (text(task, "id"), tenant) {
                ids.entry(&tenant.id).or_default().push(id);
            }
        }
        tasks::generate(origin, size, &tenants, &ids, |task| {
            if facts.len() < size.statuses {
                facts.push(statuses::facts(task));
            }
            set.add(Kind::Tasks, task, origin.now);
        });
        for status in statuses::generate(origin, size.statuses, &tenants, &facts) {
            let owner = text(&status, "userId");
            set.list_mut(Kind::Statuses)
                .push(&status, owner, origin.now);
        }
        for (bill, tenant) in bills::generate(origin, &tenants) {
            set.list_mut(Kind::Bills)
                .push(&bill, Some(&tenant.id), origin.now);
        }
        for (task, tenant) in &backup_tasks {
            let owner = tenant.map(|tenant| tenant.id.as_str());
            set.list_mut(Kind::BackupTasks)
                .push(task, owner, origin.now);
        }
        (profiles, set)
    }

    /// Appends an item whose own fields name its owner. A bill belongs to the user of the same
    /// name.
    pub(crate) fn add(&mut self, kind: Kind, value: &Value, now: Timestamp) -> usize {
        let named = match kind {
            Kind::Bills => text(value, "name").and_then(|name| self.user_named(name)),
            _ => None,
        };
        let owner = owner_field(kind).and_then(|field| text(value, field));
        let owner = owner.or(named.as_deref());
        self.list_mut(kind).push(value, owner, now)
    }

    /// Returns the item as it is at `now`, in the format of a data file: with its owner where its
    /// own fields do not name it.
    pub(super) fn exported(&self, kind: Kind, item: &Item, now: Timestamp) -> Value {
        let mut value = progress::at(self, kind, item, now).unwrap_or_else(|| item.value());
        let said = owner_field(kind).and_then(|field| text(&value, field));
        if said != item.owner.as_deref() {
            value[OWNER] = Value::from(item.owner.as_deref());
        }
        if let Some(name) = item.schedule.name() {
            value[SCHEDULE] = Value::from(name);
        }
        value
    }

    pub(crate) fn list(&self, kind: Kind) -> &List {
        &self.lists[kind as usize]
    }

    /// Returns the list for a change, and clears the cached positions.
    pub(crate) fn list_mut(&mut self, kind: Kind) -> &mut List {
        let cached = self.visible.get_mut();
        cached.unwrap_or_else(PoisonError::into_inner).clear();
        &mut self.lists[kind as usize]
    }

    /// Applies a change to an item as it is at `now`, and stores the result.
    pub(crate) fn change(
        &mut self,
        kind: Kind,
        at: usize,
        now: Timestamp,
        change: impl FnOnce(&mut Value),
    ) {
        let Some(item) = self.list(kind).items.get(at) else {
            return;
        };
        let mut value = progress::at(self, kind, item, now).unwrap_or_else(|| item.value());
        if kind == Kind::Tasks && item.since < now {
            let id = item.id.clone();
            self.settle(id.as_deref(), now);
        }
        change(&mut value);
        self.list_mut(kind).replace(at, &value, now);
    }

    /// Writes down how far the entries of a task have come, because a change of the task changes
    /// when their backups run.
    fn settle(&mut self, task: Option<&str>, now: Timestamp) {
        let Some(task) = task else {
            return;
        };
        let entries = self
            .list(Kind::Statuses)
            .present()
            .filter_map(|(at, entry)| {
                // The text is searched first, since most entries need not be parsed then.
                let may_be = entry.text.get().contains(task);
                let value = may_be
                    .then(|| progress::at(self, Kind::Statuses, entry, now))
                    .flatten()?;
                (text(&value, "taskId") == Some(task)).then_some((at, value))
            });
        for (at, value) in entries.collect::<Vec<_>>() {
            self.list_mut(Kind::Statuses).replace(at, &value, now);
        }
    }

    /// Returns the part of a list that is in scope.
    pub(crate) fn view(&self, kind: Kind, scope: &Scope) -> View<'_> {
        View {
            set: self,
            kind,
            items: &self.list(kind).items,
            visible: (*scope != Scope::All || self.list(kind).has_removed())
                .then(|| self.visible(kind, scope)),
        }
    }

    /// Returns the task or backup task with this id, if it is in scope.
    pub(crate) fn restorable(&self, id: &str, scope: &Scope) -> Option<&Item> {
        [Kind::Tasks, Kind::BackupTasks]
            .into_iter()
            .find_map(|kind| self.seen(kind, id, scope))
    }

    /// Returns the item with this id, if it is in scope.
    pub(crate) fn seen(&self, kind: Kind, id: &str, scope: &Scope) -> Option<&Item> {
        let item = self.list(kind).get(id)?;
        let theirs = match scope {
            Scope::All => true,
            Scope::User(user) => item.owner.as_ref() == Some(user),
            // A user's owner is the reseller, and that of anything else is a user.
            Scope::Reseller(reseller) if kind == Kind::Users => {
                item.owner.as_ref() == Some(reseller)
            }
            Scope::Reseller(_) => item
                .owner
                .as_deref()
                .is_some_and(|owner| self.seen_owner(owner, scope)),
        };
        theirs.then_some(item)
    }

    fn seen_owner(&self, user: &str, scope: &Scope) -> bool {
        match (self.list(Kind::Users).get(user), scope) {
            (Some(user), Scope::Reseller(reseller)) => user.owner.as_ref() == Some(reseller),
            _ => false,
        }
    }

    fn visible(&self, kind: Kind, scope: &Scope) -> Arc<[usize]> {
        let mut cached = self.visible.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, scope.clone());
        if let Some(positions) = cached.get(&key) {
            return Arc::clone(positions);
        }
        let owners: HashSet<Arc<str>> = match (kind, scope) {
            (Kind::Users, Scope::Reseller(id)) => HashSet::from([Arc::clone(id)]),
            (_, Scope::Reseller(id)) => {
                let users = self.list(Kind::Users).items.iter();
                let theirs = users.filter(|user| user.owner.as_ref() == Some(id));
                theirs.filter_map(|user| user.id.clone()).collect()
            }
            (_, Scope::User(id)) => HashSet::from([Arc::clone(id)]),
            (_, Scope::All) => HashSet::new(),
        };
        let positions: Arc<[usize]> = (self.list(kind).present())
            .filter(|(_, item)| {
                let owner = item.owner.as_ref();
                *scope == Scope::All || owner.is_some_and(|owner| owners.contains(owner))
            })
            .map(|(at, _)| at)
            .collect();
        cached.insert(key, Arc::clone(&positions));
        positions
    }

    fn user_named(&self, name: &str) -> Option<String> {
        let users = self.list(Kind::Users).items.iter();
        let user = users
            .filter(|user| user.text.get().contains(name))
            .find(|user| text(&user.value(), "name") == Some(name))?;
        user.id.as_deref().map(str::to_owned)
    }
}

impl<'a> View<'a> {
    pub(crate) fn len(&self) -> usize {
        match &self.visible {
            Some(positions) => positions.len(),
            None => self.items.len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&'a Item> {
        let at = match &self.visible {
            Some(positions) => *positions.get(at)?,
            None => at,
        };
        self.items.get(at).map(Arc::as_ref)
    }
}

/// Returns the field of an item that names its owner.
fn owner_field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Users => Some("partnerID"),
        Kind::Tasks | Kind::Statuses | Kind::BackupTasks => Some("userId"),
        Kind::Bills | Kind::Resellers => None,
    }
}

pub(super) fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field)?.as_str()
}
