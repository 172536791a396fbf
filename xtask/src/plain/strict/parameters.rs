//! Parameters that would be sent in another way than the document says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::STAGE;
use crate::error::Action;
use crate::plain::calls::Call;
use crate::plain::names::{LOCALS, snake};
use crate::plain::nulls::may_be_null;
use crate::plain::parameters::{RESERVED, is_token, sound, text, unsent};
use crate::plain::words::{is_word, merged};
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::METHODS;

/// The entries of lists that name a parameter, by where it is described.
pub(super) type Uses = BTreeMap<Pointer, Vec<Pointer>>;

/// What an overlay would do about a parameter.
enum Remedy {
    /// Take it out of every list that names it.
    Out,
    /// Take the operations out that have it.
    Operations,
    /// Let it be text that the caller writes.
    Text,
    UsualStyle,
    Required,
    /// Describe it where it stands, and not by a reference.
    WrittenOut,
}

struct Trouble {
    means: String,
    advice: String,
    remedy: Remedy,
}

pub(super) fn uses(document: &Value) -> Uses {
    let mut uses = Uses::new();
    let at = Pointer::root().child("paths");
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let at = at.child(path);
        let operations = METHODS
            .iter()
            .filter_map(|method| Some((item.get(*method)?, at.child(method))));
        for (owner, at) in std::iter::once((item, at.clone())).chain(operations) {
            let listed = owner.get("parameters").and_then(Value::as_array);
            for index in 0..listed.map_or(0, Vec::len) {
                let entry = at.child("parameters").index(index);
                uses.entry(entry.named(document)).or_default().push(entry);
            }
        }
    }
    uses
}

pub(super) fn check(call: &Call<'_>, document: &Value, uses: &Uses, report: &mut Report) {
    let has_body = call.operation.get("requestBody").is_some();
    let mut taken: BTreeMap<String, Pointer> = BTreeMap::new();
    for ((kind, _), (parameter, at)) in sound(call, document, report) {
        let place = at.named(document);
        unsent(parameter, &place, report);
        let name = snake(text(parameter, "name"));
        let is_local = LOCALS.contains(&name.as_str()) && (name != "body" || has_body);
        let trouble = trouble(document, parameter, &kind).or_else(|| {
            let means = match taken.get(&name) {
                Some(first) => format!("it is called `{name}` in Rust, like the one at {first}"),
                None if is_local => format!("the generated code has `{name}` for itself"),
                None => return None,
            };
            Some(Trouble {
                means,
                advice: "take one of them out, or the operation".to_owned(),
                remedy: Remedy::Out,
            })
        });
        if let Some(trouble) = trouble {
            refuse(&trouble, parameter, &place, (document, uses), report);
        }
        taken.entry(name).or_insert(place);
    }
}

fn refuse(
    trouble: &Trouble,
    parameter: &Value,
    at: &Pointer,
    (document, uses): (&Value, &Uses),
    report: &mut Report,
) {
    // What is no object and no list can be written over, and not be taken out.
    let kind = text(parameter, "in");
    let style = format!("{{style: {}}}", usual(kind));
    let mut says = vec!["schema: {type: string}".to_owned()];
    if kind == "path" {
        says.push("required: true".to_owned());
    }
    if parameter.get("style").is_some() {
        says.push(format!("style: {}", usual(kind)));
    }
    let as_text = format!("{{{}}}", says.join(", "));
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    let written_out = format!("{{schema: {}}}", merged(document, schema));
    let entries = uses.get(at).into_iter().flatten();
    let steps: Vec<(Pointer, Option<&str>)> = match trouble.remedy {
        Remedy::Out => entries.map(|entry| (entry.clone(), None)).collect(),
        Remedy::Operations => entries
            .map(|entry| (entry.parent().parent(), None))
            .collect(),
        Remedy::Text => ["schema", "content"]
            .into_iter()
            .filter(|key| parameter.get(*key).is_some())
            .map(|key| (at.child(key), None))
            .chain([(at.clone(), Some(as_text.as_str()))])
            .collect(),
        Remedy::UsualStyle => vec![(at.clone(), Some(style.as_str()))],
        Remedy::Required => vec![(at.clone(), Some("{required: true}"))],
        Remedy::WrittenOut => vec![
            (at.child("schema"), None),
            (at.clone(), Some(written_out.as_str())),
        ],
    };
    let actions: Vec<Action<'_>> = steps
        .iter()
        .map(|(place, update)| match update {
            Some(update) => Action::Update(place, update),
            None => Action::Remove(place),
        })
        .collect();
    let action = Action::Several(&actions);
    let (means, advice) = (trouble.means.as_str(), trouble.advice.as_str());
    report.refuse(STAGE, at, parameter, means, advice, &action);
}

/// The style that the client writes.
fn usual(kind: &str) -> &'static str {
    if kind == "query" { "form" } else { "simple" }
}

/// What would go wrong with a parameter, and what to do about it.
fn trouble(document: &Value, parameter: &Value, kind: &str) -> Option<Trouble> {
    const AS_TEXT: &str =
        "declare it as text, of which the caller writes the whole; or take it out";
    let found = |means: &str, advice: &str, remedy: Remedy| {
        Some(Trouble {
            means: means.to_owned(),
            advice: advice.to_owned(),
            remedy,
        })
    };
    let name = text(parameter, "name");
    match kind {
        "cookie" => {
            let advice = "take it out, and set the header `Cookie` on the client that is passed in";
            return found("the client sends no cookies", advice, Remedy::Out);
        }
        "header" if RESERVED.contains(&name.to_lowercase().as_str()) => {
            let means =
                "OpenAPI has this header described elsewhere: a parameter of its name says nothing";
            return found(means, "take it out", Remedy::Out);
        }
        "header" if !is_token(name) => {
            let advice = "correct it in the document; an overlay can take it out";
            return found("no header can have this name", advice, Remedy::Out);
        }
        _ => {}
    }
    let Some(schema) = parameter.get("schema") else {
        let means = "the client writes a parameter by its schema, and not by a media type";
        return found(means, AS_TEXT, Remedy::Text);
    };
    let whole = merged(document, schema);
    if is_secret(document, &whole) {
        let means = "a secret that is sent in the address is none: addresses are logged";
        match kind {
            "query" => {
                let advice = "take it out, and send the secret in a header; or take the format out, if it is no secret";
                return found(means, advice, Remedy::Out);
            }
            "path" => {
                let advice = "declare it as text, if it is no secret; or take the operation out";
                return found(means, advice, Remedy::Text);
            }
            _ => {}
        }
    }
    let is_word = is_word(document, schema);
    let style = parameter.get("style").and_then(Value::as_str);
    if let Some(style) = style.filter(|style| *style != usual(kind)) {
        let means = format!("the client does not write the style `{style}`");
        let (advice, remedy) = match style {
            "label" | "matrix" => (
                "take the operations out that have it, and call them by hand".to_owned(),
                Remedy::Operations,
            ),
            _ if is_word => (
                "take the usual style: another says nothing of a single word".to_owned(),
                Remedy::UsualStyle,
            ),
            "deepObject" => (
                format!(
                    "take it out, or describe each field as a parameter of its own, such as `{name}[field]`"
                ),
                Remedy::Out,
            ),
            _ => (AS_TEXT.to_owned(), Remedy::Text),
        };
        return found(&means, &advice, remedy);
    }
    if !is_word {
        let (means, remedy) = shape(document, parameter, &whole, kind)?;
        let advice = match remedy {
            Remedy::Out => "take it out, or describe what is sent for it, part by part",
            Remedy::WrittenOut => "describe it where it stands",
            _ => AS_TEXT,
        };
        return found(means, advice, remedy);
    }
    let is_null = schema
        .as_object()
        .is_some_and(|schema| may_be_null(document, schema));
    if kind != "query" && is_null {
        let advice = "declare it as text, which is never null";
        return found("a null cannot be sent here", advice, Remedy::Text);
    }
    if kind == "path" && parameter.get("required") != Some(&json!(true)) {
        let means = "what stands in the path is always needed, and this is not `required`";
        return found(means, "say so", Remedy::Required);
    }
    None
}

/// What would go wrong with a parameter that is more than a word.
fn shape(
    document: &Value,
    parameter: &Value,
    whole: &Value,
    kind: &str,
) -> Option<(&'static str, Remedy)> {
    let explodes = parameter.get("explode") != Some(&json!(false));
    match (whole.get("type").and_then(Value::as_str), kind) {
        (Some("array"), "query") if explodes => {
            let items = whole.get("items").unwrap_or(&Value::Null);
            let is_null = items
                .as_object()
                .is_some_and(|items| may_be_null(document, items));
            let is_named = parameter.pointer("/schema/type").is_none();
            if !is_word(document, items) || is_null {
                let means = "a list in the query holds single words: nobody has said how others are written";
                Some((means, Remedy::Out))
            } else if is_named {
                let means = "a list that has a name is a type of its own, which the client does not take here";
                Some((means, Remedy::WrittenOut))
            } else {
                None
            }
        }
        (Some("object"), "query") if explodes => {
            let means = "the client writes single words and lists of them, and no object";
            Some((means, Remedy::Out))
        }
        (Some("array" | "object"), "query") => Some((
            "the client writes each part as a parameter of its own, and not one text with commas",
            Remedy::Text,
        )),
        (Some("array" | "object"), _) => Some((
            "the client writes a single word here, and no list and no object",
            Remedy::Text,
        )),
        _ => Some(("nothing says that it is a single word", Remedy::Text)),
    }
}

/// Whether a value, or a part of it, is a secret.
fn is_secret(document: &Value, whole: &Value) -> bool {
    let fields = whole.get("properties").and_then(Value::as_object);
    let parts = fields.into_iter().flat_map(|fields| fields.values());
    let mut parts = parts.chain(whole.get("items"));
    let is_own = |schema: &Value| schema.get("format") == Some(&json!("password"));
    is_own(whole) || parts.any(|part| is_own(&merged(document, part)))
}
