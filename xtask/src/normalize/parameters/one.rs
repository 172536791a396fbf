//! Makes one parameter plain, by its place and its style.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::spread;
use crate::error::Action;
use crate::normalize::STAGE;
use crate::normalize::references::plain_target;
use crate::normalize::scalar::{is_word, merged};
use crate::normalize::schemas::{Place, Schemas};
use crate::pointer::Pointer;
use crate::report::Report;

/// Headers that OpenAPI leaves to other parts of a document.
const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];

/// Whether a header can have this name.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Says what a parameter allows and the client never makes use of.
fn unsent(parameter: &Value, at: &Pointer, report: &mut Report) {
    for (key, what) in [
        (
            "allowReserved",
            "left out: what is reserved is always encoded",
        ),
        (
            "allowEmptyValue",
            "left out: a name is always sent with its value, which may be an empty text",
        ),
    ] {
        if parameter.get(key) == Some(&json!(true)) {
            report.note(STAGE, &at.child(key), what);
        }
    }
}

/// The parameters of a call that are plain so far.
pub(super) struct Plain<'c> {
    pub(super) id: &'c str,
    path: String,
    taken: BTreeSet<String>,
    done: Vec<Value>,
    cookies: Option<Cookies>,
}

/// The cookies of a call, which travel in one header.
#[derive(Default)]
struct Cookies {
    required: bool,
    secret: bool,
    names: Vec<String>,
}

impl<'c> Plain<'c> {
    pub(super) fn new(id: &'c str, path: &str) -> Self {
        Self {
            id,
            path: path.to_owned(),
            taken: BTreeSet::new(),
            done: Vec::new(),
            cookies: None,
        }
    }

    pub(super) fn add(
        &mut self,
        kind: &str,
        name: &str,
        parameter: &Value,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) {
        let required = kind == "path" || parameter.get("required") == Some(&json!(true));
        if kind == "header" && RESERVED.contains(&name.to_lowercase().as_str()) {
            schemas.report.note(
                STAGE,
                at,
                "left out, as OpenAPI has it: this header is described elsewhere",
            );
            return;
        }
        if kind == "header" && !is_token(name) {
            schemas.report.refuse(
                STAGE,
                &at.child("name"),
                &json!(name),
                "no header can have this name",
                "correct it",
                &Action::Remove(at),
            );
            return;
        }
        if kind == "cookie" {
            let format = parameter
                .get("schema")
                .map(|schema| merged(schemas.document, schema));
            let cookies = self.cookies.get_or_insert_with(Cookies::default);
            cookies.required |= required;
            cookies.secret |=
                format.is_some_and(|whole| whole.get("format") == Some(&json!("password")));
            cookies.names.push(name.to_owned());
            schemas.report.note(
                STAGE,
                at,
                "became a part of the header `Cookie`, which the caller writes",
            );
            return;
        }
        unsent(parameter, at, schemas.report);
        let style = parameter.get("style").and_then(Value::as_str);
        let Some(schema) = parameter.get("schema") else {
            let media = parameter
                .get("content")
                .and_then(Value::as_object)
                .and_then(|content| content.keys().next());
            let how = media.map_or("text".to_owned(), |media| format!("`{media}`"));
            schemas.report.note(
                STAGE,
                at,
                format!("is text, in which the caller writes {how}"),
            );
            return self.push(
                kind,
                name,
                required,
                json!({"type": "string"}),
                parameter,
                schemas,
            );
        };
        let whole = merged(schemas.document, schema);
        let is_list = whole.get("type").and_then(Value::as_str) == Some("array");
        let is_form = style.is_none_or(|style| style == "form");
        let explodes = parameter
            .get("explode")
            .map_or(is_form, |explode| explode == &json!(true));
        if is_word(schemas.document, schema) {
            let mut value = schemas.inline(
                schema,
                &Place::new(at.child("schema"), format!("{} {name}", self.id)),
            );
            self.word(kind, &mut value, &at.child("schema"), schemas);
            self.prefix(kind, style, name, at, schemas);
            return self.push(kind, name, required, value, parameter, schemas);
        }
        let has_word_items = whole
            .get("items")
            .is_some_and(|items| is_word(schemas.document, items));
        let place = Place::new(at.child("schema"), format!("{} {name}", self.id));
        if kind == "query" && is_list && is_form && explodes && has_word_items {
            let value = self.list(&whole, &place, schemas);
            return self.push(kind, name, required, value, parameter, schemas);
        }
        let is_spread = style == Some("deepObject") || (is_form && explodes);
        if kind == "query" && is_spread && spread::is_object(schemas.document, &whole) {
            return self.spread(name, parameter, &whole, at, schemas);
        }
        self.text(kind, name, required, parameter, at, schemas);
    }

    /// A null cannot be sent, and what is secret cannot be written into an address.
    pub(super) fn word(
        &self,
        kind: &str,
        value: &mut Value,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) {
        if let Some(Value::Array(parts)) = value.get("allOf")
            && let [only] = parts.as_slice()
        {
            *value = only.clone();
        }
        if !schemas.is_plain_word(value) {
            *value = json!({"type": "string"});
            schemas
                .report
                .note(STAGE, at, "is text, for nothing says what it is");
        }
        let is_secret =
            plain_target(value, &schemas.plain).get("format") == Some(&json!("password"));
        if let Some(map) = value.as_object_mut() {
            if map.remove("nullable").is_some() {
                schemas
                    .report
                    .note(STAGE, at, "no longer null: to leave it out says the same");
            }
            if kind == "header" && is_secret {
                // By a name of its own it would be a type that the client could print.
                *map = Map::from_iter([
                    ("type".to_owned(), json!("string")),
                    ("format".to_owned(), json!("password")),
                ]);
            }
            if kind != "header" && is_secret {
                *map = Map::from_iter([("type".to_owned(), json!("string"))]);
                let at = &at.followed(schemas.document);
                let key = at.keys().last().unwrap_or_default();
                let update = format!("{{'{}': {{type: string}}}}", key.replace('\'', "''"));
                let parent = at.parent();
                let actions = [Action::Remove(at), Action::Update(&parent, &update)];
                let advice = "send it in a header, if the service reads it there; declare it as text, if it is no secret; or take the operation out";
                schemas.report.refuse(
                    STAGE,
                    at,
                    &json!({"type": "string", "format": "password"}),
                    "a secret that is sent in the address is none: addresses are logged",
                    advice,
                    &Action::Several(&actions),
                );
            }
        }
    }

    /// The styles `label` and `matrix` put something before the value, which the path can say
    /// itself.
    fn prefix(
        &mut self,
        kind: &str,
        style: Option<&str>,
        name: &str,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) {
        let prefix = match (kind, style) {
            ("path", Some("label")) => ".".to_owned(),
            ("path", Some("matrix")) => format!(";{name}="),
            _ => return,
        };
        self.path = self
            .path
            .replace(&format!("{{{name}}}"), &format!("{prefix}{{{name}}}"));
        schemas.report.note(
            STAGE,
            &at.child("style"),
            format!("`{prefix}` went into the path"),
        );
    }

    fn text(
        &mut self,
        kind: &str,
        name: &str,
        required: bool,
        parameter: &Value,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) {
        let style = parameter.get("style").and_then(Value::as_str);
        let how = match style {
            Some("spaceDelimited") => "its parts, with spaces between",
            Some("pipeDelimited") => "its parts, with `|` between",
            _ => "it whole: its parts with commas between, or what the service documents",
        };
        schemas.report.note(
            STAGE,
            at,
            format!("is text, in which the caller writes {how}"),
        );
        let mut described = parameter.clone();
        let words = parameter
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(map) = described.as_object_mut() {
            map.insert(
                "description".to_owned(),
                json!(format!("{words} Write {how}.").trim()),
            );
        }
        self.push(
            kind,
            name,
            required,
            json!({"type": "string"}),
            &described,
            schemas,
        );
    }

    pub(super) fn push(
        &mut self,
        kind: &str,
        name: &str,
        required: bool,
        schema: Value,
        about: &Value,
        schemas: &mut Schemas<'_>,
    ) {
        let stand_in = schemas.names.parameter(&mut self.taken, name);
        if stand_in != name && kind == "path" {
            self.path = self
                .path
                .replace(&format!("{{{name}}}"), &format!("{{{stand_in}}}"));
        }
        let mut plain =
            json!({"name": stand_in, "in": kind, "required": required, "schema": schema});
        if let Some(description) = about.get("description").and_then(Value::as_str) {
            plain["description"] = json!(description);
        }
        self.done.push(plain);
    }

    /// The path, and its parameters in their order.
    pub(super) fn finish(
        mut self,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) -> (String, Vec<Value>) {
        if let Some(Cookies {
            required,
            secret,
            names,
        }) = self.cookies.take()
        {
            let is_declared = self.done.iter().any(|each| {
                each["in"] == json!("header")
                    && each["name"]
                        .as_str()
                        .is_some_and(|name| name.eq_ignore_ascii_case("cookie"))
            });
            if is_declared {
                let means = "the header `Cookie` is described both as a whole and by its cookies";
                schemas.report.refuse(
                    STAGE,
                    &at.child("parameters"),
                    &json!(names),
                    means,
                    "keep one of them",
                    &Action::None,
                );
            } else {
                let mut schema = json!({"type": "string"});
                if secret {
                    schema["format"] = json!("password");
                }
                let about = json!({"description": format!("The cookies {}, written `name=value` with `; ` between.", names.join(", "))});
                self.push("header", "Cookie", required, schema, &about, schemas);
            }
        }
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        self.done
            .sort_by_key(|each| (text(each, "in"), text(each, "name")));
        (self.path, self.done)
    }
}
