//! The field that tells the shapes of a choice apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::merge::{self, Merged};
use super::words::target;

/// The field that tells the shapes apart, and what it says for each: as the discriminator has it, or as a field that has
/// another single value in each of them.
pub(super) fn tags(
    document: &Value,
    object: &Map<String, Value>,
    choices: &[(usize, Value)],
) -> (Option<String>, Vec<Vec<String>>) {
    let discriminator = object.get("discriminator");
    if let Some(tag) = discriminator
        .and_then(|each| each.get("propertyName"))
        .and_then(Value::as_str)
    {
        let mapping = discriminator
            .and_then(|each| each.get("mapping"))
            .and_then(Value::as_object);
        let last = |text: &str| {
            text.rsplit(['/', '#'])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let tags = choices.iter().map(|(_, choice)| {
            let Some(reference) = reference_of(choice) else {
                return Vec::new();
            };
            let mapped = mapping
                .into_iter()
                .flatten()
                .filter(|(_, to)| to.as_str().is_some_and(|to| last(to) == last(reference)));
            let mut said: Vec<String> = mapped.map(|(said, _)| said.clone()).collect();
            if said.is_empty() {
                said.push(last(reference));
            }
            said
        });
        return (Some(tag.to_owned()), tags.collect());
    }
    let single: Vec<BTreeMap<String, String>> = choices
        .iter()
        .map(|(_, choice)| single_values(document, choice))
        .collect();
    let first = single.first().cloned().unwrap_or_default();
    for tag in first.keys() {
        let said: Vec<&String> = single.iter().filter_map(|values| values.get(tag)).collect();
        let distinct: BTreeSet<&&String> = said.iter().collect();
        if said.len() == choices.len() && distinct.len() == choices.len() {
            return (
                Some(tag.clone()),
                said.into_iter().map(|said| vec![said.clone()]).collect(),
            );
        }
    }
    (None, Vec::new())
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

/// The fields of an object that have a single text for a value.
fn single_values(document: &Value, choice: &Value) -> BTreeMap<String, String> {
    let schema = target(document, choice);
    let merged = match schema
        .as_object()
        .map(|object| merge::merge(document, object))
    {
        Some(Ok(Merged::Many(merged))) => Value::Object(merged),
        Some(Ok(Merged::One(only))) => target(document, &only).clone(),
        _ => schema.clone(),
    };
    let fields = merged
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    fields
        .iter()
        .filter_map(|(name, field)| {
            match target(document, field).get("enum")?.as_array()?.as_slice() {
                [Value::String(only)] => Some((name.clone(), only.clone())),
                _ => None,
            }
        })
        .collect()
}
