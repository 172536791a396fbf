//! Checks that each part of a document has the shape that OpenAPI gives it: a list where a list
//! belongs, text where text does. The stages after this one take what is not there for left out, so
//! a part of the wrong shape would be lost.

mod members;

use serde_json::{Map, Value};

use crate::error::{Action, Error};
use crate::pointer::Pointer;
use crate::report::Report;
use crate::walk::{self, Node, Shape};
use members::{Is, NEWER, members, needed};

const STAGE: &str = "structure";

/// Puts every part of the wrong shape into the report, and every member that has no meaning.
pub(crate) fn check(document: &Value, report: &mut Report) {
    let is_older = document
        .get("openapi")
        .and_then(Value::as_str)
        .is_some_and(|version| version.starts_with("3.0."));
    let mut check = Check { is_older, report };
    check.node(Node::Document, &Pointer::root(), document);
    check.servers(document);
}

/// Takes out members without a value, as YAML has them where nothing follows a colon. They say no
/// more than one that is missing does, and what has a name and nothing else says nothing.
pub(crate) fn without_nulls(document: &mut Value, report: &mut Report) -> Result<(), Error> {
    walk::walk(document, &mut |node, at, value| {
        let Some(object) = value.as_object_mut() else {
            return Ok(());
        };
        let below = walk::children(node).map(|(key, ..)| key);
        // What is null as a type or as a value of any kind may be meant so.
        let members = members(node)
            .iter()
            .filter(|(key, is)| *is != Is::Anything && *key != "type");
        for key in below.chain(members.map(|(key, _)| *key)) {
            if object.get(key) == Some(&Value::Null) {
                object.remove(key);
                report.note(STAGE, &at.child(key), "left out: nothing stands here");
            }
        }
        let maps = walk::children(node).filter(|(_, shape, _)| *shape == Shape::Map);
        for (key, ..) in maps {
            let entries = object.get_mut(key).and_then(Value::as_object_mut);
            for (name, entry) in entries
                .into_iter()
                .flatten()
                .filter(|(_, entry)| entry.is_null())
            {
                *entry = Value::Object(Map::new());
                let at = at.child(key).child(name);
                report.note(STAGE, &at, "taken as `{}`: nothing stands here");
            }
        }
        Ok(())
    })
}

struct Check<'r> {
    is_older: bool,
    report: &'r mut Report,
}

impl Check<'_> {
    fn node(&mut self, node: Node, at: &Pointer, value: &Value) {
        let object = match value {
            Value::Object(object) => object,
            // A schema that is a truth value takes anything, or nothing.
            Value::Bool(_) if node == Node::Schema => return,
            _ if node == Node::Schema => {
                return self.refuse(at, value, "a schema: an object, or true or false");
            }
            _ => return self.refuse(at, value, "an object"),
        };
        let is_reference = object.contains_key("$ref");
        self.member(object, "$ref", Is::Text, at);
        if is_reference && !matches!(node, Node::Schema | Node::PathItem) {
            return;
        }
        for (key, shape, child) in walk::children(node) {
            if let Some(below) = object.get(key) {
                self.below(shape, child, &at.child(key), below);
            }
        }
        for (key, is) in members(node) {
            self.member(object, key, *is, at);
        }
        for key in needed(node)
            .iter()
            .filter(|key| !object.contains_key(**key))
        {
            self.report.refuse(
                STAGE,
                &at.child(key),
                value,
                format!("there is no `{key}`, without which this says nothing"),
                "add it, or take the whole out",
                &Action::None,
            );
        }
        match node {
            Node::Operation => self.statuses(object, at),
            Node::Schema => {
                self.discriminator(object, at);
                self.newer_type(object, at);
            }
            _ => {}
        }
        self.unknown(node, object, at);
    }

    fn below(&mut self, shape: Shape, child: Node, at: &Pointer, value: &Value) {
        match (shape, value) {
            (Shape::One, value) => self.node(child, at, value),
            (Shape::List, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(child, &at.index(index), item);
                }
            }
            (Shape::Map, Value::Object(entries)) => {
                for (name, entry) in entries
                    .iter()
                    .filter(|(name, _)| walk::is_member(child, name))
                {
                    self.node(child, &at.child(name), entry);
                }
            }
            (Shape::List, _) => self.refuse(at, value, "a list"),
            (Shape::Map, _) => self.refuse(at, value, "an object"),
        }
    }

    fn member(&mut self, object: &Map<String, Value>, key: &str, is: Is, at: &Pointer) {
        let Some(value) = object.get(key) else {
            return;
        };
        let are_texts = |value: &Value| {
            let items = value.as_array();
            items.is_some_and(|items| items.iter().all(Value::is_string))
        };
        let (is_sound, wanted) = match is {
            Is::Text => (value.is_string(), "text"),
            Is::Texts => (are_texts(value), "a list of texts"),
            Is::TextOrTexts => (
                value.is_string() || are_texts(value),
                "text or a list of texts",
            ),
            Is::Flag => (value.is_boolean(), "true or false"),
            Is::Number => (value.is_number(), "a number"),
            Is::FlagOrNumber => (
                value.is_boolean() || value.is_number(),
                "a number, or true or false",
            ),
            Is::List => (value.is_array(), "a list"),
            Is::Object => (value.is_object(), "an object"),
            Is::Anything => (true, "anything"),
        };
        if !is_sound {
            self.refuse(&at.child(key), value, wanted);
        }
    }

    /// A status is a number, a range of them or `default`.
    fn statuses(&mut self, operation: &Map<String, Value>, at: &Pointer) {
        let responses = operation.get("responses").and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            let is_status = match status.as_bytes() {
                [b'1'..=b'5', rest @ ..] if rest.len() == 2 => {
                    rest.iter().all(u8::is_ascii_digit) || rest.eq_ignore_ascii_case(b"XX")
                }
                _ => status == "default" || status.starts_with("x-"),
            };
            if !is_status {
                let at = at.child("responses").child(status);
                let means = format!(
                    "`{status}` is no status: one is a number such as 200, a range such as 2XX, or `default`"
                );
                let action = Action::Remove(&at);
                self.report
                    .refuse(STAGE, &at, response, means, "correct it", &action);
            }
        }
    }

    /// A list of types is a sign that the document is of a later version than it says.
    fn newer_type(&mut self, schema: &Map<String, Value>, at: &Pointer) {
        let Some(kind) = schema.get("type").filter(|_| self.is_older) else {
            return;
        };
        if kind.is_array() || kind == "null" {
            self.report.refuse(
                STAGE,
                &at.child("type"),
                kind,
                "a list of types, and the type `null`, came with OpenAPI 3.1, and the document says that it is of 3.0",
                "let it say the version that it is written in",
                &Action::Update(&Pointer::root(), "{openapi: 3.1.0}"),
            );
        }
    }

    fn discriminator(&mut self, schema: &Map<String, Value>, at: &Pointer) {
        let Some(Value::Object(discriminator)) = schema.get("discriminator") else {
            return;
        };
        let at = at.child("discriminator");
        self.member(discriminator, "propertyName", Is::Text, &at);
        self.member(discriminator, "mapping", Is::Object, &at);
        if !discriminator.contains_key("propertyName") {
            self.report.refuse(
                STAGE,
                &at.child("propertyName"),
                &Value::Object(discriminator.clone()),
                "there is no `propertyName`, so nothing tells the shapes apart",
                "name the field, or take the discriminator out",
                &Action::Remove(&at),
            );
        }
        if let Some(Value::Object(mapping)) = discriminator.get("mapping") {
            for said in mapping.keys() {
                self.member(mapping, said, Is::Text, &at.child("mapping"));
            }
        }
    }

    /// The base URLs become a constant of the crate.
    fn servers(&mut self, document: &Value) {
        let at = Pointer::root().child("servers");
        let servers = document.get("servers").and_then(Value::as_array);
        for (index, server) in servers.into_iter().flatten().enumerate() {
            let at = at.index(index);
            let Some(url) = server.get("url").and_then(Value::as_str) else {
                self.refuse(&at, server, "an object with a `url`");
                continue;
            };
            let variables = server.get("variables").and_then(Value::as_object);
            for name in url
                .split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0))
            {
                let at = at.child("variables").child(name);
                let variable = variables.and_then(|all| all.get(name));
                let default = variable.and_then(|variable| variable.get("default"));
                if !default.is_some_and(Value::is_string) {
                    self.report.refuse(
                        STAGE,
                        &at.child("default"),
                        variable.unwrap_or(server),
                        format!("the URL names `{name}`, for which no text is the default"),
                        "give it one; a number needs quotes",
                        &Action::None,
                    );
                }
            }
        }
    }

    /// A member that the version does not know means nothing, so it is only told of.
    fn unknown(&mut self, node: Node, object: &Map<String, Value>, at: &Pointer) {
        let is_known = |key: &str| {
            let names = |table: &[(&str, Is)]| table.iter().any(|(name, _)| *name == key);
            let is_newer = names(NEWER);
            key == "$ref"
                || key.starts_with("x-")
                || names(members(node))
                || (node == Node::Schema && !self.is_older && is_newer)
                || walk::children(node).any(|(name, ..)| {
                    name == key && !(node == Node::Schema && self.is_older && is_newer)
                })
        };
        let unknown: Vec<&String> = object.keys().filter(|key| !is_known(key)).collect();
        for key in unknown {
            self.report.note(
                STAGE,
                &at.child(key),
                "ignored: this version of OpenAPI has no such word here",
            );
        }
        if node == Node::Schema && !self.is_older {
            for (key, is) in NEWER {
                self.member(object, key, *is, at);
            }
        }
    }

    fn refuse(&mut self, at: &Pointer, value: &Value, wanted: &str) {
        let found = match value {
            Value::Null => "nothing stands here",
            Value::Bool(_) => "a truth value stands here",
            Value::Number(_) => "a number stands here",
            Value::String(_) => "text stands here",
            Value::Array(_) => "a list stands here",
            Value::Object(_) => "an object stands here",
        };
        // An index would name something else once another is gone.
        let is_item = at
            .keys()
            .last()
            .is_some_and(|key| key.parse::<u16>().is_ok())
            && !at.parent().as_str().ends_with("/responses");
        let action = if is_item {
            Action::None
        } else {
            Action::Remove(at)
        };
        let means = format!("{found}, and it must be {wanted}");
        let advice = if value.is_object() || value.is_array() {
            "correct it in the document; what says nothing can be taken out"
        } else {
            "correct it in the document: an overlay can only take out objects and lists"
        };
        self.report.refuse(STAGE, at, value, means, advice, &action);
    }
}

#[cfg(test)]
mod tests;
