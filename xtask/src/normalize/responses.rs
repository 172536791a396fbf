//! What an operation answers, made plain: one kind of success.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::STAGE;
use super::calls::Call;
use super::media::{self, base, is_header};
use super::schemas::{Media, Place, Schemas};
use crate::error::Action;
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::target;

impl Call<'_> {
    pub(super) fn responses(&self, id: &str, schemas: &mut Schemas<'_>) -> Value {
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
                let response = target(schemas.document, response);
                self.circular(response, &at.child(status), schemas.report);
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
            let response =
                default.map_or(&Value::Null, |default| target(schemas.document, default));
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
            .map(|(_, response, at)| {
                without_headers(response, at, schemas.report);
                self.kind(id, response, at, schemas)
            })
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

    /// Refuses a reference that leads round in a circle.
    fn circular(&self, response: &Value, at: &Pointer, report: &mut Report) {
        if let Some(reference) = response.get("$ref") {
            let means = "the reference leads to no response in the end";
            let (advice, action) = ("write the response out", Action::Remove(at));
            report.refuse(STAGE, at, reference, means, advice, &action);
        }
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

    fn kind(&self, id: &str, response: &Value, at: &Pointer, schemas: &mut Schemas<'_>) -> Kind {
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
            let is_read = |name: &str, media: &Value| {
                let name = base(name);
                is_json(&name) && !(name.contains('*') && media::is_text(schemas.document, media))
            };
            let found = content.iter().find(|(name, media)| is_read(name, media));
            if let Some((name, _)) = found {
                if base(name).contains('*') || !is_header(name) {
                    let what = "asked for and read as `application/json`";
                    schemas.report.note(STAGE, &at.child(name), what);
                } else {
                    schemas.media.push(Media {
                        operation: super::names::snake(id),
                        header: "ACCEPT",
                        value: name.clone(),
                    });
                }
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
                let asked: Vec<&str> = content
                    .keys()
                    .map(String::as_str)
                    .filter(|name| is_header(name))
                    .collect();
                if !asked.is_empty() {
                    schemas.media.push(Media {
                        operation: super::names::snake(id),
                        header: "ACCEPT",
                        value: asked.join(", "),
                    });
                }
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

/// Says of each header that an answer declares that there is nothing of its own for it.
pub(super) fn without_headers(response: &Value, at: &Pointer, report: &mut Report) {
    let headers = response.get("headers").and_then(Value::as_object);
    for name in headers.into_iter().flat_map(|headers| headers.keys()) {
        report.note(
            STAGE,
            &at.child("headers").child(name),
            "left out: the headers of an answer are given as they come",
        );
    }
}

fn raw() -> Option<Value> {
    Some(json!({"application/octet-stream": {}}))
}

fn is_json(name: &str) -> bool {
    name.ends_with("+json") || matches!(name, "*/*" | "application/*" | "text/json")
}
