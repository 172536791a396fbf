//! The vocabulary that may be kept: the words of the OpenAPI document, and strict formats of
//! numbers and dates. Anything else counts as private.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The OpenAPI document, which defines the known fields, values and paths.
const DOCUMENT: &str = include_str!("bundled.json");

/// The request headers of which only the presence is recorded.
pub(crate) const SECRET_HEADERS: [&str; 3] = ["authorization", "client-id", "client-secret"];

/// The value that replaces that of such a header.
pub(crate) const REDACTED: &str = "[redacted]";

/// The query parameters with a number as value.
pub(crate) const NUMBERS: [&str; 4] = ["page", "pageSize", "nextPage", "limit"];

/// The query parameter with a next-page token.
pub(crate) const TOKEN: &str = "nextPageToken";

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const MEDIA_TYPES: [&str; 5] = [
    "application/json",
    "application/octet-stream",
    "text/html",
    "text/plain",
    "*/*",
];

/// The fields and values that the OpenAPI document defines.
#[derive(Default)]
struct Vocabulary {
    fields: BTreeSet<String>,
    /// Numeric fields that are not private.
    numeric: BTreeSet<String>,
    /// Fields that are maps from words to numbers.
    maps: BTreeSet<String>,
    dates: BTreeSet<String>,
    decimals: BTreeSet<String>,
    values: BTreeSet<String>,
    segments: BTreeSet<String>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut known = Vocabulary::default();
    let document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    known.learn(&document);
    for path in document["paths"]
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.keys())
    {
        let fixed = path.split('/').filter(|segment| !segment.contains('{'));
        known.segments.extend(fixed.map(str::to_owned));
    }
    known.values.insert("Bearer".to_owned());
    known.fields.extend(NUMBERS.map(str::to_owned));
    known
});

impl Vocabulary {
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(object) => {
                let words = object
                    .get("enum")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                self.values
                    .extend(words.filter_map(Value::as_str).map(str::to_owned));
                let properties = object.get("properties").and_then(Value::as_object);
                for (name, schema) in properties.into_iter().flatten() {
                    self.field(name, schema);
                }
                object.values().for_each(|value| self.learn(value));
            }
            _ => {}
        }
    }

    fn field(&mut self, name: &str, schema: &Value) {
        let places = match schema["format"].as_str().unwrap_or_default() {
            "date-time" | "loose-date-time" => Some(&mut self.dates),
            "decimal" => Some(&mut self.decimals),
            _ if is_private(name) => None,
            _ if is_number(schema) => Some(&mut self.numeric),
            _ if is_number(&schema["additionalProperties"]) => Some(&mut self.maps),
            _ => None,
        };
        if let Some(places) = places {
            places.insert(name.to_owned());
        }
        self.fields.insert(name.to_owned());
    }
}

fn is_number(schema: &Value) -> bool {
    let kind = schema["type"][0].as_str().or(schema["type"].as_str());
    matches!(kind, Some("integer" | "number"))
}

/// The formats that a text may have in a field of its kind, and those of replacements.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let day = r"\d{4}-\d{2}-\d{2}";
    let time = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?";
    Regex::new(&format!("^{day}({time})?$")).ok()
});
static DECIMAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^-?(\d{1,9}|\d{1,15}\.\d{1,6})$").ok());
static MADE_UP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"90071990\d{8}";
    let text = r"(secret|id|text)-\d{1,9}|Name \d{1,9}|person-\d{1,9}@example\.com";
    Regex::new(&format!("^({number}|{text})$")).ok()
});

fn is(form: &LazyLock<Option<Regex>>, text: &str) -> bool {
    form.as_ref().is_some_and(|form| form.is_match(text))
}

/// Returns true if the OpenAPI document has a field of this name.
pub(crate) fn is_field(name: &str) -> bool {
    VOCABULARY.fields.contains(name)
}

/// Returns true if a number may be kept in a field: in a numeric field of the OpenAPI document
/// whose parent is known too (or empty, if there is none), or under an enum value in a map of
/// numbers.
pub(crate) fn may_count(parent: &str, field: &str, number: &str) -> bool {
    let is_counted =
        VOCABULARY.numeric.contains(field) || (NUMBERS.contains(&field) && is_small_number(number));
    let is_in_map = VOCABULARY.maps.contains(parent) && VOCABULARY.values.contains(field);
    (is_counted && (parent.is_empty() || is_field(parent))) || is_in_map
}

/// Returns true if a text is empty, or an enum value of the OpenAPI document.
pub(crate) fn is_value(text: &str) -> bool {
    text.is_empty() || VOCABULARY.values.contains(text)
}

/// Returns true if a text may be kept in a field: an enum value in a known field, a date in a date
/// field, a decimal in a decimal field, or a page number.
pub(crate) fn may_stay(field: &str, text: &str) -> bool {
    let is_date = VOCABULARY.dates.contains(field) && is(&DATE, text);
    let is_decimal = VOCABULARY.decimals.contains(field) && is(&DECIMAL, text);
    let is_page = NUMBERS.contains(&field) && is_small_number(text);
    (is_field(field) && is_value(text)) || is_date || is_decimal || is_page
}

/// Returns true if a text is a replacement for a text or a number.
pub(crate) fn is_made_up(text: &str) -> bool {
    is(&MADE_UP, text)
}

/// The base of replacements for numbers, to which a count is added. It has more digits than numbers
/// in real data, and is below 2^53, so that every JSON parser represents it exactly.
pub(crate) const MADE_UP_NUMBERS: u64 = 9_007_199_000_000_000;

/// Returns true if a path segment occurs in a path of the OpenAPI document.
pub(crate) fn is_segment(segment: &str) -> bool {
    segment.is_empty() || VOCABULARY.segments.contains(segment)
}

/// Returns true if a text is a whole number of at most nine digits, such as a page number.
pub(crate) fn is_small_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the method if it is a common one, otherwise `GET`.
pub(crate) fn method(method: &str) -> &str {
    METHODS
        .iter()
        .find(|known| **known == method)
        .copied()
        .unwrap_or("GET")
}

/// Returns the media type without its parameters if it is a common one, otherwise
/// `application/octet-stream`.
pub(crate) fn media_type(value: &str) -> &'static str {
    let value = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let known = MEDIA_TYPES.iter().find(|known| **known == value).copied();
    known.unwrap_or("application/octet-stream")
}

/// The fields that hold a secret.
pub(crate) const SECRETS: [&str; 6] = [
    "password",
    "clientSecret",
    "clientId",
    "accessToken",
    "refreshToken",
    TOKEN,
];

/// The fields that hold a name.
pub(crate) const NAMES: [&str; 7] = [
    "name",
    "contactName",
    "resellerName",
    "entityName",
    "alias",
    "account",
    "domain",
];

/// Returns true if the values of a field are private, whatever their format.
pub(crate) fn is_private(field: &str) -> bool {
    SECRETS.contains(&field) || NAMES.contains(&field) || is_id(field)
}

/// Returns true if a field holds an id.
pub(crate) fn is_id(field: &str) -> bool {
    field == "id" || field.ends_with("Id") || field.ends_with("ID")
}
