//! Walks an OpenAPI document by what each node is.
//!
//! A rewrite must know where it is: `type` is a keyword in a schema, a name in `properties`, and a
//! value in an example. The table [`CHILDREN`] says which keys lead to which kind of node; nothing
//! else is entered, so examples, extensions and server variables are left alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Error;
use crate::pointer::Pointer;

/// What a node of the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    RequestBody,
    MediaType,
    Response,
    Schema,
}

/// How the nodes below another hang there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    List,
    Map,
}

/// Node, key, how the children hang there, and what they are.
const CHILDREN: &[(Node, &str, Shape, Node)] = &[
    (Node::Document, "paths", Shape::Map, Node::PathItem),
    (Node::Document, "components", Shape::One, Node::Components),
    (Node::Components, "schemas", Shape::Map, Node::Schema),
    (Node::Components, "parameters", Shape::Map, Node::Parameter),
    (Node::Components, "headers", Shape::Map, Node::Header),
    (
        Node::Components,
        "requestBodies",
        Shape::Map,
        Node::RequestBody,
    ),
    (Node::Components, "responses", Shape::Map, Node::Response),
    (Node::Components, "pathItems", Shape::Map, Node::PathItem),
    (Node::PathItem, "parameters", Shape::List, Node::Parameter),
    (Node::PathItem, "get", Shape::One, Node::Operation),
    (Node::PathItem, "put", Shape::One, Node::Operation),
    (Node::PathItem, "post", Shape::One, Node::Operation),
    (Node::PathItem, "delete", Shape::One, Node::Operation),
    (Node::PathItem, "options", Shape::One, Node::Operation),
    (Node::PathItem, "head", Shape::One, Node::Operation),
    (Node::PathItem, "patch", Shape::One, Node::Operation),
    (Node::PathItem, "trace", Shape::One, Node::Operation),
    (Node::Operation, "parameters", Shape::List, Node::Parameter),
    (
        Node::Operation,
        "requestBody",
        Shape::One,
        Node::RequestBody,
    ),
    (Node::Operation, "responses", Shape::Map, Node::Response),
    (Node::Parameter, "schema", Shape::One, Node::Schema),
    (Node::Parameter, "content", Shape::Map, Node::MediaType),
    (Node::Header, "schema", Shape::One, Node::Schema),
    (Node::RequestBody, "content", Shape::Map, Node::MediaType),
    (Node::Response, "content", Shape::Map, Node::MediaType),
    (Node::Response, "headers", Shape::Map, Node::Header),
    (Node::MediaType, "schema", Shape::One, Node::Schema),
    (Node::Schema, "properties", Shape::Map, Node::Schema),
    (Node::Schema, "patternProperties", Shape::Map, Node::Schema),
    (Node::Schema, "$defs", Shape::Map, Node::Schema),
    (
        Node::Schema,
        "additionalProperties",
        Shape::One,
        Node::Schema,
    ),
    (Node::Schema, "items", Shape::One, Node::Schema),
    (Node::Schema, "prefixItems", Shape::List, Node::Schema),
    (Node::Schema, "not", Shape::One, Node::Schema),
    (Node::Schema, "allOf", Shape::List, Node::Schema),
    (Node::Schema, "anyOf", Shape::List, Node::Schema),
    (Node::Schema, "oneOf", Shape::List, Node::Schema),
];

/// The HTTP methods that a path item may have.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation and the path item that it is in.
pub(crate) struct Operation<'v> {
    pub(crate) path: &'v str,
    pub(crate) item: &'v Value,
    pub(crate) method: &'static str,
    pub(crate) value: &'v Value,
}

impl Operation<'_> {
    pub(crate) fn pointer(&self) -> Pointer {
        Pointer::root()
            .child("paths")
            .child(self.path)
            .child(self.method)
    }
}

/// The operations of a document, path by path.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            Some(Operation {
                path,
                item,
                method,
                value: item.get(method)?,
            })
        })
    })
}

/// What a reference names; the node itself, if it is none.
pub(crate) fn target<'v>(document: &'v Value, node: &'v Value) -> &'v Value {
    let mut node = node;
    let mut seen = BTreeSet::new();
    while let Some(reference) = node.get("$ref").and_then(Value::as_str)
        && seen.insert(reference)
        && let Some(next) =
            Pointer::of_reference(reference).and_then(|place| document.pointer(place.as_str()))
    {
        node = next;
    }
    node
}

/// The keys that lead from a node to others.
pub(crate) fn children(node: Node) -> impl Iterator<Item = (&'static str, Shape, Node)> {
    CHILDREN
        .iter()
        .filter(move |(parent, ..)| *parent == node)
        .map(|(_, key, shape, child)| (*key, *shape, *child))
}

/// Whether the member of a map of these nodes is one of them, and not an extension.
pub(crate) fn is_member(child: Node, name: &str) -> bool {
    !name.starts_with("x-") || matches!(child, Node::Schema | Node::Header)
}

/// Calls `visit` for every node of the document, children before their parent.
pub(crate) fn walk(
    document: &mut Value,
    visit: &mut dyn FnMut(Node, &Pointer, &mut Value) -> Result<(), Error>,
) -> Result<(), Error> {
    descend(Node::Document, &Pointer::root(), document, visit)
}

/// Calls `visit` for a node of this kind at this place and every node below it, children before
/// their parent.
pub(crate) fn walk_from(
    node: Node,
    at: &Pointer,
    value: &mut Value,
    visit: &mut dyn FnMut(Node, &Pointer, &mut Value) -> Result<(), Error>,
) -> Result<(), Error> {
    descend(node, at, value, visit)
}

fn descend(
    node: Node,
    pointer: &Pointer,
    value: &mut Value,
    visit: &mut dyn FnMut(Node, &Pointer, &mut Value) -> Result<(), Error>,
) -> Result<(), Error> {
    for (key, shape, child) in children(node) {
        let Some(below) = value.as_object_mut().and_then(|object| object.get_mut(key)) else {
            continue;
        };
        let pointer = pointer.child(key);
        match (shape, below) {
            (Shape::One, below @ Value::Object(_)) => descend(child, &pointer, below, visit)?,
            (Shape::List, Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    descend(child, &pointer.child(&index.to_string()), item, visit)?;
                }
            }
            (Shape::Map, Value::Object(entries)) => {
                for (name, entry) in entries.iter_mut() {
                    if is_member(child, name) {
                        descend(child, &pointer.child(name), entry, visit)?;
                    }
                }
            }
            // `additionalProperties: true` and the like have nothing below them.
            _ => {}
        }
    }
    visit(node, pointer, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn visited(mut document: Value) -> Vec<(Node, String)> {
        let mut seen = Vec::new();
        walk(&mut document, &mut |node, pointer, _| {
            seen.push((node, pointer.to_string()));
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn a_property_named_like_a_keyword_is_a_schema_and_an_example_is_not() {
        let seen = visited(json!({"components": {"schemas": {"A": {
            "properties": {"type": {"type": "string"}, "items": {"type": "string"}},
            "example": {"properties": {"x": {}}},
        }}}}));
        let schemas: Vec<_> = seen
            .iter()
            .filter(|(node, _)| *node == Node::Schema)
            .map(|(_, pointer)| pointer.as_str())
            .collect();
        assert_eq!(
            schemas,
            [
                "/components/schemas/A/properties/items",
                "/components/schemas/A/properties/type",
                "/components/schemas/A",
            ]
        );
    }

    #[test]
    fn extensions_among_paths_are_not_path_items() {
        let seen = visited(json!({"paths": {"x-note": {"get": {}}, "/a/b": {"get": {}}}}));
        assert!(seen.contains(&(Node::Operation, "/paths/~1a~1b/get".to_owned())));
        assert!(!seen.iter().any(|(_, pointer)| pointer.contains("x-note")));
    }
}
