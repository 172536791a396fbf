//! Makes every operation plain: one kind of body each way, and nothing but what a client needs to
//! call it.

use serde_json::{Map, Value, json};

use super::media::{self, Sending};
use super::scalar::{is_word, merged};
use super::schemas::{Media, Place, Schemas};
use super::{STAGE, parameters, servers};
use crate::error::Action;
use crate::markdown;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{METHODS, target};

/// The plain `paths`.
pub(super) fn calls(document: &Value, schemas: &mut Schemas<'_>) -> Value {
    let mut paths = Map::new();
    let mut sound = sound(document, schemas.report);
    sound.retain(|call| !call.is_multipart(schemas));
    servers::check(&sound, document, schemas.report);
    for call in &sound {
        schemas.names.want(&call.wanted());
    }
    for call in sound {
        let (path, plain) = call.plain(schemas);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[call.method] = plain;
    }
    Value::Object(paths)
}

/// The operations that the client can have a function for.
pub(super) fn sound<'d>(document: &'d Value, report: &mut Report) -> Vec<Call<'d>> {
    let mut calls = Vec::new();
    let at = Pointer::root().child("paths");
    let items = document.get("paths").and_then(Value::as_object);
    for (path, item) in items
        .into_iter()
        .flatten()
        .filter(|(path, _)| !path.starts_with("x-"))
    {
        let at = at.child(path);
        if !sound_path(path, &at, report) {
            continue;
        }
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let at = at.child(method);
            if matches!(method, "options" | "trace") {
                report.refuse(
                    STAGE,
                    &at,
                    operation,
                    "the client has no function for this method",
                    "take the operation out; what it answers is for machines in between",
                    &Action::Remove(&at),
                );
                continue;
            }
            calls.push(Call {
                path,
                method,
                item,
                operation,
                at,
            });
        }
    }
    calls
}

/// Refuses what the generator would panic on or quietly call elsewhere.
fn sound_path(path: &str, at: &Pointer, report: &mut Report) -> bool {
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
    } else if path.contains('?') {
        "what follows a question mark is no path: it is described by parameters"
    } else if path
        .chars()
        .any(|letter| letter.is_control() || markdown::is_hidden(letter))
    {
        "it has a letter that cannot be seen"
    } else {
        return true;
    };
    let advice = "correct it in the document; an overlay can take it out";
    let action = Action::Remove(at);
    report.refuse(STAGE, at, &json!(path), trouble, advice, &action);
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
        for key in ["callbacks", "security", "externalDocs"] {
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
        // Later stages go by them, such as by `x-pagination`.
        let own = self.operation.as_object().into_iter().flatten();
        for (key, value) in own.filter(|(key, _)| key.starts_with("x-")) {
            plain[key] = value.clone();
        }
        (path, plain)
    }

    /// Whether the body can only be one of several parts. The client has no function for that, and
    /// the rest of the document is not held up by it.
    fn is_multipart(&self, schemas: &mut Schemas<'_>) -> bool {
        let body = self.operation.get("requestBody");
        let content =
            body.and_then(|body| target(schemas.document, body).get("content")?.as_object());
        let Some(content) = content.filter(|content| !content.is_empty()) else {
            return false;
        };
        let is_multipart = content
            .keys()
            .all(|name| media::base(name).starts_with("multipart/"));
        if is_multipart {
            let mut what = "its body has several parts, which the client cannot write".to_owned();
            if schemas.profile.is_own {
                let (method, path) = (self.method.to_uppercase(), self.path);
                what.push_str(&format!(
                    "; `client.request(Method::{method}, \"{path}\").multipart(..)` sends it"
                ));
            }
            schemas.report.left_out(STAGE, &self.at, &what);
        }
        is_multipart
    }

    fn given(&self) -> Option<&str> {
        let given = self.operation.get("operationId")?.as_str()?;
        // A name without a letter says no more than none.
        let is_letter = |letter| letter != '_' && unicode_ident::is_xid_continue(letter);
        given.chars().any(is_letter).then_some(given)
    }

    fn wanted(&self) -> String {
        self.given().map_or_else(|| self.by_place(), str::to_owned)
    }

    /// A name of the method and the path.
    fn by_place(&self) -> String {
        let words = self.path.split(['/', '.']).filter(|word| !word.is_empty());
        let words = words.map(|word| word.replace('{', "by ").replace('}', ""));
        let all: Vec<String> = std::iter::once(self.method.to_owned())
            .chain(words)
            .collect();
        all.join(" ")
    }

    fn id(&self, schemas: &mut Schemas<'_>) -> String {
        let given = self.given();
        let wanted = self.wanted();
        // Of several that want one name, none gets it: which does would depend on their order.
        let wanted = match schemas.names.is_wanted_once(&wanted) {
            true => wanted,
            false => super::names::snake(&format!("{wanted} {}", self.by_place())),
        };
        let id = schemas.names.operation(&wanted);
        if given != Some(id.as_str()) {
            let what = format!("is called `{}`", super::names::snake(&id));
            schemas
                .report
                .note(STAGE, &self.at.child("operationId"), what);
        }
        schemas.ids.insert(self.at.clone(), id.clone());
        id
    }

    fn body(&self, id: &str, schemas: &mut Schemas<'_>) -> Option<Value> {
        let at = self.at.child("requestBody");
        let body = target(schemas.document, self.operation.get("requestBody")?);
        if let Some(reference) = body.get("$ref") {
            let means = "the reference leads to no body in the end";
            let (advice, action) = ("write the body out", Action::Remove(&at));
            let report = &mut schemas.report;
            report.refuse(STAGE, &at, reference, means, advice, &action);
            return None;
        }
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .filter(|content| !content.is_empty())?;
        let at_content = at.child("content");
        let Some((name, media, sending)) = media::choose(schemas.document, content) else {
            self.cannot_send(content, &at_content, schemas);
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
        self.encoding(media, sending, &at_media, schemas.report);
        if sending.needs_header(name) {
            schemas.media.push(Media {
                operation: super::names::snake(id),
                header: "CONTENT_TYPE",
                value: name.clone(),
            });
        }
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let place = Place::new(at_media.child("schema"), format!("{id} body"));
        let kind = sending.kind();
        let schema = match sending {
            Sending::Octets => json!({"type": "string", "format": "binary"}),
            Sending::Text | Sending::Markdown => {
                let whole = merged(schemas.document, schema);
                if !schema.is_null() && whole.get("type") != Some(&json!("string")) {
                    let what = "is text, which the caller writes";
                    schemas.report.note(STAGE, &place.pointer, what);
                }
                json!({"type": "string"})
            }
            Sending::Form => {
                flat_form(schema, &place.pointer, schemas.document, schemas.report);
                schemas.inline(schema, &place)
            }
            Sending::Json => schemas.inline(schema, &place),
        };
        let mut plain = json!({"required": true, "content": {kind: {"schema": schema}}});
        if let Some(description) = body.get("description").and_then(Value::as_str) {
            plain["description"] = json!(description);
        }
        Some(plain)
    }

    /// A form is written in the usual way. What the document says of another body is of no
    /// consequence.
    fn encoding(&self, media: &Value, sending: Sending, at: &Pointer, report: &mut Report) {
        let Some(encoding) = media.get("encoding") else {
            return;
        };
        let at = at.child("encoding");
        let is_usual = |field: &Value| {
            let is = |key: &str, usual: &str| field.get(key).is_none_or(|said| said == usual);
            is("contentType", "text/plain")
                && is("style", "form")
                && field.get("allowReserved") != Some(&json!(true))
        };
        let mut fields = encoding.as_object().into_iter().flatten();
        if sending != Sending::Form || fields.all(|(_, field)| is_usual(field)) {
            return report.note(STAGE, &at, "left out: each field is written the usual way");
        }
        let means = "the client writes each field of a form as plain text, and not as this says";
        let advice = "take it out, and declare as text what it is about: the caller then writes that text; or take the operation out";
        report.refuse(STAGE, &at, encoding, means, advice, &Action::Remove(&at));
    }

    /// Refuses a body that nobody could write for the caller, with what would let the rest be
    /// generated.
    fn cannot_send(&self, content: &Map<String, Value>, at: &Pointer, schemas: &mut Schemas<'_>) {
        let names: Vec<&String> = content.keys().collect();
        let means = cannot_write(content);
        // Without a schema, a body is bytes that the caller writes.
        let bytes = content
            .iter()
            .find(|(name, media)| media::is_sendable(name) && media.get("schema").is_some());
        let (advice, place) = match bytes {
            Some((name, _)) => (
                format!(
                    "take the schema out, so that the caller writes the `{name}` as bytes; or take the whole operation out"
                ),
                at.child(name).child("schema"),
            ),
            None => (OUT.to_owned(), self.at.clone()),
        };
        schemas.report.refuse(
            STAGE,
            at,
            &json!(names),
            means,
            advice,
            &Action::Remove(&place),
        );
    }
}

/// What to do about a body that the client cannot write.
pub(super) const OUT: &str =
    "take the operation out and call it by hand, or declare a body that the service takes as well";

/// Why none of these media types can be sent.
pub(super) fn cannot_write(content: &Map<String, Value>) -> String {
    let list: Vec<String> = content.keys().map(|name| format!("`{name}`")).collect();
    format!(
        "the client writes JSON, flat forms, text and bytes, and not what {} asks for",
        list.join(", ")
    )
}

/// A form has fields of single words; anything deeper would fail when it is sent.
pub(super) fn flat_form(schema: &Value, at: &Pointer, document: &Value, report: &mut Report) {
    let whole = merged(document, schema);
    let fields = whole.get("properties").and_then(Value::as_object);
    for (name, field) in fields.into_iter().flatten() {
        if !is_word(document, field) {
            let properties = at.child("properties");
            let at = properties.child(name);
            report.refuse(
                STAGE,
                &at,
                field,
                "a form cannot hold a field of this kind: nobody has said how it is written",
                "declare the field as the text that is sent",
                &Action::Several(&[
                    Action::Remove(&at),
                    Action::Update(
                        &properties,
                        &format!("{{'{}': {{type: string}}}}", name.replace('\'', "''")),
                    ),
                ]),
            );
        }
    }
}
