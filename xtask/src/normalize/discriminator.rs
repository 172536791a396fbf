//! The field that tells the shapes of a choice apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::scalar::{merged, one_word};
use crate::pointer::Pointer;
use crate::walk::target;

/// The field that tells the shapes apart, and what it says for each: as the discriminator has it,
/// or as a field that has other values in each of them.
pub(super) fn tags(
    document: &Value,
    object: &Map<String, Value>,
    choices: &[(usize, Value)],
) -> (Option<String>, Vec<Vec<String>>) {
    let name = object
        .get("discriminator")
        .and_then(|each| each.get("propertyName"))
        .and_then(Value::as_str);
    if let Some(tag) = name {
        let said = choices.iter().enumerate().map(|(position, (_, choice))| {
            let others = choices.iter().enumerate();
            let others = others.filter(|(other, _)| *other != position);
            let taken: BTreeSet<String> = others
                .flat_map(|(_, (_, other))| claimed(document, tag, mapping(object), other))
                .collect();
            let mut seen = BTreeSet::new();
            said(document, tag, mapping(object), choice, &taken, &mut seen)
        });
        return (Some(tag.to_owned()), said.collect());
    }
    let known: Vec<BTreeMap<String, Vec<String>>> = choices
        .iter()
        .map(|(_, choice)| known_values(document, choice))
        .collect();
    let first = known.first().cloned().unwrap_or_default();
    for tag in first.keys() {
        let said: Vec<&Vec<String>> = known.iter().filter_map(|values| values.get(tag)).collect();
        let all: Vec<&String> = said.iter().copied().flatten().collect();
        let distinct: BTreeSet<&String> = all.iter().copied().collect();
        if said.len() == choices.len() && distinct.len() == all.len() {
            return (Some(tag.clone()), said.into_iter().cloned().collect());
        }
    }
    (None, Vec::new())
}

fn mapping(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    object.get("discriminator")?.get("mapping")?.as_object()
}

/// The tags that a choice has a claim to. One that two choices have a claim to tells neither.
fn claimed(
    document: &Value,
    tag: &str,
    mapping: Option<&Map<String, Value>>,
    choice: &Value,
) -> Vec<String> {
    let mut claimed = known_values(document, choice)
        .remove(tag)
        .unwrap_or_default();
    claimed.extend(mapped(document, mapping, choice));
    if claimed.is_empty() {
        claimed.extend(own_name(choice));
    }
    claimed
}

/// What the mapping says for a choice.
fn mapped(document: &Value, mapping: Option<&Map<String, Value>>, choice: &Value) -> Vec<String> {
    let place = reference_of(choice).and_then(|reference| last_place(document, reference));
    let leads_here = |to: &Value| {
        let to = to.as_str().and_then(|to| last_place(document, to));
        to.is_some() && to == place
    };
    let entries = mapping.into_iter().flatten();
    entries
        .filter(|(_, to)| leads_here(to))
        .map(|(said, _)| said.clone())
        .collect()
}

/// The name of the component that a choice is.
fn own_name(choice: &Value) -> Option<String> {
    Pointer::of_reference(reference_of(choice)?)?.keys().last()
}

/// What the tag says for a choice: as the mapping has it, and its own field; without both, its
/// name. Of several values of the field, those that are `taken` by other choices say nothing.
fn said(
    document: &Value,
    tag: &str,
    mapping: Option<&Map<String, Value>>,
    choice: &Value,
    taken: &BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) -> Vec<String> {
    let mut said = mapped(document, mapping, choice);
    // A choice of choices says what those say.
    let whole = merged(document, choice);
    let inner = ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|key| whole.get(key)?.as_array());
    if let (Some(inner), Some(object)) = (inner, whole.as_object()) {
        // One that holds itself says nothing more by that.
        if !seen.insert(whole.to_string()) {
            return said;
        }
        let own = self::mapping(object).or(mapping);
        for choice in inner {
            said.extend(self::said(document, tag, own, choice, taken, seen));
        }
    } else {
        let own = known_values(document, choice).remove(tag);
        let own = own.unwrap_or_default();
        let is_only = own.len() == 1;
        for value in own {
            if !said.contains(&value) && (is_only || !taken.contains(&value)) {
                said.push(value);
            }
        }
    }
    if said.is_empty() {
        said.extend(own_name(choice));
    }
    said.dedup();
    said
}

/// Where a reference leads in the end.
fn last_place(document: &Value, reference: &str) -> Option<Pointer> {
    let mut place = Pointer::of_reference(reference)?;
    let mut seen = BTreeSet::from([place.clone()]);
    while let Some(next) = place
        .find(document)
        .and_then(|found| Pointer::of_reference(found.get("$ref")?.as_str()?))
        && seen.insert(next.clone())
    {
        place = next;
    }
    Some(place)
}

fn reference_of(choice: &Value) -> Option<&str> {
    let direct = choice.get("$ref").and_then(Value::as_str);
    direct.or_else(|| {
        choice
            .get("allOf")?
            .as_array()?
            .iter()
            .rev()
            .find_map(|part| part.get("$ref")?.as_str())
    })
}

/// The fields of an object of which all values are known, each with those.
fn known_values(document: &Value, choice: &Value) -> BTreeMap<String, Vec<String>> {
    let whole = merged(document, choice);
    let fields = whole.get("properties").and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .filter_map(|(name, field)| {
            let word = merged(document, field);
            let values = match word.get("enum") {
                Some(values) => values.as_array()?.clone(),
                None => one_word(document, [target(document, field)])?
                    .get("enum")?
                    .as_array()?
                    .clone(),
            };
            let words: Option<Vec<String>> = values.iter().map(as_tag).collect();
            Some((name.clone(), words.filter(|words| !words.is_empty())?))
        })
        .collect()
}

/// A value as the tag of a shape.
fn as_tag(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said_of(kinds: [Value; 2], mapping: Value) -> Vec<Vec<String>> {
        let [first, second] = kinds;
        let document = json!({"components": {"schemas": {
            "Canine": {"type": "object", "properties": {"kind": first}},
            "Feline": {"type": "object", "properties": {"kind": second}},
        }}});
        let choice = json!({"discriminator": {"propertyName": "kind", "mapping": mapping}});
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let choices = [(0, named("Canine")), (1, named("Feline"))];
        tags(&document, choice.as_object().unwrap(), &choices).1
    }

    #[test]
    fn a_shape_is_told_by_every_value_that_is_its_own() {
        let words = |values: &[&str]| json!({"type": "string", "enum": values});
        let said = said_of(
            [words(&["Dog", "Hound"]), words(&["Cat", "Lion"])],
            json!({}),
        );
        assert_eq!(said, [["Dog", "Hound"], ["Cat", "Lion"]]);
        let both = words(&["Canine", "Feline"]);
        let said = said_of([both.clone(), both], json!({}));
        assert_eq!(said, [["Canine"], ["Feline"]]);
        let said = said_of(
            [words(&["Canine", "Feline"]), json!({"type": "string"})],
            json!({}),
        );
        assert_eq!(said, [["Canine"], ["Feline"]]);
    }
}
