//! A point in time, in whichever of its forms the service gives it.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A point in time as the service gave it. Reading one never fails: what does not parse stays reachable as it came.
///
/// Read are RFC 3339 with or without an offset (taken as UTC), a plain date (midnight UTC), the numbers `yyyyMMdd` and
/// `yyyyMMddHHmmss` (taken as UTC), and seconds (10 digits) or milliseconds (13 digits) since 1970. Numbers may come as
/// text. What could be read in two ways is not read.
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{extra::*, models::*, seconds::*, secret::*, timestamp::*, types::*}; } }
/// use cloudally::types::Timestamp;
/// let last: Timestamp = serde_json::from_str("20230330202812")?;
/// assert_eq!(last.to_string(), "2023-03-30T20:28:12Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp {
    raw: Value,
}

impl Timestamp {
    /// The point in time, or nothing if the value has no known form. It is made out each time that it is asked for: most
    /// dates of a list are never looked at.
    #[must_use]
    pub fn instant(&self) -> Option<jiff::Timestamp> {
        parse(&self.raw)
    }

    /// The day in UTC.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.instant()
            .map(|instant| TimeZone::UTC.to_datetime(instant).date())
    }

    /// The value as it came.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw
    }
}

fn parse(raw: &Value) -> Option<jiff::Timestamp> {
    match raw {
        Value::String(text) => parse_text(text.trim()),
        Value::Number(number) => parse_digits(&number.to_string()),
        _ => None,
    }
}

fn parse_text(text: &str) -> Option<jiff::Timestamp> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return parse_digits(text);
    }
    text.parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| utc(text.parse().ok()?))
}

fn parse_digits(digits: &str) -> Option<jiff::Timestamp> {
    match digits.len() {
        8 => utc(DateTime::strptime("%Y%m%d %H", format!("{digits} 00")).ok()?),
        14 => utc(DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?),
        // Digits that begin with 20 may just as well be a year, and these would be years from 2033 on.
        10 | 13 if digits.starts_with("20") => None,
        10 => jiff::Timestamp::from_second(digits.parse().ok()?).ok(),
        13 => jiff::Timestamp::from_millisecond(digits.parse().ok()?).ok(),
        _ => None,
    }
}

fn utc(datetime: DateTime) -> Option<jiff::Timestamp> {
    TimeZone::UTC.to_timestamp(datetime).ok()
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self {
            raw: Value::String(instant.to_string()),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.instant(), &self.raw) {
            (Some(instant), _) => write!(f, "{instant}"),
            (None, Value::String(text)) => f.write_str(text),
            (None, other) => write!(f, "{other}"),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|raw| Self { raw })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "integer"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_form_is_read_and_kept_as_it_came() {
        for (text, expected) in [
            ("\"2021-01-07T11:44:57.000Z\"", Some("2021-01-07T11:44:57Z")),
            (
                "\"2021-01-07T11:44:57+02:00\"",
                Some("2021-01-07T09:44:57Z"),
            ),
            ("\"2021-01-07T11:44:57\"", Some("2021-01-07T11:44:57Z")),
            ("\"2021-01-07 11:44:57\"", Some("2021-01-07T11:44:57Z")),
            ("\"2021-01-07\"", Some("2021-01-07T00:00:00Z")),
            ("20210311", Some("2021-03-11T00:00:00Z")),
            ("20230330202812", Some("2023-03-30T20:28:12Z")),
            ("\"20230330202812\"", Some("2023-03-30T20:28:12Z")),
            ("1610019897", Some("2021-01-07T11:44:57Z")),
            ("1610019897000", Some("2021-01-07T11:44:57Z")),
            ("202303302028", None),
            ("2023033020", None),
            ("2023033020281", None),
            ("20231332", None),
            ("-1", None),
            ("1.5", None),
            ("\"\"", None),
            ("\"yesterday\"", None),
            ("null", None),
            ("{\"a\":1}", None),
        ] {
            let timestamp: Timestamp = serde_json::from_str(text).unwrap();
            assert_eq!(
                timestamp.instant().map(|at| at.to_string()).as_deref(),
                expected,
                "{text}"
            );
            assert_eq!(serde_json::to_string(&timestamp).unwrap(), text);
        }
    }

    #[test]
    fn a_day_is_told_in_utc() {
        let timestamp: Timestamp = serde_json::from_str("\"2021-01-07T23:30:00-02:00\"").unwrap();
        assert_eq!(timestamp.date().unwrap().to_string(), "2021-01-08");
    }
}
