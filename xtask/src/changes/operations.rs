//! What differs between the operations of two documents.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Class, Diff};
use crate::pointer::Pointer;
use crate::walk::METHODS;

impl<'v> Diff<'v> {
    pub(super) fn operations(&mut self) {
        let (old, new) = (operations(self.old), operations(self.new));
        let ids = |all: &BTreeMap<Key, &'v Value>| -> BTreeMap<String, Key> {
            all.iter()
                .map(|(key, operation)| (id(operation), key.clone()))
                .collect()
        };
        let (old_ids, new_ids) = (ids(&old), ids(&new));
        for (key, before) in &old {
            match new.get(key) {
                Some(after) => self.operation(key, before, key, after),
                None => match new_ids.get(&id(before)) {
                    Some(to) if !old.contains_key(to) => {
                        let what = format!(
                            "operation `{}` moved to `{} {}`",
                            id(before),
                            to.1.to_uppercase(),
                            to.0
                        );
                        self.add(&place(to), Class::Additive, what);
                        if let Some(after) = new.get(to) {
                            self.operation(key, before, to, after);
                        }
                    }
                    _ => self.add(
                        &place(key),
                        Class::Breaking,
                        format!("operation `{}` is gone", id(before)),
                    ),
                },
            }
        }
        for (key, after) in &new {
            let is_moved = old_ids
                .get(&id(after))
                .is_some_and(|from| !new.contains_key(from));
            if !old.contains_key(key) && !is_moved {
                self.add(
                    &place(key),
                    Class::Additive,
                    format!("operation `{}` is new", id(after)),
                );
            }
        }
    }

    fn operation(&mut self, from: &Key, before: &'v Value, to: &Key, after: &'v Value) {
        let at = place(to);
        if id(before) != id(after) {
            let what = format!("operation `{}` is now called `{}`", id(before), id(after));
            self.add(&at.child("operationId"), Class::Breaking, what);
        }
        for key in ["summary", "description", "deprecated", "tags"] {
            if before.get(key) != after.get(key) {
                self.add(&at.child(key), Class::Docs, format!("`{key}` changed"));
            }
        }
        for key in ["x-pagination", "x-idempotent"] {
            if before.get(key) != after.get(key) {
                self.add(
                    &at.child(key),
                    Class::Breaking,
                    format!("`{key}` changed, and so does what a call does"),
                );
            }
        }
        if before.get("security") != after.get("security") {
            self.add(
                &at.child("security"),
                Class::Additive,
                "what it takes to be let in changed",
            );
        }
        self.parameters(from, before, to, after);
        self.body(&at, before, after);
        self.responses(&at, before, after);
    }

    /// The parameters of an operation that may have moved: some stand beside the path.
    fn parameters(&mut self, from: &Key, before: &'v Value, to: &Key, after: &'v Value) {
        let old = parameters(self.old, from, before);
        let new = parameters(self.new, to, after);
        for (name, (parameter, at)) in &old {
            let needed = |parameter: &Value| parameter.get("required") == Some(&Value::Bool(true));
            let Some((now, now_at)) = new.get(name) else {
                self.add(
                    at,
                    Class::Breaking,
                    format!("parameter `{}` is gone", name.1),
                );
                continue;
            };
            match (needed(parameter), needed(now)) {
                (false, true) => self.add(
                    &now_at.child("required"),
                    Class::Breaking,
                    format!("parameter `{}` is now required", name.1),
                ),
                (true, false) => self.add(
                    &now_at.child("required"),
                    Class::Additive,
                    format!("parameter `{}` may now be left out", name.1),
                ),
                _ => {}
            }
            if parameter.get("description") != now.get("description") {
                self.add(
                    &now_at.child("description"),
                    Class::Docs,
                    format!("words on parameter `{}` changed", name.1),
                );
            }
            self.schemas(
                parameter.get("schema"),
                now.get("schema"),
                &now_at.child("schema"),
                true,
            );
        }
        for (name, (parameter, at)) in &new {
            if !old.contains_key(name) {
                let is_needed = parameter.get("required") == Some(&Value::Bool(true));
                let class = if is_needed {
                    Class::Breaking
                } else {
                    Class::Additive
                };
                let how = if is_needed { "new and required" } else { "new" };
                self.add(at, class, format!("parameter `{}` is {how}", name.1));
            }
        }
    }

    fn body(&mut self, at: &Pointer, before: &'v Value, after: &'v Value) {
        let at = at.child("requestBody");
        let (old, new) = (
            content(self.old, before.get("requestBody")),
            content(self.new, after.get("requestBody")),
        );
        match (old, new) {
            (None, None) => {}
            (None, Some(_)) => self.add(&at, Class::Breaking, "it now takes a body"),
            (Some(_), None) => self.add(&at, Class::Breaking, "it no longer takes a body"),
            (Some((kind, _)), Some((now, _))) if kind != now => {
                self.add(
                    &at.child("content"),
                    Class::Breaking,
                    format!("the body is now `{now}` and not `{kind}`"),
                );
            }
            (Some((_, old)), Some((kind, new))) => {
                let at = at.child("content").child(kind).child("schema");
                self.schemas(old.get("schema"), new.get("schema"), &at, true);
            }
        }
    }

    fn responses(&mut self, at: &Pointer, before: &'v Value, after: &'v Value) {
        let at = at.child("responses");
        let all = |operation: &'v Value| operation.get("responses").and_then(Value::as_object);
        let (old, new) = (all(before), all(after));
        for (status, response) in old.into_iter().flatten() {
            let at = at.child(status);
            let is_success = status.starts_with('2');
            match new.and_then(|new| new.get(status)) {
                // Failures are read by hand, whatever the document says of them.
                None => {
                    let class = if is_success {
                        Class::Breaking
                    } else {
                        Class::Docs
                    };
                    self.add(&at, class, format!("status {status} is gone"));
                }
                Some(now) if is_success => {
                    let (old, new) = (
                        content(self.old, Some(response)),
                        content(self.new, Some(now)),
                    );
                    match (old, new) {
                        (Some((_, old)), Some((kind, new))) => {
                            let at = at.child("content").child(kind).child("schema");
                            self.schemas(old.get("schema"), new.get("schema"), &at, true);
                        }
                        (None, None) => {}
                        (None, Some(_)) => self.add(
                            &at.child("content"),
                            Class::Breaking,
                            "the answer now has a body",
                        ),
                        (Some(_), None) => self.add(
                            &at.child("content"),
                            Class::Breaking,
                            "the answer no longer has a body",
                        ),
                    }
                }
                Some(now) if now != response => self.add(
                    &at,
                    Class::Docs,
                    format!("what is said of status {status} changed"),
                ),
                Some(_) => {}
            }
        }
        for (status, _) in new
            .into_iter()
            .flatten()
            .filter(|(status, _)| old.is_none_or(|old| !old.contains_key(*status)))
        {
            let class = if status.starts_with('2') {
                Class::Additive
            } else {
                Class::Docs
            };
            self.add(&at.child(status), class, format!("status {status} is new"));
        }
    }
}

/// Path and method.
pub(super) type Key = (String, &'static str);

pub(super) fn place(key: &Key) -> Pointer {
    Pointer::root().child("paths").child(&key.0).child(key.1)
}

fn id(operation: &Value) -> String {
    operation
        .get("operationId")
        .and_then(Value::as_str)
        .unwrap_or("without a name")
        .to_owned()
}

pub(super) fn operations(document: &Value) -> BTreeMap<Key, &Value> {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flatten();
    items
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter_map(move |method| Some(((path.clone(), *method), item.get(*method)?)))
        })
        .collect()
}

pub(super) fn target<'v>(document: &'v Value, node: &'v Value) -> &'v Value {
    let reference = node
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(Pointer::of_reference);
    reference
        .and_then(|place| document.pointer(place.as_str()))
        .unwrap_or(node)
}

pub(super) type Parameters<'v> = BTreeMap<(String, String), (&'v Value, Pointer)>;

pub(super) fn parameters<'v>(
    document: &'v Value,
    key: &Key,
    operation: &'v Value,
) -> Parameters<'v> {
    let at_path = Pointer::root().child("paths").child(&key.0);
    let item = document.get("paths").and_then(|paths| paths.get(&key.0));
    let mut all = Parameters::new();
    for (owner, at) in [(item, at_path), (Some(operation), place(key))] {
        let own = owner
            .and_then(|owner| owner.get("parameters"))
            .and_then(Value::as_array);
        for (index, parameter) in own.into_iter().flatten().enumerate() {
            let parameter = target(document, parameter);
            let text = |key: &str| {
                parameter
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            all.insert(
                (text("in"), text("name")),
                (parameter, at.child("parameters").index(index)),
            );
        }
    }
    all
}

/// The media type of a body or an answer, JSON first, and what is said of it.
fn content<'v>(document: &'v Value, node: Option<&'v Value>) -> Option<(&'v String, &'v Value)> {
    let content = target(document, node?).get("content")?.as_object()?;
    content
        .iter()
        .find(|(name, _)| name.contains("json"))
        .or_else(|| content.iter().next())
}
