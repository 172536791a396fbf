//! Names that are the same in Rust: operations, values of an enum, fields of an object, types.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::STAGE;
use crate::error::Action;
use crate::error::Error;
use crate::plain::calls::Call;
use crate::plain::names::{FIELDS, FUNCTIONS, VALUES, pascal, snake};
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{Node, walk};

pub(super) fn check(document: &mut Value, report: &mut Report) -> Result<(), Error> {
    let types = Pointer::root().child("components").child("schemas");
    let named = types.find(document).and_then(Value::as_object);
    let named = named.into_iter().flatten();
    for (name, why) in taken(named.map(|(name, _)| name.as_str()), pascal, &[]) {
        let at = types.child(name);
        let advice = "rename one of them in the document";
        report.refuse(STAGE, &at, &json!(name), why, advice, &Action::None);
    }
    walk(document, &mut |node, at, value| {
        if let (Node::Schema, Value::Object(schema)) = (node, value) {
            values(schema, at, report);
            fields(schema, at, report);
        }
        Ok(())
    })
}

/// Functions of the client, each named after an operation.
pub(super) fn operations(calls: &[Call<'_>], report: &mut Report) {
    let named: Vec<(&str, &Call<'_>)> = calls
        .iter()
        .filter_map(|call| Some((call.operation.get("operationId")?.as_str()?, call)))
        .collect();
    for (name, why) in taken(named.iter().map(|(name, _)| *name), snake, &FUNCTIONS) {
        let Some((_, call)) = named.iter().rfind(|(id, _)| *id == name) else {
            continue;
        };
        let at = call.at.child("operationId");
        let update = format!("{{operationId: '{}Operation'}}", name.replace('\'', "''"));
        let action = Action::Update(&call.at, &update);
        let advice = "rename it by an overlay action";
        report.refuse(STAGE, &at, &json!(name), why, advice, &action);
    }
}

fn values(schema: &Map<String, Value>, at: &Pointer, report: &mut Report) {
    let listed = schema.get("enum").and_then(Value::as_array);
    let listed = listed.map(Vec::as_slice).unwrap_or_default();
    if listed
        .iter()
        .any(|each| !each.is_string() && !each.is_null())
    {
        return;
    }
    let words: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    // Where two are the same, the generator tries once more with the letters that it would leave
    // out.
    let mut found = taken(words.iter().copied(), pascal, &[]);
    found = if found.is_empty() {
        taken(words.iter().copied(), pascal, &VALUES)
    } else {
        taken(words.iter().copied(), crossed, &VALUES)
    };
    if found.is_empty() {
        return;
    }
    // An action is for an object or a list, so the list is written anew.
    let mut rest = words;
    for (word, _) in &found {
        if let Some(position) = rest.iter().rposition(|each| each == word) {
            rest.remove(position);
        }
    }
    let mut rest = json!(rest);
    if let (true, Some(rest)) = (listed.contains(&Value::Null), rest.as_array_mut()) {
        rest.push(Value::Null);
    }
    let place = at.child("enum");
    let update = format!("{{enum: {rest}}}");
    let actions = [Action::Remove(&place), Action::Update(at, &update)];
    let advice = "take these out: they are then read and written as values that are not known";
    refuse(&place, &found, advice, &actions, report);
}

fn fields(schema: &Map<String, Value>, at: &Pointer, report: &mut Report) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = properties.into_iter().flatten();
    let found = taken(names.map(|(name, _)| name.as_str()), snake, &FIELDS);
    if found.is_empty() {
        return;
    }
    let place = at.child("properties");
    let fields: Vec<Pointer> = found.iter().map(|(name, _)| place.child(name)).collect();
    let mut actions: Vec<Action<'_>> = fields.iter().map(Action::Remove).collect();
    let needed = schema.get("required").and_then(Value::as_array);
    let needed = needed.map(Vec::as_slice).unwrap_or_default();
    let is_gone = |name: &&Value| found.iter().any(|(gone, _)| **name == json!(gone));
    let (gone, rest): (Vec<&Value>, Vec<&Value>) = needed.iter().partition(is_gone);
    let required = at.child("required");
    let update = format!("{{required: {}}}", json!(rest));
    if !gone.is_empty() {
        actions.push(Action::Remove(&required));
    }
    if !gone.is_empty() && !rest.is_empty() {
        actions.push(Action::Update(at, &update));
    }
    let advice = "take these out: they are then kept among the unknown fields";
    refuse(&place, &found, advice, &actions, report);
}

fn refuse(
    at: &Pointer,
    found: &[(&str, String)],
    advice: &str,
    actions: &[Action<'_>],
    report: &mut Report,
) {
    let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    let why: Vec<String> = found
        .iter()
        .map(|(name, why)| format!("`{name}`: {why}"))
        .collect();
    let action = Action::Several(actions);
    report.refuse(STAGE, at, &json!(names), why.join("; "), advice, &action);
}

/// The names that are taken already in Rust, each with why.
fn taken<'n>(
    names: impl Iterator<Item = &'n str>,
    case: fn(&str) -> String,
    reserved: &[&str],
) -> Vec<(&'n str, String)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for name in names {
        let own = case(name);
        let why = if reserved.contains(&own.as_str()) {
            format!("the generated code has `{own}` for itself")
        } else if let Some(first) = seen.get(&own) {
            format!("it is called `{own}` in Rust, like `{first}`")
        } else {
            seen.insert(own, name);
            continue;
        };
        found.push((name, why));
    }
    found
}

fn crossed(name: &str) -> String {
    pascal(&name.replace(
        |letter| letter == '_' || !unicode_ident::is_xid_continue(letter),
        "X",
    ))
}
