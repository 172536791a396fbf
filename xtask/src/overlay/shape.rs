//! Compares what the vendor says of a value with what the overlay says, by what goes over the wire.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// How deep bodies are compared.
const DEPTH: usize = 4;
/// How many names are shown.
const NAMED: usize = 8;

/// Keywords that say what shape a value has.
const KEYWORDS: [&str; 10] = [
    "$ref",
    "type",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "allOf",
    "items",
    "properties",
    "additionalProperties",
];
/// Those that lead to other schemas, beside which the others say something else.
const CHOICES: [&str; 4] = ["$ref", "oneOf", "anyOf", "allOf"];

/// How two schemas differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Differs {
    /// One cannot be read as the other.
    Type,
    /// The vendor's object has fields that ours lacks.
    Fields,
    /// The vendor names values that ours does not.
    Values,
}

/// A schema with the documents that its references lead into, the first that has the place.
#[derive(Clone, Copy)]
pub(super) struct Schema<'v> {
    pub(super) schema: &'v Value,
    pub(super) documents: [&'v Value; 2],
}

impl<'v> Schema<'v> {
    fn of(self, schema: &'v Value) -> Self {
        Self { schema, ..self }
    }

    /// The schema without references and without the choice of null.
    fn plain(self) -> Self {
        let mut here = self;
        for _ in 0..16 {
            let reference = here.schema.get("$ref").and_then(Value::as_str);
            let named = reference.and_then(Pointer::of_reference).and_then(|place| {
                self.documents
                    .iter()
                    .find_map(|document| place.find(document))
            });
            let only = || {
                let mut branches = here.branches().into_iter();
                let first = branches.next()?;
                let is_open = here.schema.get("type").is_some();
                (branches.next().is_none() && !is_open).then_some(first)
            };
            match named.or_else(only) {
                Some(next) => here = self.of(next),
                None => break,
            }
        }
        here
    }

    fn branches(self) -> Vec<&'v Value> {
        let lists = ["oneOf", "anyOf", "allOf"].into_iter();
        let lists = lists.filter_map(|key| self.schema.get(key)?.as_array());
        lists
            .flatten()
            .filter(|branch| branch.get("type").is_none_or(|kind| kind != "null"))
            .collect()
    }

    fn kind(self) -> Option<&'v str> {
        match self.schema.get("type") {
            Some(Value::String(kind)) => Some(kind),
            Some(Value::Array(kinds)) => {
                let mut kinds = kinds.iter().filter_map(Value::as_str);
                let first = kinds.find(|kind| *kind != "null")?;
                kinds.all(|kind| kind == "null").then_some(first)
            }
            _ if self.schema.get("properties").is_some() => Some("object"),
            _ => None,
        }
    }

    fn values(self) -> Vec<&'v Value> {
        let mut all = vec![self.schema];
        all.extend(self.branches());
        let lists = all.iter().filter_map(|one| one.get("enum")?.as_array());
        lists.flatten().filter(|value| !value.is_null()).collect()
    }

    fn fields(self) -> BTreeMap<&'v str, &'v Value> {
        let all = self.schema.get("properties").and_then(Value::as_object);
        let all = all.into_iter().flatten();
        all.map(|(name, schema)| (name.as_str(), schema)).collect()
    }

    /// The names of the fields of an object.
    pub(super) fn names(self) -> Vec<String> {
        let fields = self.plain().fields().into_keys();
        fields.map(str::to_owned).collect()
    }

    /// What it says, in a few words.
    pub(super) fn words(self) -> String {
        let name = self.schema.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|reference| Pointer::component("schemas", reference));
        let here = self.plain();
        let mut words = match (here.kind(), here.schema.get("items")) {
            (Some("array"), Some(items)) => format!("list of {}", self.of(items).words()),
            (Some("object"), _) => {
                let fields: Vec<&str> = here.fields().into_keys().collect();
                let more = if fields.len() > NAMED { ", ..." } else { "" };
                let fields = fields.iter().take(NAMED).copied().collect::<Vec<_>>();
                format!("object {{{}{more}}}", fields.join(", "))
            }
            (kind, _) => kind.unwrap_or("anything").to_owned(),
        };
        if let Some(format) = here.schema.get("format").and_then(Value::as_str) {
            words.push_str(&format!(" ({format})"));
        }
        let values = here.values();
        if !values.is_empty() {
            let more = if values.len() > NAMED { ", ..." } else { "" };
            let values: Vec<String> = values.iter().take(NAMED).map(ToString::to_string).collect();
            words.push_str(&format!(" of {}{more}", values.join(", ")));
        }
        match name {
            Some(name) => format!("`{name}`, {words}"),
            None => words,
        }
    }
}

/// How the vendor's schema differs from ours. Null is never a difference: ours allow it, since the
/// service sends it where its document says nothing.
pub(super) fn differs(ours: Schema<'_>, vendor: Schema<'_>, has_fields: bool) -> Option<Differs> {
    compare(ours, vendor, has_fields, DEPTH)
}

fn compare(
    ours: Schema<'_>,
    vendor: Schema<'_>,
    has_fields: bool,
    depth: usize,
) -> Option<Differs> {
    // What goes by one name is compared where that is described.
    let name = |schema: Schema<'_>| schema.schema.get("$ref").cloned();
    if name(ours).is_some() && name(ours) == name(vendor) {
        return None;
    }
    let (ours, vendor) = (ours.plain(), vendor.plain());
    if depth == 0 || ours.schema == vendor.schema {
        return None;
    }
    let (Some(kind), Some(theirs)) = (ours.kind(), vendor.kind()) else {
        return None;
    };
    // An integer can be read as a number.
    if kind != theirs && (kind, theirs) != ("number", "integer") {
        return Some(Differs::Type);
    }
    if kind == "array" {
        let (items, their_items) = (ours.schema.get("items")?, vendor.schema.get("items")?);
        return compare(
            ours.of(items),
            vendor.of(their_items),
            has_fields,
            depth - 1,
        );
    }
    let values = ours.values();
    if !values.is_empty() && vendor.values().iter().any(|value| !values.contains(value)) {
        return Some(Differs::Values);
    }
    if kind != "object" || !has_fields {
        return None;
    }
    let fields = ours.fields();
    let each = vendor
        .fields()
        .into_iter()
        .filter_map(|(name, theirs)| match fields.get(name) {
            Some(field) => compare(ours.of(field), vendor.of(theirs), has_fields, depth - 1),
            None => Some(Differs::Fields),
        });
    each.min()
}

/// What an update makes of a schema that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// One schema, of which each keyword is ours or the vendor's.
    Sound,
    /// Keywords of both that say something else together.
    Mixed,
    /// Our keywords beside a reference, though they are meant for what it leads to.
    AtReference,
}

pub(super) fn merged(update: &Map<String, Value>, there: &Map<String, Value>) -> Merged {
    let has = |schema: &Map<String, Value>, keys: &[&str]| {
        keys.iter().any(|key| schema.contains_key(*key))
    };
    if !has(update, &CHOICES) && !update.contains_key("type") {
        let is_meant_for_it = |key: &String| {
            !key.starts_with("x-")
                && !["description", "example", "examples"].contains(&key.as_str())
        };
        return match there.contains_key("$ref") && update.keys().any(is_meant_for_it) {
            true => Merged::AtReference,
            false => Merged::Sound,
        };
    }
    let left: Vec<&str> = KEYWORDS
        .into_iter()
        .filter(|key| there.contains_key(*key) && !update.contains_key(*key))
        .collect();
    // Lists are added to, not replaced.
    let is_added = KEYWORDS.iter().any(|key| {
        let is_list = |schema: &Map<String, Value>| schema.get(*key).is_some_and(Value::is_array);
        is_list(update) && is_list(there)
    });
    let is_other =
        has(update, &CHOICES) && !left.is_empty() || left.iter().any(|key| CHOICES.contains(key));
    let is_other_type =
        update.get("type").map(plain_type) != there.get("type").map(plain_type) && !left.is_empty();
    match is_added || is_other || is_other_type {
        true => Merged::Mixed,
        false => Merged::Sound,
    }
}

fn plain_type(kind: &Value) -> Vec<&Value> {
    let all = match kind {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    all.into_iter().filter(|one| *one != "null").collect()
}

/// The keywords of a schema that say what shape it has.
pub(super) fn keywords(schema: &Map<String, Value>) -> Vec<&'static str> {
    let all = KEYWORDS.into_iter().chain(["format"]);
    all.filter(|key| schema.contains_key(*key)).collect()
}

/// Whether a schema stands at this place.
pub(super) fn is_schema(place: &Pointer) -> bool {
    let keys: Vec<String> = place.keys().collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    match keys.as_slice() {
        ["components", "schemas", _] => true,
        [.., above, _] if *above == "properties" => true,
        [.., last] => ["schema", "items", "additionalProperties"].contains(last),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_over_the_wire_is_compared() {
        let document = json!({"components": {"schemas": {
            "Open": {"type": "string", "anyOf": [{"enum": ["a"]}, {"type": "string"}]},
            "Page": {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Open"}}}},
        }}});
        let open = json!({"oneOf": [{"$ref": "#/components/schemas/Open"}, {"type": "null"}]});
        let page = json!({"$ref": "#/components/schemas/Page"});
        for (ours, vendor, found) in [
            (
                json!({"type": ["string", "null"], "format": "task-id"}),
                json!({"type": "string", "format": "uuid"}),
                None,
            ),
            (
                json!({"type": "string"}),
                json!({"type": "integer"}),
                Some(Differs::Type),
            ),
            (json!({"type": "number"}), json!({"type": "integer"}), None),
            (
                json!({"type": "integer"}),
                json!({"type": "number"}),
                Some(Differs::Type),
            ),
            (open.clone(), json!({"type": "string", "enum": ["a"]}), None),
            (
                open.clone(),
                json!({"type": "string", "enum": ["a", "b"]}),
                Some(Differs::Values),
            ),
            (open, json!({"type": "integer"}), Some(Differs::Type)),
            (
                page.clone(),
                json!({"type": "array", "items": {}}),
                Some(Differs::Type),
            ),
            (
                page.clone(),
                json!({"type": "object", "properties": {"content": {}}}),
                Some(Differs::Fields),
            ),
            (
                page,
                json!({"type": "object", "properties": {"data": {"type": "string"}}}),
                Some(Differs::Type),
            ),
        ] {
            let of = |schema| Schema {
                schema,
                documents: [&document; 2],
            };
            assert_eq!(
                differs(of(&ours), of(&vendor), true),
                found,
                "{ours} {vendor}"
            );
        }
    }

    #[test]
    fn what_would_be_a_mixture_is_known() {
        let reference = json!({"$ref": "#/a"});
        for (update, there, found) in [
            (
                json!({"type": ["string", "null"]}),
                json!({"type": "string", "enum": ["a"]}),
                Merged::Sound,
            ),
            (
                json!({"type": ["string", "null"]}),
                json!({"type": ["string", "null"]}),
                Merged::Mixed,
            ),
            (
                json!({"type": "integer"}),
                json!({"type": "string", "enum": ["a"]}),
                Merged::Mixed,
            ),
            (
                json!({"oneOf": [{"$ref": "#/a"}]}),
                json!({"type": "string"}),
                Merged::Mixed,
            ),
            (
                json!({"oneOf": [{"$ref": "#/a"}]}),
                json!({"description": "d"}),
                Merged::Sound,
            ),
            (
                json!({"type": "object", "properties": {}}),
                reference.clone(),
                Merged::Mixed,
            ),
            (
                json!({"format": "password"}),
                reference.clone(),
                Merged::AtReference,
            ),
            (
                json!({"description": "d", "x-evidence": "spec"}),
                reference.clone(),
                Merged::Sound,
            ),
            (reference, json!({"$ref": "#/b"}), Merged::Sound),
        ] {
            let of = |value: &Value| value.as_object().unwrap().clone();
            assert_eq!(merged(&of(&update), &of(&there)), found, "{update} {there}");
        }
    }
}
