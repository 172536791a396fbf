//! Dates as the service sends them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::text::one_line;
use crate::types;

const DAY: i64 = 24 * 3600;

/// How much of a date without a known form is kept.
const MAX_RAW: usize = 64;

/// A date that the service sent, which may be missing, or have no known form.
///
/// It is read from each form that [`types::Timestamp`] knows. A date without a time, such as
/// `20260331`, means the end of that day, but not after now: whether it was earlier is not known.
///
/// # Examples
///
/// ```
/// use cloudally::health::WireDate;
/// let day: WireDate = serde_json::from_str("20260331")?;
/// assert_eq!(day, WireDate::Day("2026-03-31".parse()?));
/// assert_eq!(serde_json::from_str::<WireDate>("null")?, WireDate::Missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WireDate {
    /// The service sent nothing.
    #[default]
    Missing,
    /// A point in time.
    At(Timestamp),
    /// A day in UTC.
    Day(Date),
    /// A value without a known form, as it was sent, cut off after 64 bytes.
    Unreadable(Box<str>),
}

impl WireDate {
    /// Returns whether the service sent nothing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }

    /// What the date says at `now`, in seconds since 1970. A date that is ahead of `now` by more
    /// than `tolerance` seconds cannot be used.
    pub(super) fn read(&self, now: i64, tolerance: i64) -> Reading {
        if self.is_missing() {
            return Reading::Missing;
        }
        let Some((earliest, latest)) = self.span() else {
            return Reading::Unreadable;
        };
        if earliest > now.saturating_add(tolerance) {
            return Reading::Ahead;
        }
        Reading::At(latest.min(now))
    }

    /// What the date says, whether or not that has come: of a day its end.
    pub(super) fn stated(&self) -> Option<i64> {
        self.span().map(|(_, latest)| latest)
    }

    /// The earliest time that it can mean.
    #[cfg(feature = "restore-record")]
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        self.span().map(|(earliest, _)| instant(earliest))
    }

    /// The earliest and the latest second that it can mean.
    fn span(&self) -> Option<(i64, i64)> {
        match self {
            Self::Missing | Self::Unreadable(_) => None,
            Self::At(at) => Some((at.as_second(), at.as_second())),
            Self::Day(day) => {
                let start = TimeZone::UTC.to_timestamp(day.to_datetime(Default::default()));
                let start = start.ok()?.as_second();
                Some((start, start + DAY - 1))
            }
        }
    }

    /// The date as text for a message.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Missing => "nothing".to_owned(),
            Self::At(at) => at.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Unreadable(raw) => format!("`{}`", one_line(raw)),
        }
    }
}

/// What a date says at some point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Missing,
    At(i64),
    Unreadable,
    Ahead,
}

impl Reading {
    pub(super) fn at(self) -> Option<i64> {
        match self {
            Self::At(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Unreadable | Self::Ahead)
    }
}

impl From<&types::Timestamp> for WireDate {
    fn from(sent: &types::Timestamp) -> Self {
        match sent.instant() {
            // A date without a time is read as midnight.
            Some(at) if at.as_second() % DAY == 0 && is_day(&sent.raw()) => {
                Self::Day(TimeZone::UTC.to_datetime(at).date())
            }
            Some(at) => Self::At(at),
            None => match sent.raw() {
                Value::Null => Self::Missing,
                Value::String(text) => Self::Unreadable(cut(&text).into()),
                other => Self::Unreadable(cut(&other.to_string()).into()),
            },
        }
    }
}

impl From<Option<&types::Timestamp>> for WireDate {
    fn from(sent: Option<&types::Timestamp>) -> Self {
        sent.map_or(Self::Missing, Self::from)
    }
}

impl From<Timestamp> for WireDate {
    fn from(at: Timestamp) -> Self {
        Self::At(at)
    }
}

/// Whether a value is a date without a time.
fn is_day(raw: &Value) -> bool {
    match raw {
        Value::Number(number) => number.to_string().len() == 8,
        Value::String(text) => {
            let text = text.trim();
            let is_number = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number || text.parse::<Date>().is_ok() && !text.contains(['T', 't', ' '])
        }
        _ => false,
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_RAW);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Serialize for WireDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::At(at) => serializer.collect_str(at),
            Self::Day(day) => serializer.collect_str(day),
            Self::Unreadable(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for WireDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        types::Timestamp::deserialize(deserializer).map(|sent| Self::from(&sent))
    }
}

/// The seconds since 1970 as a point in time. Those that a date was read from always are one.
pub(super) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Points in time as RFC 3339 in UTC.
pub(crate) mod rfc3339 {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};
    use serde::de::Error;

    pub(crate) fn serialize<S: Serializer>(
        at: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }

    /// The same, where there may be none.
    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        pub(crate) fn serialize<S: Serializer>(
            at: &Option<Timestamp>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => serializer.collect_str(at),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            let at = text.map(|text| text.parse().map_err(D::Error::custom));
            at.transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-31T06:00:00Z";

    fn seconds(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn every_form_of_the_wire_is_read() {
        let at = |text| Reading::At(seconds(text));
        for (json, expected) in [
            ("\"2026-03-30T11:44:57.000Z\"", at("2026-03-30T11:44:57Z")),
            ("\"2026-03-30T11:44:57+02:00\"", at("2026-03-30T09:44:57Z")),
            // Without an offset it is UTC.
            ("\"2026-03-30T11:44:57\"", at("2026-03-30T11:44:57Z")),
            ("\"2026-03-30 11:44:57\"", at("2026-03-30T11:44:57Z")),
            ("20260330202812", at("2026-03-30T20:28:12Z")),
            ("\"20260330202812\"", at("2026-03-30T20:28:12Z")),
            ("1774920600", at("2026-03-31T01:30:00Z")),
            ("1774920600000", at("2026-03-31T01:30:00Z")),
            ("\"2026-03-30T00:00:00Z\"", at("2026-03-30T00:00:00Z")),
            // Eight digits are the end of that day, but not after now.
            ("20260330", at("2026-03-30T23:59:59Z")),
            ("\"20260330\"", at("2026-03-30T23:59:59Z")),
            ("\"2026-03-30\"", at("2026-03-30T23:59:59Z")),
            ("20260331", at(NOW)),
            ("20260401", Reading::Ahead),
            // Ten minutes ahead is another clock, and more is no date to rely on.
            ("\"2026-03-31T06:10:00Z\"", at(NOW)),
            ("\"2026-03-31T06:10:01Z\"", Reading::Ahead),
            ("\"2026-03-31T06:11:00Z\"", Reading::Ahead),
            ("null", Reading::Missing),
            ("\"\"", Reading::Unreadable),
            ("\"yesterday\"", Reading::Unreadable),
            ("202603302028", Reading::Unreadable),
            ("2026033020281", Reading::Unreadable),
            ("20261332", Reading::Unreadable),
            ("{\"a\":1}", Reading::Unreadable),
            ("true", Reading::Unreadable),
        ] {
            let date: WireDate = serde_json::from_str(json).unwrap();
            assert_eq!(date.read(seconds(NOW), 600), expected, "{json}");
            let again: WireDate =
                serde_json::from_str(&serde_json::to_string(&date).unwrap()).unwrap();
            assert_eq!(again, date, "{json}");
        }
    }

    #[test]
    fn what_has_no_form_is_kept_in_part() {
        let long = format!("\"{}\"", "ü".repeat(100));
        let WireDate::Unreadable(raw) = serde_json::from_str(&long).unwrap() else {
            panic!("{long}")
        };
        assert_eq!(raw.len(), 64);
        assert_eq!(size_of::<WireDate>(), 24);
    }
}
