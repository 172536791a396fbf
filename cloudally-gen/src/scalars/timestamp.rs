//! Points in time, in each of the forms that the service uses.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A point in time, as the service sent it.
///
/// Understood are RFC 3339 with or without an offset (without: UTC), a plain date (midnight UTC),
/// the numbers `yyyyMMdd` and `yyyyMMddHHmmss` (UTC), and seconds (10 digits) or milliseconds (13
/// digits) since
/// 1970. A number may be written as text. A value with two possible readings is not interpreted.
///
/// Reading one never fails: a value without a known form is available from [`raw`](Self::raw).
///
/// [Evidence](crate#evidence): observed for RFC 3339 and for the numbers of 8 and 14 digits,
/// inferred for the rest.
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{secret::*, seconds::*, timestamp::*, types::*}; } }
/// use cloudally::types::Timestamp;
/// let last: Timestamp = serde_json::from_str("20230330202812")?;
/// assert_eq!(last.to_string(), "2023-03-30T20:28:12Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Form);

/// The common forms need no allocation: a list holds thousands of dates, and most are never used.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    /// Text such as `2021-01-07T11:44:57Z`, as the seconds since 1970.
    Seconds(i64),
    /// Text such as `2021-01-07T11:44:57.000Z`, as the milliseconds since 1970.
    Milliseconds(i64),
    /// A whole number.
    Number(i64),
    Other(Box<Value>),
}

impl Timestamp {
    /// Returns the point in time, or `None` if the value has no known form.
    #[must_use]
    pub fn instant(&self) -> Option<jiff::Timestamp> {
        match &self.0 {
            Form::Seconds(seconds) => jiff::Timestamp::from_second(*seconds).ok(),
            Form::Milliseconds(milliseconds) => {
                jiff::Timestamp::from_millisecond(*milliseconds).ok()
            }
            Form::Number(number) => parse_digits(&number.to_string()),
            Form::Other(raw) => parse(raw),
        }
    }

    /// Returns the day in UTC.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.instant()
            .map(|instant| TimeZone::UTC.to_datetime(instant).date())
    }

    /// Returns the JSON that the service sent.
    #[must_use]
    pub fn raw(&self) -> Value {
        match &self.0 {
            Form::Seconds(_) | Form::Milliseconds(_) => {
                self.text().map_or(Value::Null, Value::String)
            }
            Form::Number(number) => Value::from(*number),
            Form::Other(raw) => raw.as_ref().clone(),
        }
    }

    /// Writes a form that is stored as a number as the text that it was read from.
    fn text(&self) -> Option<String> {
        let format = match self.0 {
            Form::Seconds(_) => "%Y-%m-%dT%H:%M:%SZ",
            Form::Milliseconds(_) => "%Y-%m-%dT%H:%M:%S.%3fZ",
            Form::Number(_) | Form::Other(_) => return None,
        };
        Some(self.instant()?.strftime(format).to_string())
    }
}

impl Form {
    fn of_text(text: &str) -> Self {
        plain(text).unwrap_or_else(|| Self::other(text))
    }

    fn other(raw: impl Into<Value>) -> Self {
        Self::Other(Box::new(raw.into()))
    }
}

/// Reads a text whose form can be reproduced exactly from a number.
fn plain(text: &str) -> Option<Form> {
    let (seconds, milliseconds) = match *text.as_bytes() {
        [ref seconds @ .., b'Z'] if seconds.len() == 19 => (seconds, None),
        [ref seconds @ .., b'.', a, b, c, b'Z'] if seconds.len() == 19 => {
            (seconds, Some(i32::from(digits(&[a, b, c])?)))
        }
        _ => return None,
    };
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        i0,
        i1,
        b':',
        s0,
        s1,
    ] = *seconds
    else {
        return None;
    };
    let pair = |tens, ones| i8::try_from(digits(&[tens, ones])?).ok();
    let civil = DateTime::new(
        digits(&[y0, y1, y2, y3])?,
        pair(m0, m1)?,
        pair(d0, d1)?,
        pair(h0, h1)?,
        pair(i0, i1)?,
        pair(s0, s1)?,
        milliseconds.unwrap_or_default() * 1_000_000,
    );
    let instant = utc(civil.ok()?)?;
    Some(match milliseconds {
        Some(_) => Form::Milliseconds(instant.as_millisecond()),
        None => Form::Seconds(instant.as_second()),
    })
}

/// Parses up to four digits.
#[inline]
fn digits(text: &[u8]) -> Option<i16> {
    text.iter().try_fold(0, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| i16::from(digit - b'0'))?;
        Some(number * 10 + digit)
    })
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
        // Digits that begin with 20 may be a year as well; as seconds they would lie beyond 2033.
        10 | 13 if digits.starts_with("20") => None,
        10 => jiff::Timestamp::from_second(digits.parse().ok()?).ok(),
        13 => jiff::Timestamp::from_millisecond(digits.parse().ok()?).ok(),
        _ => None,
    }
}

fn utc(datetime: DateTime) -> Option<jiff::Timestamp> {
    TimeZone::UTC.to_timestamp(datetime).ok()
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(Form::of_text(text))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(Form::of_text(&instant.to_string()))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timestamp")
            .field("raw", &self.raw())
            .finish()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.instant(), self.raw()) {
            (Some(instant), _) => write!(f, "{instant}"),
            (None, Value::String(text)) => f.write_str(&text),
            (None, other) => write!(f, "{other}"),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms).map(Self)
    }
}

/// Reads the common forms directly, and anything else as a JSON value.
struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point in time")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Form, E> {
        Ok(Form::of_text(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Form, E> {
        Ok(Form::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Form, E> {
        Ok(i64::try_from(number).map_or_else(|_| Form::other(number), Form::Number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Form, E> {
        Ok(Form::other(number))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Form, E> {
        Ok(Form::other(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Form, E> {
        Ok(Form::other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Form, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(Form::other)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Form, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields)).map(Form::other)
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
    fn every_known_form_is_read_and_written_back_unchanged() {
        for (text, expected) in [
            ("\"2021-01-07T11:44:57.000Z\"", Some("2021-01-07T11:44:57Z")),
            (
                "\"2021-01-07T11:44:57+02:00\"",
                Some("2021-01-07T09:44:57Z"),
            ),
            ("\"2021-01-07T11:44:57\"", Some("2021-01-07T11:44:57Z")),
            ("\"2021-01-07 11:44:57\"", Some("2021-01-07T11:44:57Z")),
            ("\"2021-01-07T11:44:57Z\"", Some("2021-01-07T11:44:57Z")),
            (
                "\"2021-01-07T11:44:57.120Z\"",
                Some("2021-01-07T11:44:57.12Z"),
            ),
            (
                "\"2021-01-07T11:44:57.12Z\"",
                Some("2021-01-07T11:44:57.12Z"),
            ),
            ("\"0001-01-01T00:00:00.000Z\"", Some("0001-01-01T00:00:00Z")),
            (
                "\"1969-12-31T23:59:59.999Z\"",
                Some("1969-12-31T23:59:59.999Z"),
            ),
            ("\"2016-12-31T23:59:60.000Z\"", Some("2016-12-31T23:59:59Z")),
            ("\"2021-02-29T00:00:00.000Z\"", None),
            ("\"9999-12-31T23:59:59.999Z\"", None),
            ("\"2021-01-07T11:44:57.000z\"", Some("2021-01-07T11:44:57Z")),
            ("\"2021-01-07\"", Some("2021-01-07T00:00:00Z")),
            ("18446744073709551615", None),
            ("[20210311,\"a\"]", None),
            ("true", None),
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
    fn an_optional_timestamp_takes_16_bytes() {
        assert_eq!(size_of::<Option<Timestamp>>(), 16);
    }

    #[test]
    fn an_instant_survives_serialisation() {
        for text in [
            "2021-01-07T11:44:57Z",
            "2021-01-07T11:44:57.5Z",
            "2021-01-07T11:44:57.123456789Z",
        ] {
            let instant: jiff::Timestamp = text.parse().unwrap();
            let made = Timestamp::from(instant);
            assert_eq!(made.instant(), Some(instant));
            let json = serde_json::to_string(&made).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), made);
        }
    }

    #[test]
    fn the_day_is_in_utc() {
        let timestamp: Timestamp = serde_json::from_str("\"2021-01-07T23:30:00-02:00\"").unwrap();
        assert_eq!(timestamp.date().unwrap().to_string(), "2021-01-08");
    }
}
