//! Finds things in a document, each with the place where it stands: behind a reference, that is the
//! component.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pointer::Pointer;
use crate::walk;

/// How many components in a row may be references to the next.
const CHAIN: usize = 16;

/// Path and method.
pub(super) type Key = (String, &'static str);

/// A parameter by where it goes and its name.
pub(super) type Parameters<'v> = BTreeMap<(String, String), (&'v Value, Pointer)>;

/// Every operation of the document.
pub(super) fn operations(document: &Value) -> BTreeMap<Key, &Value> {
    walk::operations(document)
        .map(|one| ((one.path.to_owned(), one.method), one.value))
        .collect()
}

/// Where an operation stands.
pub(super) fn place(key: &Key) -> Pointer {
    Pointer::root().child("paths").child(&key.0).child(key.1)
}

/// What a node is, and where that stands: the node itself, or what it refers to.
pub(super) fn target<'v>(
    document: &'v Value,
    node: &'v Value,
    at: Pointer,
) -> (&'v Value, Pointer) {
    let mut found = (node, at);
    for _ in 0..CHAIN {
        let next = found
            .0
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(Pointer::of_reference);
        let Some(place) = next else { break };
        let Some(value) = place.find(document) else {
            break;
        };
        found = (value, place);
    }
    found
}

/// The parameters of an operation: its own, and those beside its path.
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
            let at = at.child("parameters").index(index);
            let (parameter, at) = target(document, parameter, at);
            let text = |key: &str| {
                parameter
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            all.insert((text("in"), text("name")), (parameter, at));
        }
    }
    all
}

/// The media type of a body or an answer, JSON first, and what is said of it.
pub(super) fn content(node: &Value) -> Option<(&String, &Value)> {
    let content = node.get("content")?.as_object()?;
    content
        .iter()
        .find(|(name, _)| is_json(name))
        .or_else(|| content.iter().next())
}

pub(super) fn is_json(media: &str) -> bool {
    media.contains("json")
}
