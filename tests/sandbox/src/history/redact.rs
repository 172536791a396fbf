//! Finds and redacts credentials anywhere in a request.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reading::readings;

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

/// The texts to redact, without capitals.
#[derive(Clone, Default)]
pub(crate) struct Secrets(BTreeSet<String>);

impl FromIterator<String> for Secrets {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Self {
        let texts = texts.into_iter().map(|text| text.to_ascii_lowercase());
        Self(texts.filter(|text| !text.is_empty()).collect())
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
        let (_, query) = target.split_once('?').unwrap_or_default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if is_encoded_secret(name) {
                all.add(value);
            }
        }
        all.add_labelled(target);
        for (name, value) in headers {
            if is_secret(name) {
                all.add(value);
                // The token alone, without its scheme.
                all.add(value.rsplit(' ').next().unwrap_or_default());
            }
            all.add_labelled(value);
        }
        match body {
            Ok(body) => all.add_fields(body, false),
            Err(bytes) => all.add_labelled(&String::from_utf8_lossy(bytes)),
        }
        all
    }

    fn add_labelled(&mut self, text: &str) {
        for reading in readings(text).unwrap_or_default() {
            reading
                .labelled(is_secret)
                .for_each(|value| self.add(value));
        }
    }

    /// Adds a secret in every way in which it can be read.
    fn add(&mut self, text: &str) {
        let all = readings(text).unwrap_or_default().into_iter();
        let all = all.map(|reading| reading.text.to_ascii_lowercase());
        self.0.extend(all.filter(|text| !text.is_empty()));
    }

    fn add_fields(&mut self, value: &Value, secret: bool) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.add_labelled(name);
                    self.add_fields(value, secret || is_secret(name));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_fields(item, secret)),
            Value::String(text) if secret => self.add(text),
            Value::String(text) => self.add_labelled(text),
            Value::Number(number) if secret => self.add(&number.to_string()),
            _ => {}
        }
    }

    /// Returns true if the text contains a secret, however it is encoded. A text that is encoded too
    /// often to be decoded counts as one.
    fn is_in(&self, text: &str) -> bool {
        readings(text).is_none_or(|all| {
            all.iter().any(|reading| {
                let labels = reading.labelled(is_secret).next().is_some();
                labels || has_token(&reading.text) || self.is_in_clear(&reading.text)
            })
        })
    }

    /// Letters are compared without their case, because the names of headers arrive in lower case.
    fn is_in_clear(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let is_part = |secret: &String| secret.len() >= MIN_PART && text.contains(secret.as_str());
        self.0.contains(&text) || self.0.iter().any(is_part)
    }

    /// Returns the text unchanged, or redacted as a whole.
    pub(super) fn redacted(&self, text: &str) -> String {
        let text = if self.is_in(text) { REDACTED } else { text };
        text.to_owned()
    }

    fn redacted_if(&self, is_secret: bool, text: &str) -> String {
        if is_secret {
            REDACTED.to_owned()
        } else {
            self.redacted(text)
        }
    }

    pub(super) fn redacted_path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| self.redacted(segment));
        // A secret may contain a slash.
        self.redacted(&segments.collect::<Vec<_>>().join("/"))
    }

    pub(super) fn redacted_query(&self, query: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            None => self.redacted(pair),
            Some((name, value)) => {
                let value = self.redacted_if(is_encoded_secret(name), value);
                format!("{}={value}", self.redacted(name))
            }
        };
        query.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    pub(super) fn redacted_headers(&self, headers: &[(&str, &str)]) -> Vec<(String, String)> {
        let redacted = |(name, value): &(&str, &str)| {
            (
                self.redacted(name),
                self.redacted_if(is_secret(name), value),
            )
        };
        headers.iter().map(redacted).collect()
    }

    pub(super) fn redacted_json(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let redacted = |(name, value): (String, Value)| {
                    let value = match is_secret(&name) {
                        true => Value::from(REDACTED),
                        false => self.redacted_json(value),
                    };
                    (self.redacted(&name), value)
                };
                fields.into_iter().map(redacted).collect()
            }
            Value::Array(items) => {
                let redacted = items.into_iter().map(|item| self.redacted_json(item));
                redacted.collect()
            }
            Value::String(text) => Value::from(self.redacted(&text)),
            Value::Number(number) if self.is_in(&number.to_string()) => Value::from(REDACTED),
            other => other,
        }
    }
}

/// Returns true for the name of a secret that may be percent-encoded.
fn is_encoded_secret(name: &str) -> bool {
    readings(name).is_none_or(|all| all.iter().any(|name| is_secret(&name.text)))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets(all: &[&str]) -> Secrets {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn names_of_secrets_are_told_from_others() {
        let names = "Authorization client-secret clientSecret client_secret password newPassword \
                     access_token x-api-key X-Auth pwd pass Cookie set-cookie";
        assert!(names.split_whitespace().all(is_secret));
        let open = "client-id email nextPageToken tokenType pageSize";
        assert!(!open.split_whitespace().any(is_secret));
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_and_however_often_it_is_encoded() {
        let secrets = secrets(&["p/s w\u{f6}rd+1", "12345678"]);
        let mut encoded = "p%2Fs%20w%C3%B6rd%2B1".to_owned();
        for _ in 0..12 {
            let path = secrets.redacted_path(&format!("/a/x{encoded}/b"));
            assert_eq!(path, "/a/[redacted]/b");
            let query = format!("q={encoded}&page=1&{encoded}");
            let query = secrets.redacted_query(&query);
            assert_eq!(query, "q=[redacted]&page=1&[redacted]");
            let headers = [
                ("x-note", &*encoded),
                ("accept", "*/*"),
                ("x-12345678", "1"),
            ];
            let headers = secrets.redacted_headers(&headers);
            let headers: Vec<_> = headers
                .iter()
                .map(|(a, b)| [a.as_str(), b.as_str()])
                .collect();
            assert_eq!(
                headers,
                [["x-note", REDACTED], ["accept", "*/*"], [REDACTED, "1"]]
            );
            let body = json!({"note": [encoded, 12_345_678], encoded.as_str(): 1, "page": 2});
            let expected = json!({"note": [REDACTED, REDACTED], REDACTED: 1, "page": 2});
            assert_eq!(secrets.redacted_json(body), expected);
            encoded = encoded.replace('%', "%25");
        }
        let spaced = secrets.redacted_query("p%2Fs+w%C3%B6rd%2B1=2");
        assert_eq!(spaced, "[redacted]=2");
        assert_eq!(secrets.redacted_path("/a/p/s%20w%C3%B6rd%2B1/b"), REDACTED);
        assert_eq!(secrets.redacted_json(json!("100%25")), "100%25");
        let text = secrets.redacted_json(json!("it is p/s w\u{f6}rd+1"));
        assert_eq!(text, REDACTED);
    }

    #[test]
    fn what_a_request_calls_a_secret_is_one_everywhere() {
        let body = json!({"auth": {"password": ["from-the-body"]}, "page": 1, "pwd": 87_654_321});
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
            "87654321",
        ] {
            assert_eq!(
                secrets.redacted(&format!("x{secret}x")),
                REDACTED,
                "{secret}"
            );
        }
        assert_eq!(
            secrets.redacted_json(json!([87_654_321, 1])),
            json!([REDACTED, 1])
        );
    }

    #[test]
    fn tokens_are_known_by_their_form_and_pages_go_on() {
        let hex = "0123456789abcdef".repeat(4);
        let kept = [&hex[1..], "dGFza3M6MTA6NQ.c2ln", "eyJ", "J-1"];
        for text in [&hex, "a=eyJh.eyJz.c2ln", "(eyJh.eyJz.c2ln)"]
            .iter()
            .chain(&kept)
        {
            assert_eq!(
                Secrets::default().is_in(text),
                !kept.contains(text),
                "{text}"
            );
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
