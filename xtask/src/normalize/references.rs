//! Follows references: what a schema names, what a plain schema comes to, and names that go round
//! in a circle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::STAGE;
use super::nulls::may_be_null;
use super::schemas::{Schemas, Shape};
use crate::pointer::Pointer;

impl Schemas<'_> {
    /// The type that a reference names.
    pub(super) fn reference(&mut self, reference: &str, pointer: &Pointer) -> Shape {
        let mut seen = BTreeSet::new();
        let mut reference = reference.to_owned();
        // A component that is but another name for one is that one.
        loop {
            let target = Pointer::of_reference(&reference);
            let found = target
                .as_ref()
                .and_then(|target| target.find(self.document));
            let next = found
                .and_then(|found| found.get("$ref"))
                .and_then(Value::as_str);
            match (target, found, next) {
                (_, _, Some(next)) if seen.insert(next.to_owned()) => reference = next.to_owned(),
                (_, _, Some(_)) => {
                    self.report.wider(
                        STAGE,
                        pointer,
                        "a circle of names for nothing: became anything",
                    );
                    return Shape::of(json!({}));
                }
                (Some(target), Some(found), None) => {
                    let name = target.keys().last().unwrap_or_default();
                    let Some(type_name) = self.types.get(&name) else {
                        return Shape::of(json!({}));
                    };
                    return Shape {
                        value: json!({"$ref": format!("#/components/schemas/{type_name}")}),
                        nullable: found
                            .as_object()
                            .is_some_and(|found| may_be_null(self.document, found)),
                    };
                }
                // Refused before.
                _ => return Shape::of(json!({})),
            }
        }
    }

    /// A type that is but another, which is but the first, has no value at all.
    pub(super) fn break_circles(&mut self) {
        let next = |plain: &BTreeMap<String, Value>, name: &str| -> Option<String> {
            let reference = plain.get(name)?.pointer("/allOf/0/$ref")?.as_str()?;
            Pointer::component("schemas", reference).map(str::to_owned)
        };
        let names: Vec<String> = self.plain.keys().cloned().collect();
        for name in names {
            let mut seen = BTreeSet::from([name.clone()]);
            let mut at = name.clone();
            while let Some(after) = next(&self.plain, &at) {
                if !seen.insert(after.clone()) {
                    let pointer = Pointer::root().child("components").child("schemas");
                    let what = "became anything, for it is but a circle of names";
                    self.report.wider(STAGE, &pointer.child(&after), what);
                    self.plain.insert(after, json!({}));
                    break;
                }
                at = after;
            }
        }
    }
}

/// What a plain schema is, once its references are followed.
pub(super) fn plain_target<'p>(
    mut schema: &'p Value,
    plain: &'p BTreeMap<String, Value>,
) -> &'p Value {
    let mut seen = BTreeSet::new();
    while let Some(name) = schema
        .get("$ref")
        .or_else(|| schema.pointer("/allOf/0/$ref"))
        .and_then(|reference| Pointer::component("schemas", reference.as_str()?))
        && seen.insert(name)
        && let Some(next) = plain.get(name)
    {
        schema = next;
    }
    schema
}
