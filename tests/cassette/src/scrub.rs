//! Replaces what is private, the same by the same wherever it occurs. Pure.

use std::collections::HashMap;

use serde_json::Value;

use crate::cassette::{Cassette, Interaction};
use crate::words;

/// What stands for what.
#[derive(Default)]
pub(crate) struct Scrub {
    replaced: HashMap<String, String>,
    numbers: HashMap<String, u64>,
    counts: HashMap<&'static str, usize>,
}

/// The kinds of things that are replaced.
#[derive(Clone, Copy)]
enum Kind {
    Secret,
    Address,
    Id,
    Name,
    Text,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Address => "person",
            Self::Id => "id",
            Self::Name => "Name",
            Self::Text => "text",
        }
    }
}

impl Scrub {
    /// The cassette with nothing private in it.
    pub(crate) fn scrub(&mut self, mut cassette: Cassette) -> Cassette {
        // Bodies first: they tell which parts of paths and queries are ids and tokens.
        for Interaction { request, response } in &mut cassette.interactions {
            self.value(None, &mut request.body);
            self.value(None, &mut response.body);
        }
        for Interaction { request, response } in &mut cassette.interactions {
            request.path = self.path(&request.path);
            for (name, value) in &mut request.query {
                if !(words::QUERY.contains(&name.as_str()) && words::is_plain(value)) {
                    *value = self.replace(Kind::Secret, value);
                }
            }
            for (name, value) in &mut response.headers {
                if name == "location" {
                    *value = self.path(value);
                }
            }
        }
        cassette
    }

    /// Every text and every id that was replaced.
    pub(crate) fn originals(&self) -> impl Iterator<Item = &str> {
        self.replaced.keys().map(String::as_str)
    }

    fn value(&mut self, field: Option<&str>, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let taken = std::mem::take(fields);
                for (name, mut value) in taken {
                    self.value(Some(&name), &mut value);
                    // A key may be an address or an id, too, where an object is a map.
                    let name = if is_name_of_field(&name) {
                        name
                    } else {
                        self.replace(Kind::Text, &name)
                    };
                    fields.insert(name, value);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(field, item)),
            Value::String(text) => {
                if let Some(kind) = kind(field, text) {
                    *text = self.replace(kind, text);
                }
            }
            Value::Number(number) if field.is_some_and(words::is_id) => {
                let next = self.numbers.len() as u64 + 1;
                let number = self.numbers.entry(number.to_string()).or_insert(next);
                *value = Value::from(*number);
            }
            _ => {}
        }
    }

    /// A path, or an address whose host is dropped.
    fn path(&mut self, path: &str) -> String {
        let path = path.split_once("://").map_or(path, |(_, rest)| {
            rest.find('/').map_or("/", |at| &rest[at..])
        });
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<_> = path
            .split('/')
            .map(|segment| {
                if words::SEGMENTS.contains(&segment) || segment == words::RESTORE {
                    segment.to_owned()
                } else {
                    self.replace(Kind::Id, segment)
                }
            })
            .collect();
        segments.join("/")
    }

    fn replace(&mut self, kind: Kind, original: &str) -> String {
        if original.is_empty() {
            return String::new();
        }
        if let Some(replaced) = self.replaced.get(original) {
            return replaced.clone();
        }
        let count = self.counts.entry(kind.word()).or_default();
        *count += 1;
        let replaced = match kind {
            Kind::Address => format!("person-{count}@example.com"),
            Kind::Name => format!("Name {count}"),
            _ => format!("{}-{count}", kind.word()),
        };
        self.replaced.insert(original.to_owned(), replaced.clone());
        replaced
    }
}

/// What a text is, if it may not be kept.
fn kind(field: Option<&str>, text: &str) -> Option<Kind> {
    let field = field.unwrap_or_default();
    if words::SECRETS.contains(&field) {
        Some(Kind::Secret)
    } else if text.contains('@') {
        Some(Kind::Address)
    } else if words::is_id(field) {
        Some(Kind::Id)
    } else if words::NAMES.contains(&field) {
        Some(Kind::Name)
    } else if words::KEPT.contains(&field) && is_word(text) {
        None
    } else {
        Some(Kind::Text)
    }
}

/// A word of a protocol, a number or a date, of a length that holds no token.
fn is_word(text: &str) -> bool {
    text.len() <= 40
        && (words::is_plain(text)
            || text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | ' ')))
}

/// The names of fields are letters; what has an address or a number in it is data.
fn is_name_of_field(name: &str) -> bool {
    name.len() <= 40
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !name
            .chars()
            .any(|letter| letter.is_ascii_digit() && name.len() > 24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cassette(path: &str, location: &str, body: Value) -> Cassette {
        serde_json::from_value(json!({"interactions": [{
            "request": {"method": "GET", "path": path, "query": [["pageSize", "2"], ["nextPageToken", "tok/en"]]},
            "response": {"status": 200, "headers": {"location": location}, "body": body},
        }]}))
        .unwrap()
    }

    #[test]
    fn the_same_is_replaced_by_the_same_and_words_are_kept() {
        let body = json!({"data": [
            {"id": "7f1c", "name": "Bob's Bakery", "userEmail": "bob@bakery.test", "status": "ACTIVE",
             "reportEmails": ["bob@bakery.test"], "lastBackupDates": {"GMAIL": 20230330202812_i64, "ann@bakery.test": 1},
             "total": "75.10", "createDate": "2026-03-01T04:10:00Z", "newField": "who knows", "size": 12},
            {"taskId": "7f1c", "partnerID": 4711, "status": "locked by ann@bakery.test"},
        ], "nextPageToken": "tok/en"});
        let mut scrub = Scrub::default();
        let clean = scrub.scrub(cassette(
            "/v1/backup-tasks/7f1c",
            "https://api.example.com/v1/restore/J9?a=b",
            body,
        ));
        let Interaction { request, response } = &clean.interactions[0];
        let [first, second] = [&response.body["data"][0], &response.body["data"][1]];
        assert_eq!(first["id"], second["taskId"]);
        assert_eq!(
            request.path,
            format!("/v1/backup-tasks/{}", first["id"].as_str().unwrap())
        );
        assert_eq!(request.query[0], ("pageSize".to_owned(), "2".to_owned()));
        assert_eq!(response.body["nextPageToken"], request.query[1].1.as_str());
        assert_eq!(first["userEmail"], first["reportEmails"][0]);
        assert_eq!(
            (&first["status"], &first["total"]),
            (&json!("ACTIVE"), &json!("75.10"))
        );
        assert_eq!(
            (&first["createDate"], &first["size"]),
            (&json!("2026-03-01T04:10:00Z"), &json!(12))
        );
        assert_eq!(second["partnerID"], 1);
        assert!(response.headers["location"].starts_with("/v1/restore/id-"));
        let text = serde_json::to_string(&clean).unwrap();
        for private in ["7f1c", "Bob", "bakery", "who knows", "J9", "tok/en", "4711"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
}
