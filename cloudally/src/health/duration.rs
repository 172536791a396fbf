//! Durations as people write them: `36h`, `1d 12h`, `90m`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

const UNITS: [(&str, u64); 4] = [("d", 24 * 3600), ("h", 3600), ("m", 60), ("s", 1)];

/// The longest duration that can be written, so that sums of dates and durations do not overflow.
const MAX_DAYS: u64 = 36_500;
pub(super) const MAX: Duration = Duration::from_secs(MAX_DAYS * 24 * 3600);

pub(super) const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

/// The whole seconds of a duration.
pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.min(MAX).as_secs()).unwrap_or(i64::MAX)
}

pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let (unit, seconds) = UNITS
            .into_iter()
            .find(|(unit, _)| after.starts_with(unit))?;
        total = total.checked_add(number.checked_mul(seconds)?)?;
        rest = after[unit.len()..].trim_start();
    }
    let is_empty = text.trim().is_empty();
    (!is_empty && total <= MAX.as_secs()).then(|| Duration::from_secs(total))
}

pub(super) fn format(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    // Days only where they are whole, because 36h is more usual than 1d 12h.
    if rest > 0 && rest.is_multiple_of(24 * 3600) && rest > 48 * 3600 {
        return format!("{}d", rest / (24 * 3600));
    }
    let mut text = String::new();
    for (unit, seconds) in &UNITS[1..] {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

fn read<E: Error>(text: &str) -> Result<Duration, E> {
    parse(text).ok_or_else(|| {
        E::custom(format_args!(
            "`{text}` is no duration: write a number and a unit, such as 90m, 36h or 7d"
        ))
    })
}

pub(super) fn serialize<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*duration))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    read(&String::deserialize(deserializer)?)
}

/// The same, where there may be none.
pub(super) mod option {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::read(&text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("0s", Some(0)),
            ("90m", Some(5400)),
            ("36h", Some(36 * 3600)),
            ("1d 12h", Some(36 * 3600)),
            ("1d12h5s", Some(36 * 3600 + 5)),
            (" 7d ", Some(7 * 86400)),
            ("36500d", Some(36_500 * 86400)),
            ("36501d", None),
            ("", None),
            (" ", None),
            ("36", None),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
            ("1w", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(parse(text).map(|it| it.as_secs()), seconds, "{text:?}");
        }
        for text in ["0s", "1h 30m", "36h", "48h", "7d", "1h 1s"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
    }
}
