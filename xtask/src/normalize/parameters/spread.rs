//! Objects in the query, which become a parameter for each of their fields.

use serde_json::{Map, Value, json};

use super::one::Plain;
use crate::error::Action;
use crate::normalize::STAGE;
use crate::normalize::scalar::{is_word, merged};
use crate::normalize::schemas::{Place, Schemas};
use crate::pointer::Pointer;
use crate::report::Report;

/// How a field of an object is sent.
enum Field {
    Word,
    /// A parameter for each item.
    List(Value),
    /// In a way that no document says.
    Unknown,
}

/// Whether values of the schema are objects, or some of its choices are.
pub(super) fn is_object(document: &Value, whole: &Value) -> bool {
    let says = |key: &str| whole.get(key).is_some();
    if whole.get("type").is_some() {
        return whole.get("type") == Some(&json!("object"));
    }
    let choices = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| whole.get(*key)?.as_array())
        .flatten();
    let is_typed = |choice: &Value| {
        let choice = merged(document, choice);
        choice.get("type") == Some(&json!("object")) || choice.get("properties").is_some()
    };
    says("properties") || says("additionalProperties") || choices.into_iter().any(is_typed)
}

impl Plain<'_> {
    /// Adds a parameter for each field. What has a field of another kind, or fields that nobody has
    /// named, is refused: as one text it would be another parameter than the service reads.
    pub(super) fn spread(
        &mut self,
        name: &str,
        parameter: &Value,
        whole: &Value,
        at: &Pointer,
        schemas: &mut Schemas<'_>,
    ) {
        let is_deep = parameter.get("style") == Some(&json!("deepObject"));
        let none = Map::new();
        let fields = whole.get("properties").and_then(Value::as_object);
        let fields = fields.unwrap_or(&none);
        let kinds: Vec<Field> = fields
            .values()
            .map(|field| kind(schemas.document, field))
            .collect();
        let unknown = fields.iter().zip(&kinds);
        let unknown = unknown.filter(|(_, kind)| matches!(kind, Field::Unknown));
        let unknown: Vec<&str> = unknown.map(|((field, _), _)| field.as_str()).collect();
        if fields.is_empty() || !unknown.is_empty() {
            let means = match unknown.as_slice() {
                [] => "each field of this object is a parameter of its own, and it names none"
                    .to_owned(),
                unknown => format!(
                    "each field of this object is a parameter of its own, and no rule says how `{}` is written",
                    unknown.join("`, `")
                ),
            };
            let place = at.named(schemas.document);
            return as_text(parameter, &place, &means, schemas.report);
        }
        let needed = whole.get("required").and_then(Value::as_array);
        let is_needed = |field: &str| {
            parameter.get("required") == Some(&json!(true))
                && needed.is_some_and(|needed| needed.contains(&json!(field)))
        };
        for ((field, schema), kind) in fields.iter().zip(kinds) {
            let own = match is_deep {
                true => format!("{name}[{field}]"),
                false => field.clone(),
            };
            let place = Place::new(
                at.child("schema").child("properties").child(field),
                format!("{} {own}", self.id),
            );
            let value = match kind {
                Field::List(list) => self.list(&list, &place, schemas),
                _ => {
                    let mut value = schemas.inline(schema, &place);
                    self.word("query", &mut value, &place.pointer, schemas);
                    value
                }
            };
            let what = format!("became the parameter `{own}`");
            schemas.report.note(STAGE, &place.pointer, what);
            self.push("query", &own, is_needed(field), value, schema, schemas);
        }
    }

    /// A list in the query, of which each item is sent under the name of the list.
    pub(super) fn list(
        &mut self,
        whole: &Value,
        place: &Place,
        schemas: &mut Schemas<'_>,
    ) -> Value {
        let value = schemas.inline(whole, place);
        let mut items = value.get("items").cloned().unwrap_or_default();
        self.word("query", &mut items, &place.pointer.child("items"), schemas);
        json!({"type": "array", "items": items})
    }
}

fn kind(document: &Value, field: &Value) -> Field {
    if is_word(document, field) {
        return Field::Word;
    }
    let whole = merged(document, field);
    let is_list = whole.get("type") == Some(&json!("array"));
    match whole.get("items") {
        Some(items) if is_list && is_word(document, items) => Field::List(whole),
        _ => Field::Unknown,
    }
}

/// Refuses a parameter, unless it is declared as text of which the caller writes the whole.
fn as_text(parameter: &Value, at: &Pointer, means: &str, report: &mut Report) {
    let schema = at.child("schema");
    let actions = [
        Action::Remove(&schema),
        Action::Update(at, "{schema: {type: string}}"),
    ];
    let advice = "describe what is sent for it, parameter by parameter; or declare it as text, if it is one text after all";
    report.refuse(
        STAGE,
        at,
        parameter,
        means,
        advice,
        &Action::Several(&actions),
    );
}
