//! What differs between the operations of two documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lookup::{self, Key, content, is_json, place, target};
use super::{Class, Diff};
use crate::pointer::Pointer;
use crate::walk::METHODS;

/// Members of an operation that are compared for what they mean; any other is words.
const MEANING: [&str; 7] = [
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "x-pagination",
    "x-idempotent",
];

impl<'v> Diff<'v> {
    pub(super) fn operations(&mut self) {
        let (old, new) = (lookup::operations(self.old), lookup::operations(self.new));
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
        self.path_items();
    }

    /// Of what stands beside the operations of a path, only the parameters are more than words.
    fn path_items(&mut self) {
        let all = |document: &'v Value| document.get("paths").and_then(Value::as_object);
        let (old, new) = (all(self.old), all(self.new));
        let meaning = [METHODS.as_slice(), &["parameters", "$ref"]].concat();
        let at = Pointer::root().child("paths");
        for (path, after) in new.into_iter().flatten() {
            if let Some(before) = old.and_then(|old| old.get(path)) {
                self.words(&at.child(path), Some(before), Some(after), &meaning);
            }
        }
    }

    fn operation(&mut self, from: &Key, before: &'v Value, to: &Key, after: &'v Value) {
        let at = place(to);
        if id(before) != id(after) {
            let what = format!("operation `{}` is now called `{}`", id(before), id(after));
            self.add(&at.child("operationId"), Class::Breaking, what);
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
        self.words(&at, Some(before), Some(after), &MEANING);
        self.requirements(&at, before, after);
        self.parameters(from, before, to, after);
        self.body(&at, before, after);
        self.responses(&at, before, after);
    }

    /// Notes members that differ and are none of `others`: nothing is made of them but docs.
    pub(super) fn words(
        &mut self,
        at: &Pointer,
        before: Option<&Value>,
        after: Option<&Value>,
        others: &[&str],
    ) {
        let keys: BTreeSet<&String> = [before, after]
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flat_map(Map::keys)
            .filter(|key| !others.contains(&key.as_str()))
            .collect();
        for key in keys {
            let of = |value: Option<&'_ Value>| value.and_then(|value| value.get(key).cloned());
            if of(before) != of(after) {
                self.add(&at.child(key), Class::Docs, format!("`{key}` changed"));
            }
        }
    }

    fn body(&mut self, at: &Pointer, before: &'v Value, after: &'v Value) {
        let at = at.child("requestBody");
        let (document, now) = (self.old, self.new);
        let of = |operation: &'v Value| operation.get("requestBody");
        let was = of(before).map(|body| target(document, body, at.clone()));
        let is = of(after).map(|body| target(now, body, at.clone()));
        let ((old, _), (new, at)) = match (was, is) {
            (Some(old), Some(new)) => (old, new),
            (None, None) => return,
            (None, Some((_, at))) => return self.add(&at, Class::Breaking, "it now takes a body"),
            (Some(_), None) => return self.add(&at, Class::Breaking, "it no longer takes a body"),
        };
        let is_needed = |body: &Value| body.get("required") == Some(&Value::Bool(true));
        match (is_needed(old), is_needed(new)) {
            (false, true) => self.add(
                &at.child("required"),
                Class::Docs,
                "the body is now required; the client always sends it",
            ),
            (true, false) => self.add(
                &at.child("required"),
                Class::Docs,
                "the body may now be left out; the client always sends it",
            ),
            _ => {}
        }
        self.words(&at, Some(old), Some(new), &["required", "content", "$ref"]);
        let at_content = at.child("content");
        match (content(old), content(new)) {
            (None, None) => {}
            (None, Some(_)) => self.add(&at_content, Class::Breaking, "it now takes a body"),
            (Some(_), None) => self.add(&at_content, Class::Breaking, "it no longer takes a body"),
            (Some((kind, _)), Some((now, _))) if kind != now => {
                let what = format!("the body is now `{now}`, and was `{kind}`");
                self.add(&at_content, Class::Breaking, what);
            }
            (Some((_, was)), Some((kind, is))) => {
                self.other_media(old, new, &at_content, "sends");
                let at = at_content.child(kind).child("schema");
                self.schemas(was.get("schema"), is.get("schema"), &at, true);
            }
        }
    }

    fn responses(&mut self, at: &Pointer, before: &'v Value, after: &'v Value) {
        let at = at.child("responses");
        let (document, now) = (self.old, self.new);
        let all = |operation: &'v Value| operation.get("responses").and_then(Value::as_object);
        let (old, new) = (all(before), all(after));
        for (status, response) in old.into_iter().flatten() {
            let at = at.child(status);
            let is_success = status.starts_with('2');
            let (response, _) = target(document, response, at.clone());
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
                Some(after) => {
                    let (after, at) = target(now, after, at);
                    if is_success {
                        self.success(response, after, &at);
                    } else if after != response {
                        let what = format!("what is said of status {status} changed");
                        self.add(&at, Class::Docs, what);
                    }
                }
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

    fn success(&mut self, old: &'v Value, new: &'v Value, at: &Pointer) {
        self.words(at, Some(old), Some(new), &["content", "headers", "$ref"]);
        // The client gives headers as they come, so no code is made of what is said of them.
        let (was, is) = (old.get("headers"), new.get("headers"));
        for name in names(was).union(&names(is)) {
            let of = |all: Option<&Value>| all.and_then(|all| all.get(name).cloned());
            let how = match (of(was), of(is)) {
                (before, after) if before == after => continue,
                (None, _) => "is new",
                (_, None) => "is gone",
                _ => "changed",
            };
            let what =
                format!("header `{name}` of the answer {how}; headers are given as they come");
            self.add(&at.child("headers").child(name), Class::Docs, what);
        }
        let at = at.child("content");
        match (content(old), content(new)) {
            (None, None) => {}
            (None, Some(_)) => self.add(&at, Class::Breaking, "the answer now has a body"),
            (Some(_), None) => self.add(&at, Class::Breaking, "the answer no longer has a body"),
            (Some((was, _)), Some((is, _))) if is_json(was) != is_json(is) => {
                let what = format!("the answer is now `{is}`, and was `{was}`");
                self.add(&at, Class::Breaking, what);
            }
            (Some((_, before)), Some((kind, after))) => {
                self.other_media(old, new, &at, "reads");
                if is_json(kind) {
                    let at = at.child(kind).child("schema");
                    self.schemas(before.get("schema"), after.get("schema"), &at, true);
                }
            }
        }
    }

    /// Media types beside the one that the client takes.
    fn other_media(&mut self, old: &Value, new: &'v Value, at: &Pointer, verb: &str) {
        let taken = content(new)
            .map(|(kind, _)| kind.as_str())
            .unwrap_or_default();
        let (was, is) = (names(old.get("content")), names(new.get("content")));
        for kind in was.symmetric_difference(&is) {
            let how = if is.contains(kind) { "new" } else { "gone" };
            let what = format!("media type `{kind}` is {how}; the client {verb} `{taken}`");
            self.add(&at.child(kind), Class::Docs, what);
        }
    }
}

fn names(all: Option<&Value>) -> BTreeSet<&str> {
    let all = all.and_then(Value::as_object);
    all.into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

fn id(operation: &Value) -> String {
    operation
        .get("operationId")
        .and_then(Value::as_str)
        .unwrap_or("without a name")
        .to_owned()
}
