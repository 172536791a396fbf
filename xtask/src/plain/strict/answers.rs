//! Answers that the generated code could not tell apart: it reads one kind of success.

use serde_json::{Map, Value, json};

use super::STAGE;
use crate::error::Action;
use crate::plain::answers::without_headers;
use crate::plain::calls::Call;
use crate::pointer::Pointer;
use crate::report::Report;

/// What a success is read as.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Json(String),
    Raw,
    Nothing,
}

pub(super) fn check(call: &Call<'_>, report: &mut Report) {
    let at = call.at.child("responses");
    let responses = call.operation.get("responses").and_then(Value::as_object);
    let Some(responses) = responses.filter(|responses| !responses.is_empty()) else {
        let means = "the operation declares no success";
        let advice = "declare what it answers; of a success without content the caller learns the status alone";
        let action = Action::Update(&call.at, "{responses: {'200': {description: Success.}}}");
        return report.refuse(STAGE, &at, call.operation, means, advice, &action);
    };
    let kinds: Vec<(&String, &Value, Kind)> = responses
        .iter()
        .map(|(status, response)| {
            let kind = kind(response, &at.child(status), report);
            (status, response, kind)
        })
        .collect();
    // Of those that say as much, the first.
    let kept = kinds.iter().min_by_key(|(status, _, kind)| {
        let rank = match kind {
            Kind::Json(_) => 0,
            Kind::Raw => 1,
            Kind::Nothing => 2,
        };
        (rank, *status)
    });
    let Some((kept, kept_response, kept_kind)) = kept else {
        return;
    };
    if *kept_kind == Kind::Raw {
        let at = at.child(kept).child("content");
        let content = kept_response.get("content").unwrap_or(&Value::Null);
        let means = "the client reads JSON, and no other media type";
        let advice =
            "take the operation out and call it by hand, or declare an answer that is JSON";
        let action = Action::Remove(&call.at);
        return report.refuse(STAGE, &at, content, means, advice, &action);
    }
    for (status, response, _) in kinds.iter().filter(|(.., kind)| kind != kept_kind) {
        let at = at.child(status);
        let means =
            format!("it holds another thing than {kept}, and the client reads one kind of success");
        let advice = "take one of them out: an answer of its status is then a failure, which is given as it comes";
        report.refuse(STAGE, &at, response, means, advice, &Action::Remove(&at));
    }
}

fn kind(response: &Value, at: &Pointer, report: &mut Report) -> Kind {
    if let Some(reference) = response.get("$ref") {
        let means = "the reference leads to no response in the end";
        let action = Action::Remove(at);
        report.refuse(
            STAGE,
            at,
            reference,
            means,
            "write the response out",
            &action,
        );
    }
    without_headers(response, at, report);
    let none = Map::new();
    let content = response.get("content").and_then(Value::as_object);
    let content = content.unwrap_or(&none);
    let at = at.child("content");
    let is_json = |name: &str| name == "application/json" || name.starts_with("application/json;");
    let Some((name, media)) = content.iter().find(|(name, _)| is_json(name)) else {
        return if content.is_empty() {
            Kind::Nothing
        } else {
            Kind::Raw
        };
    };
    for other in content.keys().filter(|other| *other != name) {
        let what = format!("left out: the client asks for `{name}`");
        report.note(STAGE, &at.child(other), what);
    }
    let at = at.child(name);
    if let Some(encoding) = media.get("encoding").filter(|each| *each != &json!({})) {
        let at = at.child("encoding");
        let means = "of an answer it says nothing";
        report.refuse(
            STAGE,
            &at,
            encoding,
            means,
            "take it out",
            &Action::Remove(&at),
        );
    }
    match media.get("schema") {
        Some(schema) => Kind::Json(schema.to_string()),
        None => {
            let means = "nothing says what the answer holds";
            let action = Action::Update(&at, "{schema: {}}");
            report.refuse(STAGE, &at, media, means, "give it a schema", &action);
            Kind::Json(String::new())
        }
    }
}
