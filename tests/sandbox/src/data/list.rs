//! The lists of a data set. Items are kept as the JSON text that is served, because that takes less
//! memory than parsed values.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// The kinds of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Users,
    Tasks,
    Statuses,
    Bills,
    Resellers,
    BackupTasks,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Users,
        Self::Tasks,
        Self::Statuses,
        Self::Bills,
        Self::Resellers,
        Self::BackupTasks,
    ];

    /// Returns the member of a data file that holds the list.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Tasks => "tasks",
            Self::Statuses => "statuses",
            Self::Bills => "bills",
            Self::Resellers => "resellers",
            Self::BackupTasks => "backupTasks",
        }
    }

    /// Returns the field that identifies an item.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Users | Self::Tasks | Self::BackupTasks => "id",
            Self::Statuses => "entityName",
            Self::Bills => "name",
            Self::Resellers => "partnerId",
        }
    }

    /// Returns what kind of owner the items have, for error messages.
    pub(super) fn owner(self) -> &'static str {
        match self {
            Self::Users => "reseller or partner",
            _ => "user",
        }
    }

    /// Returns true if an item can be looked up by its key.
    pub(super) fn has_ids(self) -> bool {
        !matches!(self, Self::Statuses | Self::Bills)
    }
}

/// The member of an item in a data file that names its owner, for items whose own fields do not. It
/// is never served.
pub(super) const OWNER: &str = "_owner";

/// What the passing of time does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Schedule {
    /// Backups run as planned.
    #[default]
    Runs,
    /// No backup runs any more: the item stays as it is.
    Stopped,
    /// Backups are attempted as planned, and none succeeds.
    Attempts,
}

/// The member of an item in a data file that names a schedule other than [`Schedule::Runs`]. It is
/// never served.
pub(super) const SCHEDULE: &str = "_schedule";

impl Schedule {
    /// Returns the value of [`SCHEDULE`].
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Runs => None,
            Self::Stopped => Some("stopped"),
            Self::Attempts => Some("attempts"),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Stopped, Self::Attempts];
        all.into_iter().find(|one| one.name() == Some(name))
    }
}

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) text: Box<RawValue>,
    pub(crate) id: Option<Arc<str>>,
    /// The id of the owner: a reseller or partner for a user, and a user for all other items.
    pub(crate) owner: Option<Arc<str>>,
    /// The time that the text describes. Backups since then are not in it.
    pub(crate) since: Timestamp,
    pub(crate) schedule: Schedule,
}

impl Item {
    /// Parses the item. The result is null if the text is not JSON, which no list contains.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(self.text.get()).unwrap_or_default()
    }
}

/// A list in the order in which it is served.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) kind: Kind,
    /// All items, including those that are removed, so that positions stay.
    pub(crate) items: Vec<Arc<Item>>,
    removed: BTreeSet<usize>,
    by_id: HashMap<Arc<str>, usize>,
    /// The owners' ids, so that the items of one owner share one text.
    owners: HashSet<Arc<str>>,
    /// The buffer that items are serialized to before they are copied into an exact allocation.
    buffer: Vec<u8>,
}

impl List {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            items: Vec::new(),
            removed: BTreeSet::new(),
            by_id: HashMap::new(),
            owners: HashSet::new(),
            buffer: Vec::new(),
        }
    }

    /// Reserves capacity for this many more items.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.items.reserve(count);
        self.by_id.reserve(count);
    }

    /// Appends an item and returns its position. If several items have the same id, a lookup
    /// returns the first.
    pub(crate) fn push(&mut self, value: &Value, owner: Option<&str>, since: Timestamp) -> usize {
        let at = self.items.len();
        let item = self.item(value, owner, since);
        if let Some(id) = &item.id {
            self.by_id.entry(Arc::clone(id)).or_insert(at);
        }
        self.items.push(Arc::new(item));
        at
    }

    /// Removes an item, which keeps its position.
    pub(crate) fn remove(&mut self, at: usize) {
        let Some(item) = self.items.get(at) else {
            return;
        };
        if let Some(id) = &item.id
            && self.position(id) == Some(at)
        {
            self.by_id.remove(id);
        }
        self.removed.insert(at);
    }

    pub(crate) fn has_removed(&self) -> bool {
        !self.removed.is_empty()
    }

    /// Returns the items that are not removed, with their positions.
    pub(crate) fn present(&self) -> impl Iterator<Item = (usize, &Arc<Item>)> {
        let all = self.items.iter().enumerate();
        all.filter(|(at, _)| !self.removed.contains(at))
    }

    /// Sets what the passing of time does to an item.
    pub(crate) fn schedule(&mut self, at: usize, schedule: Schedule) {
        let Some(old) = self.items.get_mut(at) else {
            return;
        };
        *old = Arc::new(Item {
            text: old.text.clone(),
            id: old.id.clone(),
            owner: old.owner.clone(),
            since: old.since,
            schedule,
        });
    }

    /// Replaces the text of an item. Its id, owner and schedule stay.
    pub(crate) fn replace(&mut self, at: usize, value: &Value, since: Timestamp) {
        let Some(old) = self.items.get(at).map(Arc::clone) else {
            return;
        };
        let item = Item {
            id: old.id.clone(),
            schedule: old.schedule,
            ..self.item(value, old.owner.as_deref(), since)
        };
        self.items[at] = Arc::new(item);
    }

    fn item(&mut self, value: &Value, owner: Option<&str>, since: Timestamp) -> Item {
        let id = self
            .kind
            .has_ids()
            .then(|| value.get(self.kind.key())?.as_str().map(Arc::from))
            .flatten();
        Item {
            text: self.text(value),
            id,
            owner: owner.map(|owner| self.owner(owner)),
            since,
            schedule: Schedule::default(),
        }
    }

    /// Serializing a JSON value cannot fail.
    fn text(&mut self, value: &Value) -> Box<RawValue> {
        self.buffer.clear();
        let written = serde_json::to_writer(&mut self.buffer, value).is_ok();
        let text = std::str::from_utf8(&self.buffer).ok().filter(|_| written);
        text.and_then(|text| RawValue::from_string(text.to_owned()).ok())
            .unwrap_or_default()
    }

    fn owner(&mut self, owner: &str) -> Arc<str> {
        if let Some(known) = self.owners.get(owner) {
            return Arc::clone(known);
        }
        let owner: Arc<str> = Arc::from(owner);
        self.owners.insert(Arc::clone(&owner));
        owner
    }

    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Item>> {
        self.items.get(self.position(id)?)
    }
}
