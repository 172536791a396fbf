//! Whether a value may be null, by all that is said of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schemas::is_nullable;
use crate::pointer::Pointer;

/// What a schema says of null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Null {
    Allowed,
    /// Neither a type nor a value is named, so nothing is said.
    Silent,
    Forbidden,
}

/// Whether a schema says that a value of it may be null: of parts that hold at once none may forbid
/// it, of choices one is enough.
pub(super) fn may_be_null(document: &Value, schema: &Map<String, Value>) -> bool {
    of(document, schema, &mut BTreeMap::new()) == Null::Allowed
}

/// What was found of references is kept; one that leads back to itself says nothing more by that.
fn of<'v>(
    document: &'v Value,
    schema: &'v Map<String, Value>,
    found: &mut BTreeMap<&'v str, Null>,
) -> Null {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(known) = found.get(reference) {
            return *known;
        }
        found.insert(reference, Null::Silent);
        let target = Pointer::of_reference(reference);
        let target = target.as_ref().and_then(|target| target.find(document));
        let said = target
            .and_then(Value::as_object)
            .map_or(Null::Silent, |target| of(document, target, found));
        found.insert(reference, said);
        return said;
    }
    if is_nullable(schema) {
        return Null::Allowed;
    }
    let mut all = Vec::new();
    if schema.contains_key("type") || schema.contains_key("enum") {
        all.push(Null::Forbidden);
    }
    let mut said_by = |key: &str| -> Vec<Null> {
        let parts = schema.get(key).and_then(Value::as_array);
        parts
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|part| of(document, part, found))
            .collect()
    };
    all.extend(said_by("allOf"));
    for key in ["oneOf", "anyOf"] {
        let choices = said_by(key);
        if choices.contains(&Null::Allowed) {
            all.push(Null::Allowed);
        } else if !choices.is_empty() && choices.iter().all(|said| *said == Null::Forbidden) {
            all.push(Null::Forbidden);
        }
    }
    if all.contains(&Null::Forbidden) {
        Null::Forbidden
    } else if all.contains(&Null::Allowed) {
        Null::Allowed
    } else {
        Null::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_needs_the_word_of_all_parts_or_of_one_choice() {
        let document = json!({"components": {"schemas": {
            "B": {"type": "object", "nullable": true},
            "C": {"type": "object"},
            "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"$ref": "#/components/schemas/B"}]},
        }}});
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let nullable = json!({"type": "object", "nullable": true});
        for (schema, expected) in [
            (json!({"allOf": [named("B"), nullable]}), true),
            (json!({"allOf": [named("B"), named("C")]}), false),
            (json!({"allOf": [named("B"), {"required": ["x"]}]}), true),
            (
                json!({"allOf": [{"properties": {}}, {"required": ["x"]}]}),
                false,
            ),
            (
                json!({"allOf": [named("B"), nullable], "type": "object"}),
                false,
            ),
            (
                json!({"allOf": [named("C"), nullable], "nullable": true}),
                true,
            ),
            (json!({"oneOf": [named("C"), named("B")]}), true),
            (json!({"oneOf": [named("C"), named("C")]}), false),
            (json!({"enum": ["a", null]}), true),
            (named("Loop"), true),
        ] {
            let schema = schema.as_object().unwrap();
            assert_eq!(may_be_null(&document, schema), expected, "{schema:?}");
        }
    }
}
