//! Edits that bring the overlay up to date with the vendor's document. They are printed for the
//! reader, and applied to a copy, so that the later stages report their reasons in the same run.

use std::fmt;

use serde_json::{Value, json};

use crate::pointer::Pointer;

/// One edit. The places are those of the overlay as it was read, so edits can be made in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Take an action out, or a part of it.
    Drop(Pointer),
    Set(Pointer, Value),
    /// Give a member another name.
    Rename(Pointer, String),
    /// Put this action in front of all others.
    First(Value),
    /// Put this action behind all others.
    Last(Value),
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(place) => write!(f, "drop {place}"),
            Self::Set(place, value) => write!(f, "set {place} to {value}"),
            Self::Rename(place, name) => write!(f, "rename {place} to {}", json!(name)),
            // An object of JSON is one of YAML.
            Self::First(action) => write!(f, "insert before all actions: {action}"),
            Self::Last(action) => write!(f, "insert after all actions: {action}"),
        }
    }
}

/// An action that takes places out before the overlay adds its own.
pub(super) fn take_out(target: String, count: usize, grade: &str) -> Edit {
    let source = "The overlay says this in its own words.";
    let mut action =
        json!({"target": target, "x-evidence": grade, "x-source": source, "remove": true});
    if let (true, Value::Object(action)) = (count > 1, &mut action) {
        action.insert("x-matches".to_owned(), json!(count));
    }
    Edit::First(action)
}

/// An overlay under edit.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    overlay: Value,
    first: Vec<Value>,
    actions: Vec<Option<Value>>,
    last: Vec<Value>,
}

impl Draft {
    pub(super) fn of(overlay: &Value) -> Self {
        let actions = overlay.get("actions").and_then(Value::as_array);
        let actions = actions.into_iter().flatten().cloned().map(Some).collect();
        Self {
            overlay: overlay.clone(),
            first: Vec::new(),
            actions,
            last: Vec::new(),
        }
    }

    /// Makes an edit; whether that changed anything.
    pub(super) fn make(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::First(action) => push_new(&mut self.first, action),
            Edit::Last(action) => push_new(&mut self.last, action),
            Edit::Drop(place) => self.drop(place).is_some(),
            Edit::Set(place, value) => self.set(place, value).is_some(),
            Edit::Rename(place, name) => self.rename(place, name).is_some(),
        }
    }

    /// The action that a place lies in, and the rest of the place.
    fn action(&mut self, place: &Pointer) -> Option<(&mut Option<Value>, String)> {
        let mut keys = place.keys().skip(1);
        let index: usize = keys.next()?.parse().ok()?;
        let rest = keys.fold(Pointer::root(), |rest, key| rest.child(&key));
        let action = self.actions.get_mut(index)?;
        action.is_some().then(|| (action, rest.as_str().to_owned()))
    }

    fn above(&mut self, place: &Pointer) -> Option<(&mut Value, String)> {
        let key = place.keys().last()?;
        let (action, rest) = self.action(&place.parent())?;
        Some((action.as_mut()?.pointer_mut(&rest)?, key))
    }

    fn drop(&mut self, place: &Pointer) -> Option<()> {
        let (action, rest) = self.action(place)?;
        if rest.is_empty() {
            *action = None;
            return Some(());
        }
        let (above, key) = self.above(place)?;
        above.as_object_mut()?.remove(&key)?;
        Some(())
    }

    fn set(&mut self, place: &Pointer, value: &Value) -> Option<()> {
        let (above, key) = self.above(place)?;
        let there = match above {
            Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?,
            other => other.as_object_mut()?.entry(key).or_insert(Value::Null),
        };
        (there != value).then(|| *there = value.clone())
    }

    fn rename(&mut self, place: &Pointer, name: &str) -> Option<()> {
        let (above, key) = self.above(place)?;
        let members = above.as_object_mut()?;
        let value = members.remove(&key)?;
        members.insert(name.to_owned(), value);
        Some(())
    }

    /// The overlay as it stands now, and where each of its actions stands in the one that was read;
    /// nothing for one that an edit brought in.
    pub(super) fn overlay(&self) -> (Value, Vec<Option<Pointer>>) {
        let mut names = vec![None; self.first.len()];
        let mut actions = self.first.clone();
        for (index, action) in self.actions.iter().enumerate() {
            if let Some(action) = action {
                actions.push(action.clone());
                names.push(Some(super::action_pointer(index)));
            }
        }
        actions.extend(self.last.iter().cloned());
        names.resize(actions.len(), None);
        let mut overlay = self.overlay.clone();
        if let Some(there) = overlay.get_mut("actions") {
            *there = Value::from(actions);
        }
        (overlay, names)
    }
}

fn push_new(list: &mut Vec<Value>, action: &Value) -> bool {
    let is_new = !list.contains(action);
    if is_new {
        list.push(action.clone());
    }
    is_new
}
