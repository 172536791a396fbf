//! Replaces private data in a cassette, equal values by equal ones. Performs no I/O.

use std::collections::HashMap;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde_json::{Number, Value};

use crate::cassette::{Cassette, Interaction};
use crate::words;

/// The replacements made so far.
#[derive(Default)]
pub(crate) struct Scrub {
    /// The replacement of each text. A number and the string of its digits are the same text.
    replaced: HashMap<String, String>,
    counts: HashMap<&'static str, u64>,
}

/// The kinds of replacements.
#[derive(Clone, Copy)]
enum Kind {
    Secret,
    Address,
    Id,
    Name,
    Number,
    Text,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Address => "person",
            Self::Id => "id",
            Self::Name => "Name",
            Self::Number => "number",
            Self::Text => "text",
        }
    }
}

impl Scrub {
    /// Returns the cassette with all private data replaced.
    pub(crate) fn scrub(&mut self, mut cassette: Cassette) -> Cassette {
        // Bodies come first, because they determine which parts of paths and queries are ids and
        // tokens.
        for Interaction { request, response } in &mut cassette.interactions {
            self.value("", "", &mut request.body);
            self.value("", "", &mut response.body);
        }
        for Interaction { request, response } in &mut cassette.interactions {
            request.method = words::method(&request.method).to_owned();
            request.path = self.path(&request.path);
            for (name, value) in &mut request.query {
                let is_number = words::NUMBERS.contains(&name.as_str());
                if !(is_number && words::is_small_number(value)) {
                    *value = self.replace(Kind::Secret, value);
                }
                if !is_number && name != words::TOKEN {
                    *name = self.replace(Kind::Text, name);
                }
            }
            for (name, value) in &mut request.headers {
                if !words::SECRET_HEADERS.contains(&name.as_str()) {
                    *value = words::media_type(value).to_owned();
                }
            }
            response
                .headers
                .retain(|name, value| name != "retry-after" || words::is_small_number(value));
            for (name, value) in &mut response.headers {
                match name.as_str() {
                    "location" => *value = self.path(value),
                    "content-type" => *value = words::media_type(value).to_owned(),
                    _ => {}
                }
            }
        }
        cassette
    }

    /// Replaces the private data in the value of a field. The names of the field and of its parent
    /// are empty if there is none.
    fn value(&mut self, parent: &str, name: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let taken = std::mem::take(fields);
                for (field, mut value) in taken {
                    self.value(name, &field, &mut value);
                    // If the object is a map, a key may be an email address or an id.
                    let field = if words::is_field(&field) || words::is_value(&field) {
                        field
                    } else {
                        self.replace(Kind::Text, &field)
                    };
                    fields.insert(field, value);
                }
            }
            Value::Array(items) => {
                items
                    .iter_mut()
                    .for_each(|item| self.value(parent, name, item));
            }
            Value::String(text) if !words::may_stay(name, text) => {
                *text = self.replace(kind(name, text), text);
            }
            Value::Number(number) => {
                let number = number.to_string();
                if !words::may_count(parent, name, &number) {
                    let made_up = self.replace(Kind::Number, &number);
                    *value = Number::from_str(&made_up).map_or(Value::String(made_up), Value::from);
                }
            }
            _ => {}
        }
    }

    /// Replaces the ids in a path. The scheme and host of a URL are dropped.
    fn path(&mut self, path: &str) -> String {
        let path = path.split_once("://").map_or(path, |(_, rest)| {
            rest.find('/').map_or("/", |at| &rest[at..])
        });
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<_> = path
            .split('/')
            .map(|segment| {
                if words::is_segment(segment) {
                    return segment.to_owned();
                }
                // In a body the same id is not percent-encoded.
                let decoded = percent_decode_str(segment).decode_utf8_lossy();
                self.replace(Kind::Id, &decoded)
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
        let kind = if is_number(original) {
            Kind::Number
        } else {
            kind
        };
        let count = self.counts.entry(kind.word()).or_default();
        *count += 1;
        let replaced = match kind {
            Kind::Address => format!("person-{count}@example.com"),
            Kind::Name => format!("Name {count}"),
            Kind::Number => (words::MADE_UP_NUMBERS + *count).to_string(),
            _ => format!("{}-{count}", kind.word()),
        };
        self.replaced.insert(original.to_owned(), replaced.clone());
        replaced
    }
}

/// Returns true if the text is the canonical form of a JSON number.
fn is_number(text: &str) -> bool {
    Number::from_str(text).is_ok_and(|number| number.to_string() == text)
}

/// Returns the kind of replacement for a text that may not be kept.
fn kind(field: &str, text: &str) -> Kind {
    if words::SECRETS.contains(&field) {
        Kind::Secret
    } else if text.contains('@') {
        Kind::Address
    } else if words::is_id(field) {
        Kind::Id
    } else if words::NAMES.contains(&field) {
        Kind::Name
    } else {
        Kind::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cassette(path: &str, location: &str, body: Value) -> Cassette {
        serde_json::from_value(json!({"version": 1, "interactions": [{
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
        assert_eq!(first["lastBackupDates"]["GMAIL"], 20_230_330_202_812_i64);
        assert!(second["partnerID"].is_u64());
        assert!(response.headers["location"].starts_with("/v1/restore/id-"));
        let text = serde_json::to_string(&clean).unwrap();
        assert!(crate::scan::scan(&clean).is_ok());
        for private in ["7f1c", "Bob", "bakery", "who knows", "J9", "tok/en", "4711"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }

    #[test]
    fn what_is_private_is_replaced_wherever_it_stands() {
        let canary = "annbaker";
        let mut cassette = cassette(
            "/v1/annbaker",
            "/v1/restore/annbaker",
            json!({
                "status": "Locked by annbaker", "region": "annbaker", "annbaker": {"annbaker": 1},
                "password": 12_345_678, "phone": 4_915_112_345_678_i64, "userIds": [4_915_112_345_678_i64],
                "phones": {"US_EST": 4_915_112_345_678_i64, "size": 12_345_678},
                "period": "annbaker", "list": ["annbaker", {"service": "annbaker"}],
            }),
        );
        let Interaction { request, response } = &mut cassette.interactions[0];
        request.method = "ANNBAKER".to_owned();
        request.query = vec![
            ("annbaker".to_owned(), "annbaker".to_owned()),
            ("page".to_owned(), "annbaker".to_owned()),
        ];
        request.headers = [
            ("accept".to_owned(), "application/annbaker".to_owned()),
            (
                "content-type".to_owned(),
                "text/html; x=annbaker".to_owned(),
            ),
        ]
        .into();
        request.body = json!("annbaker");
        response
            .headers
            .insert("retry-after".to_owned(), "ask annbaker".to_owned());
        let clean = Scrub::default().scrub(cassette);
        crate::scan::scan(&clean).unwrap();
        let text = serde_json::to_string(&clean).unwrap().to_lowercase();
        for private in [canary, "12345678", "4915112345678"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }

    #[test]
    fn harmless_words_and_odd_ids_are_kept_consistent() {
        let body = json!({"password": "secret", "alias": "GMAIL", "source": "GMAIL", "name": "status", "id": "U 1/2", "taskId": 4711});
        let mut scrub = Scrub::default();
        let clean = scrub.scrub(cassette(
            "/v1/backup-tasks/U%201%2F2",
            "/v1/restore/4711",
            body,
        ));
        crate::scan::scan(&clean).unwrap();
        let Interaction { request, response } = &clean.interactions[0];
        assert_eq!(response.body["source"], "GMAIL");
        assert_eq!(
            request.path,
            format!("/v1/backup-tasks/{}", response.body["id"].as_str().unwrap())
        );
        assert_eq!(
            response.headers["location"],
            format!("/v1/restore/{}", response.body["taskId"])
        );
    }

    #[test]
    fn an_id_is_the_same_as_a_number_and_as_a_text() {
        let body = json!({"id": 4711, "userId": "4711", "taskId": 4712, "list": ["4712", 4711]});
        let clean =
            Scrub::default().scrub(cassette("/v1/backup-tasks/4711", "/v1/restore/4712", body));
        crate::scan::scan(&clean).unwrap();
        let Interaction { request, response } = &clean.interactions[0];
        let [id, other] = ["id", "taskId"].map(|name| response.body[name].as_u64().unwrap());
        assert_ne!(id, other);
        assert_eq!(response.body["userId"], id.to_string());
        let list = response
            .body
            .as_object()
            .unwrap()
            .values()
            .find_map(Value::as_array);
        assert_eq!(list.unwrap(), &[json!(other.to_string()), json!(id)]);
        assert_eq!(request.path, format!("/v1/backup-tasks/{id}"));
        assert_eq!(response.headers["location"], format!("/v1/restore/{other}"));
    }

    #[test]
    fn the_number_of_the_next_page_is_kept_and_an_unknown_parameter_is_told() {
        let mut cassette = cassette("/v1/partners/users", "", json!({"nextPage": 2, "data": []}));
        let query = [("pageSize", "2"), ("nextPage", "2")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        cassette.interactions[0].request.query = query.to_vec();
        let clean = Scrub::default().scrub(cassette.clone());
        crate::scan::scan(&clean).unwrap();
        let Interaction { request, response } = &clean.interactions[0];
        assert_eq!(request.query, query);
        assert_eq!(response.body["nextPage"], 2);
        assert_eq!(clean.unplayable().count(), 0);

        cassette.interactions[0].request.query[1].0 = "ann".to_owned();
        let clean = Scrub::default().scrub(cassette);
        assert_eq!(clean.unplayable().count(), 1);
    }
}
