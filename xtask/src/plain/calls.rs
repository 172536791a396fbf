//! Makes every operation plain: one kind of body each way, and nothing but what a client needs to call it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schemas::{Place, Schemas};
use super::{STAGE, parameters};
use crate::pointer::Pointer;
use crate::refusal::Action;
use crate::walk::METHODS;

/// The bodies that a client can send, best first.
const BODIES: [&str; 5] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/plain",
    "text/x-markdown",
];

/// The plain `paths`.
pub(super) fn calls(document: &Value, schemas: &mut Schemas<'_>) -> Value {
    let mut paths = Map::new();
    let at = Pointer::root().child("paths");
    let items = document.get("paths").and_then(Value::as_object);
    for (path, item) in items
        .into_iter()
        .flatten()
        .filter(|(path, _)| !path.starts_with("x-"))
    {
        let at = at.child(path);
        if !sound_path(path, &at, schemas) {
            continue;
        }
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let at = at.child(method);
            if matches!(method, "options" | "trace") {
                schemas.report.refuse(
                    STAGE,
                    &at,
                    operation,
                    "the client has no function for this method",
                    "take the operation out; what it answers is for machines in between",
                    &Action::Remove(&at),
                );
                continue;
            }
            let call = Call {
                path,
                method,
                item,
                operation,
                at,
            };
            let (path, plain) = call.plain(schemas);
            let entry = paths.entry(path).or_insert_with(|| json!({}));
            entry[method] = plain;
        }
    }
    Value::Object(paths)
}

/// Refuses what the generator would panic on or quietly call elsewhere.
fn sound_path(path: &str, at: &Pointer, schemas: &mut Schemas<'_>) -> bool {
    let mut is_open = false;
    let mut is_balanced = true;
    for letter in path.chars() {
        match letter {
            '{' => is_balanced &= !std::mem::replace(&mut is_open, true),
            '}' => is_balanced &= std::mem::replace(&mut is_open, false),
            '/' => is_balanced &= !is_open,
            _ => {}
        }
    }
    let trouble = if !path.starts_with('/') {
        "a path begins with a slash"
    } else if is_open || !is_balanced {
        "its braces do not pair up"
    } else if path.contains("//") {
        "it has an empty segment, which the client would leave out"
    } else if path.contains('#') {
        "what follows a hash is never sent"
    } else {
        return true;
    };
    let advice = "correct it in the document; an overlay can take it out";
    schemas.report.refuse(
        STAGE,
        at,
        &json!(path),
        trouble,
        advice,
        &Action::Remove(at),
    );
    false
}

/// An operation, and where it stands.
pub(super) struct Call<'d> {
    pub(super) path: &'d str,
    method: &'d str,
    pub(super) item: &'d Value,
    pub(super) operation: &'d Value,
    pub(super) at: Pointer,
}

impl Call<'_> {
    /// The path and the operation, made plain.
    fn plain(&self, schemas: &mut Schemas<'_>) -> (String, Value) {
        let id = self.id(schemas);
        for key in ["callbacks", "servers", "security", "externalDocs"] {
            if self.operation.get(key).is_some() {
                schemas.report.note(
                    STAGE,
                    &self.at.child(key),
                    "left out: it is not for this client to see to",
                );
            }
        }
        let (path, parameters) = parameters::parameters(self, &id, schemas);
        let responses = self.responses(&id, schemas);
        let mut plain =
            json!({"operationId": id, "parameters": parameters, "responses": responses});
        for key in ["summary", "description"] {
            if let Some(text) = self.operation.get(key).and_then(Value::as_str) {
                plain[key] = json!(text);
            }
        }
        if let Some(body) = self.body(&id, schemas) {
            plain["requestBody"] = body;
        }
        (path, plain)
    }

    fn id(&self, schemas: &mut Schemas<'_>) -> String {
        let given = self.operation.get("operationId").and_then(Value::as_str);
        let wanted = given.map_or_else(
            || {
                let words = self
                    .path
                    .split(['/', '.'])
                    .filter(|word| !word.is_empty())
                    .map(|word| word.replace('{', "by ").replace('}', ""));
                std::iter::once(self.method.to_owned())
                    .chain(words)
                    .collect::<Vec<_>>()
                    .join(" ")
            },
            str::to_owned,
        );
        let id = schemas.names.operation(&wanted);
        if given != Some(id.as_str()) {
            let what = format!("is called `{}`", super::names::snake(&id));
            schemas
                .report
                .note(STAGE, &self.at.child("operationId"), what);
        }
        id
    }

    fn body(&self, id: &str, schemas: &mut Schemas<'_>) -> Option<Value> {
        let at = self.at.child("requestBody");
        let body = parameters::target(schemas.document, self.operation.get("requestBody")?);
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .filter(|content| !content.is_empty())?;
        let at_content = at.child("content");
        let chosen = BODIES
            .iter()
            .find_map(|kind| content.iter().find(|(name, _)| base(name) == **kind));
        let chosen = chosen.or_else(|| {
            content
                .iter()
                .find(|(name, _)| matches!(base(name).as_str(), "*/*" | "application/*"))
        });
        let Some((name, media)) = chosen else {
            let names: Vec<&String> = content.keys().collect();
            let means = format!(
                "the client sends JSON, forms, octets and plain text, and not {}",
                names
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            let advice = "take the operation out and call it by hand, or declare a body that the service takes as well";
            schemas.report.refuse(
                STAGE,
                &at_content,
                &json!(names),
                means,
                advice,
                &Action::Remove(&self.at),
            );
            return None;
        };
        for other in content.keys().filter(|other| *other != name) {
            schemas.report.note(
                STAGE,
                &at_content.child(other),
                format!("left out: the client sends `{name}`"),
            );
        }
        if body.get("required") != Some(&json!(true)) {
            schemas
                .report
                .note(STAGE, &at, "the client always sends the body");
        }
        let at_media = at_content.child(name);
        if media.get("encoding").is_some() {
            schemas.report.note(
                STAGE,
                &at_media.child("encoding"),
                "left out: each field is written the usual way",
            );
        }
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let place = Place::new(at_media.child("schema"), format!("{id} body"));
        let kind_of_body = base(name);
        let (kind, schema) = match kind_of_body.as_str() {
            "application/octet-stream" => (
                "application/octet-stream",
                json!({"type": "string", "format": "binary"}),
            ),
            text @ ("text/plain" | "text/x-markdown") => (text, json!({"type": "string"})),
            "application/x-www-form-urlencoded" => {
                self.flat_form(schema, &place.pointer, schemas);
                (
                    "application/x-www-form-urlencoded",
                    schemas.inline(schema, &place),
                )
            }
            _ => ("application/json", schemas.inline(schema, &place)),
        };
        let mut plain = json!({"required": true, "content": {kind: {"schema": schema}}});
        if let Some(description) = body.get("description").and_then(Value::as_str) {
            plain["description"] = json!(description);
        }
        Some(plain)
    }

    /// A form has fields of single words; anything deeper would fail when it is sent.
    fn flat_form(&self, schema: &Value, at: &Pointer, schemas: &mut Schemas<'_>) {
        let merged = parameters::merged(schemas.document, schema);
        let fields = merged
            .get("properties")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        for (name, field) in &fields {
            if !parameters::is_word(schemas.document, field) {
                schemas.report.refuse(
                    STAGE,
                    &at.child("properties").child(name),
                    field,
                    "a form cannot hold a field of this kind: nobody has said how it is written",
                    "declare the field as the text that is sent",
                    &Action::Update(&at.child("properties").child(name), "{type: string}"),
                );
            }
        }
    }

    fn responses(&self, id: &str, schemas: &mut Schemas<'_>) -> Value {
        let at = self.at.child("responses");
        let none = Map::new();
        let declared = self
            .operation
            .get("responses")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let is_success = |status: &str| {
            status.starts_with('2')
                && (status.parse::<u16>().is_ok_and(|code| code < 300)
                    || status.eq_ignore_ascii_case("2XX"))
        };
        let mut successes: Vec<(String, &Value, Pointer)> = Vec::new();
        for (status, response) in declared
            .iter()
            .filter(|(status, _)| !status.starts_with("x-"))
        {
            if is_success(status) {
                let response = parameters::target(schemas.document, response);
                successes.push((status.to_uppercase(), response, at.child(status)));
            }
        }
        if successes.is_empty() {
            let default = declared.get("default");
            let what = if default.is_some() {
                "stands for every success"
            } else {
                "no success is declared: any is taken, as it comes"
            };
            schemas.report.note(STAGE, &at, what);
            let response = default.map_or(&Value::Null, |default| {
                parameters::target(schemas.document, default)
            });
            successes.push(("2XX".to_owned(), response, at.child("default")));
        }
        for (status, _) in declared
            .iter()
            .filter(|(status, _)| !is_success(status) && !status.starts_with("x-"))
        {
            if status != "default" || declared.keys().any(|status| is_success(status)) {
                schemas.report.note(
                    STAGE,
                    &at.child(status),
                    "left out: failures are given as they come",
                );
            }
        }
        let kinds: Vec<Kind> = successes
            .iter()
            .map(|(_, response, at)| self.kind(response, at, schemas))
            .collect();
        let is_undeclared = declared.is_empty()
            || !declared
                .keys()
                .any(|status| is_success(status) || status == "default");
        let content = if is_undeclared {
            raw()
        } else {
            self.content(&kinds, &at, id, schemas)
        };
        let mut plain = Map::new();
        for (status, response, _) in &successes {
            let description = response
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let mut one = json!({"description": description});
            if let Some(content) = &content {
                one["content"] = content.clone();
            }
            plain.insert(status.clone(), one);
        }
        Value::Object(plain)
    }

    /// What all successes of an operation are read as.
    fn content(
        &self,
        kinds: &[Kind],
        at: &Pointer,
        id: &str,
        schemas: &mut Schemas<'_>,
    ) -> Option<Value> {
        let distinct: BTreeSet<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
        let place = |at: &Pointer| Place::new(at.clone(), format!("{id} response"));
        match kinds {
            [Kind::Json(schema, at), ..]
                if distinct.len() == 1
                    || kinds
                        .iter()
                        .all(|kind| matches!(kind, Kind::Json(other, _) if other == schema)) =>
            {
                let schema = schemas.inline(schema, &place(at));
                Some(json!({"application/json": {"schema": schema}}))
            }
            all if all.iter().all(|kind| matches!(kind, Kind::Json(..))) => {
                schemas
                    .report
                    .wider(STAGE, at, "several kinds of success: read as any JSON");
                Some(json!({"application/json": {"schema": {}}}))
            }
            all if all.iter().all(|kind| matches!(kind, Kind::Nothing)) => None,
            all => {
                if !all.iter().all(|kind| matches!(kind, Kind::Raw)) {
                    schemas
                        .report
                        .wider(STAGE, at, "several kinds of success: given as they come");
                }
                raw()
            }
        }
    }

    fn kind(&self, response: &Value, at: &Pointer, schemas: &mut Schemas<'_>) -> Kind {
        let none = Map::new();
        let content = response
            .get("content")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let at = at.child("content");
        let json = content
            .iter()
            .find(|(name, _)| base(name) == "application/json");
        let json = json.or_else(|| {
            let found = content.iter().find(|(name, _)| is_json(&base(name)));
            if let Some((name, _)) = found {
                schemas.report.note(
                    STAGE,
                    &at.child(name),
                    "asked for and read as `application/json`",
                );
            }
            found
        });
        if let Some((name, _)) = json {
            for other in content.keys().filter(|other| *other != name) {
                schemas.report.note(
                    STAGE,
                    &at.child(other),
                    format!("left out: the client asks for `{name}`"),
                );
            }
        }
        match json {
            Some((name, media)) => Kind::Json(
                media.get("schema").cloned().unwrap_or_else(|| json!({})),
                at.child(name).child("schema"),
            ),
            None if content.is_empty() => Kind::Nothing,
            None => {
                schemas.report.note(STAGE, &at, "given as bytes");
                Kind::Raw
            }
        }
    }
}

/// What a success holds.
#[derive(Debug)]
enum Kind {
    Json(Value, Pointer),
    Raw,
    Nothing,
}

fn raw() -> Option<Value> {
    Some(json!({"application/octet-stream": {}}))
}

/// The name of a media type without its parameters.
fn base(name: &str) -> String {
    name.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase()
}

fn is_json(name: &str) -> bool {
    name.ends_with("+json") || matches!(name, "*/*" | "application/*" | "text/json")
}
