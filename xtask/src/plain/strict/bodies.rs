//! Bodies that the client could not write, or would write in another way than the document says.

use serde_json::{Map, Value, json};

use super::STAGE;
use crate::error::Action;
use crate::formats;
use crate::plain::calls::{Call, OUT, cannot_write, flat_form};
use crate::plain::media::Sending;
use crate::plain::words::target;
use crate::pointer::Pointer;
use crate::report::Report;

pub(super) fn check(call: &Call<'_>, document: &Value, report: &mut Report) {
    let Some(body) = call.operation.get("requestBody") else {
        return;
    };
    let body = target(document, body);
    let at = call.at.child("requestBody");
    if body.get("required") != Some(&json!(true)) {
        report.note(STAGE, &at, "the client always sends the body");
    }
    let at = at.child("content");
    let content = body.get("content").and_then(Value::as_object);
    let Some(content) = content.filter(|content| !content.is_empty()) else {
        return;
    };
    let sent = content
        .iter()
        .filter_map(|(name, media)| Some((sending(name)?, name, media)))
        .min_by_key(|(sending, ..)| *sending);
    let Some((sending, name, media)) = sent else {
        let names: Vec<&String> = content.keys().collect();
        let action = Action::Remove(&call.at);
        let means = cannot_write(content);
        return report.refuse(STAGE, &at, &json!(names), means, OUT, &action);
    };
    for (other, media) in content.iter().filter(|(other, _)| *other != name) {
        let at = at.child(other);
        let means = format!("the client sends one media type, and that would be `{name}`");
        let action = Action::Remove(&at);
        report.refuse(STAGE, &at, media, means, "take this one out", &action);
    }
    of_one(media, sending, &at.child(name), document, report);
}

/// What would go wrong with the media type that is sent.
fn of_one(media: &Value, sending: Sending, at: &Pointer, document: &Value, report: &mut Report) {
    if let Some(encoding) = media.get("encoding").filter(|each| *each != &json!({})) {
        let at = at.child("encoding");
        let means = "the client writes each field the usual way, and not as this says";
        let advice = "take it out, if the service reads that as well; or take the operation out";
        report.refuse(STAGE, &at, encoding, means, advice, &Action::Remove(&at));
    }
    let plain = match sending {
        Sending::Json => "{schema: {}}",
        Sending::Form => "{schema: {type: object}}",
        Sending::Octets => "{schema: {type: string, format: binary}}",
        Sending::Text | Sending::Markdown => "{schema: {type: string}}",
    };
    let Some(schema) = media.get("schema") else {
        let means = "nothing says what the body is";
        let action = Action::Update(at, plain);
        return report.refuse(STAGE, at, media, means, "give it a schema", &action);
    };
    let at_schema = at.child("schema");
    let whole = target(document, schema).as_object();
    match sending {
        Sending::Json => {}
        Sending::Form => flat_form(schema, &at_schema, document, report),
        _ if whole.is_some_and(|whole| is_whole(whole, sending)) => {}
        _ => {
            let means = "such a body is sent as it comes, and this schema says more of it";
            let actions = [Action::Remove(&at_schema), Action::Update(at, plain)];
            let (advice, action) = ("let it say no more", Action::Several(&actions));
            report.refuse(STAGE, &at_schema, schema, means, advice, &action);
        }
    }
}

/// How the generated code sends a media type.
fn sending(name: &str) -> Option<Sending> {
    let base = name.split(';').next();
    Sending::ALL
        .into_iter()
        .find(|sending| Some(sending.kind()) == base)
}

/// Whether nothing is said of the inside of a body but that it is text or bytes.
fn is_whole(schema: &Map<String, Value>, sending: Sending) -> bool {
    let format = schema.get("format").and_then(Value::as_str);
    let has_format = match sending {
        Sending::Octets => format == Some("binary"),
        _ => format.is_none_or(|format| !formats::is_known(format)),
    };
    let says_more = ["enum", "default", "allOf", "oneOf", "anyOf", "not"]
        .iter()
        .any(|key| schema.contains_key(*key));
    has_format
        && !says_more
        && schema.get("type") == Some(&json!("string"))
        && schema.get("nullable") != Some(&json!(true))
}
