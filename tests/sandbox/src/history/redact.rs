//! Finds and redacts credentials anywhere in a request.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reading::{base64_words, decoded, pairs, passwords_of_urls, readings, values_named};

const REDACTED: &str = "[redacted]";

/// Parts of the names of headers, parameters and fields that hold a secret.
const SECRET_NAMES: [&str; 9] = [
    "secret",
    "pass",
    "pwd",
    "xauth",
    "token",
    "authorization",
    "cookie",
    "apikey",
    "credential",
];
/// Names that contain one of [`SECRET_NAMES`] but hold no secret.
const OPEN_NAMES: [&str; 2] = ["nextpagetoken", "tokentype"];

/// The shortest secret that is searched for within a longer text. A shorter one must match the
/// whole text, because it could be a part of anything.
const MIN_PART: usize = 8;

/// The number of hexadecimal digits of the sandbox's client secrets and refresh tokens.
const TOKEN_DIGITS: usize = 64;

/// The texts to redact.
#[derive(Clone, Default)]
pub(crate) struct Secrets(BTreeSet<String>);

impl FromIterator<String> for Secrets {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Self {
        Self(texts.into_iter().filter(|text| !text.is_empty()).collect())
    }
}

impl Secrets {
    /// Adds what the request itself labels as a secret. A body that is not JSON counts too,
    /// although it is not shown.
    pub(super) fn and_those_in(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        body: Result<&Value, &[u8]>,
    ) -> Self {
        let mut all = self.clone();
        let query = target.split_once('?').map(|(_, query)| query);
        for (name, value) in pairs(query.unwrap_or_default()) {
            if is_secret(&decoded(name)) {
                all.add(&decoded(value));
            }
        }
        all.add_named(target);
        for (name, value) in headers {
            if is_secret(name) {
                all.add(value);
                // The token alone, without its scheme.
                all.add(value.rsplit(' ').next().unwrap_or_default());
            }
            all.add_named(value);
        }
        match body {
            Ok(body) => all.add_fields(body, false),
            Err(bytes) => all.add_named(&String::from_utf8_lossy(bytes)),
        }
        all
    }

    /// Adds what the text labels as a secret, however it is encoded.
    fn add_named(&mut self, text: &str) {
        for text in readings(text).unwrap_or_default() {
            self.add_values(&text);
            for word in base64_words(&text) {
                self.add(word.password().unwrap_or_default());
                self.add_values(&word.text);
            }
        }
    }

    fn add_values(&mut self, text: &str) {
        for value in secrets_named_in(text) {
            for value in readings(value).unwrap_or_default() {
                self.add(&value);
            }
        }
    }

    fn add(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.insert(text.to_owned());
        }
    }

    fn add_fields(&mut self, value: &Value, secret: bool) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.add_named(name);
                    self.add_fields(value, secret || is_secret(name));
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.add_fields(item, secret);
                }
            }
            Value::String(text) if secret => self.add(text),
            Value::String(text) => self.add_named(text),
            Value::Number(number) if secret => self.add(&number.to_string()),
            _ => {}
        }
    }

    fn is_in(&self, text: &str) -> bool {
        self.is_in_clear(text)
            || base64_words(text)
                .any(|word| word.password().is_some() || self.is_in_clear(&word.text))
    }

    fn is_in_clear(&self, text: &str) -> bool {
        let has = |secret: &String| {
            text == secret || (secret.len() >= MIN_PART && text.contains(secret.as_str()))
        };
        self.0.iter().any(has) || has_token(text) || secrets_named_in(text).next().is_some()
    }

    pub(super) fn redacted(&self, text: &str) -> String {
        let text = if self.is_in(text) { REDACTED } else { text };
        text.to_owned()
    }

    /// Returns the text unchanged, or redacted as a whole, with percent-encoding taken into
    /// account.
    fn redacted_encoded<'a>(&self, text: &'a str) -> &'a str {
        if self.is_in_encoded(text) {
            REDACTED
        } else {
            text
        }
    }

    /// A text that is encoded too often to be decoded counts as a secret.
    fn is_in_encoded(&self, text: &str) -> bool {
        readings(text).is_none_or(|all| all.iter().any(|text| self.is_in(text)))
    }

    pub(super) fn redacted_path(&self, path: &str) -> String {
        let segments = path.split('/');
        let segments: Vec<_> = segments
            .map(|segment| self.redacted_encoded(segment))
            .collect();
        let path = segments.join("/");
        // A secret may contain a slash.
        if self.is_in_encoded(&path) {
            return REDACTED.to_owned();
        }
        path
    }

    pub(super) fn redacted_query(&self, query: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            None => self.redacted_encoded(pair).to_owned(),
            Some((name, value)) => {
                let value = if is_secret(&decoded(name)) {
                    REDACTED
                } else {
                    self.redacted_encoded(value)
                };
                format!("{}={value}", self.redacted_encoded(name))
            }
        };
        query.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    /// Header names arrive in lower case, so secrets are compared in lower case too.
    pub(super) fn redacted_headers(&self, headers: &[(&str, &str)]) -> Vec<(String, String)> {
        let without_capitals: Self = self.0.iter().map(|text| text.to_lowercase()).collect();
        let redacted = |(name, value): &(&str, &str)| {
            let value = if is_secret(name) {
                REDACTED
            } else {
                self.redacted_encoded(value)
            };
            let name = without_capitals.redacted_encoded(name);
            (name.to_owned(), value.to_owned())
        };
        headers.iter().map(redacted).collect()
    }

    pub(super) fn redacted_json(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let redacted = |(name, value): (String, Value)| {
                    let value = if is_secret(&name) {
                        Value::from(REDACTED)
                    } else {
                        self.redacted_json(value)
                    };
                    (self.redacted_encoded(&name).to_owned(), value)
                };
                fields.into_iter().map(redacted).collect()
            }
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.redacted_json(item))
                .collect(),
            Value::String(text) => Value::from(self.redacted_encoded(&text)),
            Value::Number(number) if self.is_in(&number.to_string()) => Value::from(REDACTED),
            other => other,
        }
    }
}

fn is_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    !OPEN_NAMES.contains(&name.as_str()) && SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Returns true if the text contains a JSON Web Token, or a value in the format of a sandbox's
/// refresh token or client secret.
fn has_token(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    text.split(|letter| !is_part(letter)).any(|word| {
        let is_jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
        let is_hex =
            word.len() == TOKEN_DIGITS && word.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_jwt || is_hex
    })
}

/// Returns the values that the text itself labels as a secret.
fn secrets_named_in(text: &str) -> impl Iterator<Item = &str> {
    values_named(text, is_secret).chain(passwords_of_urls(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets(all: &[&str]) -> Secrets {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn names_of_secrets_are_told_from_others() {
        for name in [
            "Authorization",
            "client-secret",
            "clientSecret",
            "client_secret",
            "password",
            "newPassword",
            "access_token",
            "x-api-key",
            "X-Auth",
            "pwd",
            "pass",
            "Cookie",
            "set-cookie",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "client-id",
            "email",
            "nextPageToken",
            "tokenType",
            "pageSize",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_and_however_it_is_written() {
        let secrets = secrets(&["p/s w\u{f6}rd+1"]);
        let encoded = "p%2Fs%20w%C3%B6rd%2B1";
        assert_eq!(
            secrets.redacted_path(&format!("/a/x{encoded}/b")),
            "/a/[redacted]/b"
        );
        assert_eq!(secrets.redacted_path("/a/p/s%20w%C3%B6rd%2B1/b"), REDACTED);
        assert_eq!(
            secrets.redacted_query(&format!(
                "q={}&page=1&{encoded}&{encoded}=2",
                encoded.replace("%20", "+")
            )),
            "q=[redacted]&page=1&[redacted]&[redacted]=2"
        );
        assert_eq!(
            secrets.redacted_headers(&[("x-note", encoded), ("accept", "*/*")]),
            [
                ("x-note".to_owned(), REDACTED.to_owned()),
                ("accept".to_owned(), "*/*".to_owned())
            ]
        );
        let body = json!({"note": ["it is p/s w\u{f6}rd+1"], "p/s w\u{f6}rd+1": 1, "page": 2});
        assert_eq!(
            secrets.redacted_json(body),
            json!({"note": [REDACTED], REDACTED: 1, "page": 2})
        );
    }

    #[test]
    fn a_secret_is_found_however_often_it_is_encoded() {
        let secrets = secrets(&["p/s-w\u{f6}rd-1", "12345678"]);
        let mut text = "p%2Fs-w%C3%B6rd-1".to_owned();
        for _ in 0..12 {
            assert_eq!(
                secrets.redacted_json(json!({"note": text, text.as_str(): 12_345_678})),
                json!({"note": REDACTED, REDACTED: REDACTED})
            );
            assert_eq!(secrets.redacted_query(&format!("q={text}")), "q=[redacted]");
            text = text.replace('%', "%25");
        }
        assert_eq!(secrets.redacted_json(json!("100%25")), "100%25");
        let headers = secrets.redacted_headers(&[("x-12345678", "1")]);
        assert_eq!(headers, [(REDACTED.to_owned(), "1".to_owned())]);
        let body = json!({"pwd": 87_654_321});
        let named = Secrets::default().and_those_in("/", &[], Ok(&body));
        assert_eq!(named.redacted_json(json!([87_654_321])), json!([REDACTED]));
    }

    #[test]
    fn what_a_request_calls_a_secret_is_one_everywhere() {
        let body = json!({"auth": {"password": ["from-the-body"]}, "page": 1});
        let secrets = Secrets::default().and_those_in(
            "/a?token=from%2Dthe+query&page=1",
            &[("authorization", "Basic from-the-header")],
            Ok(&body),
        );
        for secret in [
            "from-the-body",
            "from-the query",
            "from-the-header",
            "Basic from-the-header",
        ] {
            assert_eq!(
                secrets.redacted(&format!("x{secret}x")),
                REDACTED,
                "{secret}"
            );
        }
        assert_eq!(secrets.redacted("1"), "1");
    }

    #[test]
    fn tokens_are_known_by_their_form_and_pages_go_on() {
        let none = Secrets::default();
        let hex = "0123456789abcdef".repeat(4);
        for text in [hex.as_str(), "a=eyJh.eyJz.c2ln", "(eyJh.eyJz.c2ln)"] {
            assert!(none.is_in(text), "{text}");
        }
        for text in [&hex[1..], "dGFza3M6MTA6NQ.c2ln", "eyJ", "J-1"] {
            assert!(!none.is_in(text), "{text}");
        }
    }

    #[test]
    fn a_short_secret_hides_only_itself() {
        let secrets = secrets(&["1", "user"]);
        assert_eq!(
            secrets.redacted_query("page=1&of=users"),
            "page=[redacted]&of=users"
        );
        assert_eq!(
            secrets.redacted_path("/v1/users/user"),
            "/v1/users/[redacted]"
        );
    }
}
