//! Makes parameters plain: a path, a query or a header parameter of a single word, or a list in the
//! query. Whatever else a parameter may be is taken apart, or is text that the caller writes.

mod one;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::STAGE;
use super::calls::Call;
use super::schemas::Schemas;
use crate::error::Action;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::target;
use one::Plain;

const PLACES: [&str; 4] = ["path", "query", "header", "cookie"];

/// The parameters of a call by their places and names, each with where it stands. The names of
/// headers have no case.
pub(super) type Declared<'p> = BTreeMap<(String, String), (&'p Value, Pointer)>;

/// The path and the parameters of a call, made plain.
pub(super) fn parameters(
    call: &Call<'_>,
    id: &str,
    schemas: &mut Schemas<'_>,
) -> (String, Vec<Value>) {
    let all = sound(call, schemas.document, schemas.report);
    let mut plain = Plain::new(id, call.path);
    // In this order, the names in a path are the last to need another.
    for kind in PLACES {
        for (parameter, at) in all
            .iter()
            .filter(|((found, _), _)| found == kind)
            .map(|(_, found)| found)
        {
            plain.add(kind, text(parameter, "name"), parameter, at, schemas);
        }
    }
    plain.finish(&call.at, schemas)
}

/// The parameters that a call can have. Of an operation and its path, the operation has the last
/// word.
pub(super) fn sound<'p, 'c: 'p, 'd: 'p>(
    call: &Call<'c>,
    document: &'d Value,
    report: &mut Report,
) -> Declared<'p> {
    let path_at = Pointer::root().child("paths").child(call.path);
    let mut all = listed(call.item, &path_at, document, report);
    all.extend(listed(call.operation, &call.at, document, report));
    let mut missing: BTreeSet<String> = template_names(call.path);
    all.retain(|(kind, name), (parameter, at)| {
        let (means, advice) = if !PLACES.contains(&kind.as_str()) {
            let means = format!(
                "`{kind}` is no place for a parameter: it is path, query, header or cookie"
            );
            (means, "correct it")
        } else if kind == "path" && !missing.remove(name) {
            let means = "the path has no such parameter".to_owned();
            (means, "take it out, or name it in the path")
        } else {
            return true;
        };
        report.refuse(STAGE, at, parameter, means, advice, &Action::Remove(at));
        false
    });
    for name in missing {
        let update = format!(
            "{{parameters: [{{name: '{}', in: path, required: true, schema: {{type: string}}}}]}}",
            name.replace('\'', "''")
        );
        report.refuse(
            STAGE,
            &call.at.child("parameters"),
            &json!(call.path),
            format!("the path names `{name}`, which no parameter describes"),
            "describe it",
            &Action::Update(&call.at, &update),
        );
    }
    all
}

/// The parameters that a path or an operation lists itself.
fn listed<'p>(
    owner: &'p Value,
    at: &Pointer,
    document: &'p Value,
    report: &mut Report,
) -> Declared<'p> {
    let mut own: Declared<'p> = BTreeMap::new();
    let listed = owner.get("parameters").and_then(Value::as_array);
    for (index, parameter) in listed.into_iter().flatten().enumerate() {
        let at = at.child("parameters").index(index);
        let parameter = target(document, parameter);
        if let Some(reference) = parameter.get("$ref") {
            let means = "the reference leads to no parameter in the end";
            let action = Action::Remove(&at);
            report.refuse(
                STAGE,
                &at,
                reference,
                means,
                "describe the parameter",
                &action,
            );
            continue;
        }
        let (place, name) = (text(parameter, "in"), text(parameter, "name"));
        let key = match place {
            "header" => name.to_lowercase(),
            _ => name.to_owned(),
        };
        let key = (place.to_owned(), key);
        if let Some((_, first)) = own.get(&key) {
            report.refuse(
                STAGE,
                &at,
                parameter,
                format!("the parameter at {first} has the same name and place"),
                "keep one of them",
                &Action::None,
            );
            continue;
        }
        own.insert(key, (parameter, at));
    }
    own
}

/// What a parameter says under a key.
pub(super) fn text<'v>(parameter: &'v Value, key: &str) -> &'v str {
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
