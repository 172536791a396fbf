//! Makes parameters plain: a path, a query or a header parameter of a single word, or a list in the query. Whatever else
//! a parameter may be is taken apart, or is text that the caller writes.

mod one;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::STAGE;
use super::calls::Call;
use super::schemas::Schemas;
use super::words::target;
use crate::pointer::Pointer;
use crate::refusal::Action;
use one::Plain;

/// The path and the parameters of a call, made plain.
pub(super) fn parameters(
    call: &Call<'_>,
    id: &str,
    schemas: &mut Schemas<'_>,
) -> (String, Vec<Value>) {
    let all = gathered(call, schemas);
    let mut plain = Plain::new(id, call.path);
    let mut missing: BTreeSet<String> = template_names(call.path);
    // In this order, the names in a path are the last to need another.
    for kind in ["path", "query", "header", "cookie"] {
        for (parameter, at) in all
            .iter()
            .filter(|((found, _), _)| found == kind)
            .map(|(_, found)| found)
        {
            let name = text(parameter, "name");
            if kind == "path" && !missing.remove(name) {
                let means = "the path has no such parameter";
                schemas.report.refuse(
                    STAGE,
                    at,
                    parameter,
                    means,
                    "take it out, or name it in the path",
                    &Action::RemoveFrom(&at.parent(), name),
                );
                continue;
            }
            plain.add(kind, name, parameter, at, schemas);
        }
    }
    for ((kind, name), (parameter, at)) in &all {
        if !["path", "query", "header", "cookie"].contains(&kind.as_str()) {
            let means = format!(
                "`{kind}` is no place for a parameter: it is path, query, header or cookie"
            );
            schemas.report.refuse(
                STAGE,
                at,
                parameter,
                means,
                "correct it",
                &Action::RemoveFrom(&at.parent(), name),
            );
        }
    }
    for name in missing {
        let update = format!(
            "{{parameters: [{{name: '{}', in: path, required: true, schema: {{type: string}}}}]}}",
            name.replace('\'', "''")
        );
        schemas.report.refuse(
            STAGE,
            &call.at.child("parameters"),
            &json!(call.path),
            format!("the path names `{name}`, which no parameter describes"),
            "describe it",
            &Action::Update(&call.at, &update),
        );
    }
    plain.finish(&call.at, schemas)
}

/// The parameters of a call by their places and names, each with where it stands. Of an operation and its path, the
/// operation has the last word.
fn gathered<'p, 'c: 'p, 'd: 'p>(
    call: &Call<'c>,
    schemas: &mut Schemas<'d>,
) -> BTreeMap<(String, String), (&'p Value, Pointer)> {
    let mut all = BTreeMap::new();
    let path_at = Pointer::root().child("paths").child(call.path);
    for (owner, at) in [(call.item, path_at), (call.operation, call.at.clone())] {
        let mut own: BTreeMap<(String, String), (&Value, Pointer)> = BTreeMap::new();
        let listed = owner.get("parameters").and_then(Value::as_array);
        for (index, parameter) in listed.into_iter().flatten().enumerate() {
            let at = at.child("parameters").index(index);
            let parameter = target(schemas.document, parameter);
            let (place, name) = (text(parameter, "in"), text(parameter, "name"));
            // The names of headers have no case.
            let key = match place {
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            if let Some((_, first)) = own.get(&(place.to_owned(), key.clone())) {
                schemas.report.refuse(
                    STAGE,
                    &at,
                    parameter,
                    format!("the parameter at {first} has the same name and place"),
                    "keep one of them",
                    &Action::None,
                );
                continue;
            }
            own.insert((place.to_owned(), key), (parameter, at));
        }
        all.extend(own);
    }
    all
}

fn text<'v>(parameter: &'v Value, key: &str) -> &'v str {
    parameter
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn template_names(path: &str) -> BTreeSet<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
