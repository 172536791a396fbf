//! Reduces any OpenAPI 3.0 document to the subset from which the generator makes correct code:
//! names do not collide, there is no `oneOf`, `anyOf` or `allOf`, and every schema has a name. The
//! result holds only what the generator is known to handle, so nothing else in the document can
//! make it fail. What of a document is lost by that is noted; what would go over the wire in another
//! way than the document says, or would be read in another way, is refused.

mod calls;
mod discriminator;
mod media;
mod merge;
mod names;
mod nulls;
mod parameters;
mod references;
mod responses;
mod scalar;
mod schemas;
mod servers;
mod types;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::error::Action;
use crate::markdown;
use crate::pointer::Pointer;
use crate::profile::Profile;
use crate::report::Report;

pub(crate) use names::RenameMap;
pub(crate) use schemas::{Media, VALIDATIONS};
pub(crate) use unions::{Kind, Union, Variant};

const STAGE: &str = "normalize";

/// A plain document, and what it leaves for the stages after it.
pub(crate) struct Normalized {
    pub(crate) document: Value,
    /// The choices among shapes, for which code is written by us.
    pub(crate) unions: Vec<Union>,
    /// Names that stand in for those on the wire.
    pub(crate) wire: RenameMap,
    /// Headers that operations need beyond what the generator sends.
    pub(crate) media: Vec<Media>,
    /// What the document gives as examples of its components, by their type names.
    pub(crate) examples: Vec<(String, Value)>,
    /// The names of the operations, by where they stand.
    pub(crate) ids: BTreeMap<Pointer, String>,
}

/// The plain document. What it cannot take is in the report.
pub(crate) fn normalize(document: &Value, profile: &Profile, report: &mut Report) -> Normalized {
    let info = info(document, report);
    left_out(document, report);
    let mut schemas = schemas::Schemas::new(document, profile, report);
    let mut paths = calls::calls(document, &mut schemas);
    secret_headers(&mut paths, schemas.report);
    let examples = std::mem::take(&mut schemas.examples);
    let media = std::mem::take(&mut schemas.media);
    let ids = std::mem::take(&mut schemas.ids);
    let (components, unions, wire) = schemas.finish();
    Normalized {
        document: json!({
            "openapi": "3.0.3",
            "info": info,
            "paths": paths,
            "components": {"schemas": components},
        }),
        unions,
        wire,
        media,
        examples,
        ids,
    }
}

fn info(document: &Value, report: &mut Report) -> Value {
    let at = Pointer::root().child("info");
    let text = |key: &str| {
        document
            .pointer(&format!("/info/{key}"))
            .and_then(Value::as_str)
    };
    for key in ["title", "version"] {
        if text(key).is_none() {
            report.refuse(
                STAGE,
                &at.child(key),
                document.get("info").unwrap_or(&Value::Null),
                format!("the document has no {key}, though it must"),
                "give it one",
                &Action::Update(&Pointer::root(), &format!("{{info: {{{key}: \"1\"}}}}")),
            );
        }
    }
    let version = text("version").unwrap_or_default();
    // The generated code makes a header of it.
    let plain: String = version.chars().filter(char::is_ascii_graphic).collect();
    if plain != version {
        report.note(STAGE, &at.child("version"), format!("became `{plain}`"));
    }
    // It begins the docs of the client.
    let title = text("title")
        .unwrap_or_default()
        .replace(['\n', '\r', '\t'], " ");
    let mut info = json!({"title": markdown::escape(&title), "version": plain});
    if let Some(description) = text("description") {
        info["description"] = json!(description);
    }
    info
}

/// A header that is a secret to one operation is one to all of them.
fn secret_headers(paths: &mut Value, report: &mut Report) {
    let is_header = |parameter: &Value| parameter.get("in") == Some(&json!("header"));
    let is_secret =
        |parameter: &Value| parameter.pointer("/schema/format") == Some(&json!("password"));
    let name = |parameter: &Value| {
        let name = parameter.get("name").and_then(Value::as_str);
        name.unwrap_or_default().to_lowercase()
    };
    let mut secrets = BTreeSet::new();
    let mut others = Vec::new();
    let items = paths.as_object_mut().into_iter().flatten();
    for (path, item) in items {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let parameters = operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut);
            for parameter in parameters
                .into_iter()
                .flatten()
                .filter(|each| is_header(each))
            {
                if is_secret(parameter) {
                    secrets.insert(name(parameter));
                } else {
                    let at = Pointer::root().child("paths").child(path).child(method);
                    others.push((at, parameter));
                }
            }
        }
    }
    for (at, parameter) in others {
        let name = name(parameter);
        if secrets.contains(&name) {
            parameter["schema"] = json!({"type": "string", "format": "password"});
            let what = format!("the header `{name}` is a secret, as it is elsewhere");
            report.note(STAGE, &at.child("parameters"), what);
        }
    }
}

/// What a client does not call.
fn left_out(document: &Value, report: &mut Report) {
    for (key, why) in [
        ("webhooks", "they are what the service calls"),
        ("servers", "the caller names the server; see `SERVERS`"),
        ("security", "the caller sets the credentials"),
        ("externalDocs", "they are for readers"),
    ] {
        if document.get(key).is_some() {
            report.note(
                STAGE,
                &Pointer::root().child(key),
                format!("left out: {why}"),
            );
        }
    }
    if document.pointer("/components/securitySchemes").is_some() {
        let at = Pointer::root().child("components").child("securitySchemes");
        report.note(STAGE, &at, "left out: the caller sets the credentials");
    }
}
