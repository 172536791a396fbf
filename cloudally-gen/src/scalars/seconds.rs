//! Durations in seconds.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A duration in seconds, as the service sent it.
///
/// Reading one never fails: a value that is not a number is available from [`raw`](Self::raw).
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{secret::*, seconds::*, timestamp::*, types::*}; } }
/// use cloudally::types::Seconds;
/// let seconds: Seconds = serde_json::from_str("\"3600\"")?;
/// assert_eq!(seconds.duration().map(|d| d.as_secs()), Some(3600));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(Value);

impl Seconds {
    /// Returns the duration.
    ///
    /// A negative number counts as zero and one beyond [`Duration::MAX`] as that. Returns `None`
    /// for a value that is not a number.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let number: f64 = match &self.0 {
            Value::Number(number) => match number.as_u64() {
                Some(whole) => return Some(Duration::from_secs(whole)),
                None => number.as_f64()?,
            },
            Value::String(text) => match text.trim().parse::<u64>() {
                Ok(whole) => return Some(Duration::from_secs(whole)),
                Err(_) => text.trim().parse().ok()?,
            },
            _ => return None,
        };
        if number.is_nan() {
            None
        } else if number <= 0.0 {
            Some(Duration::ZERO)
        } else {
            Some(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX))
        }
    }

    /// Returns the JSON that the service sent.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.0
    }
}

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self(Value::from(duration.as_secs()))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Seconds {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "integer", "format": "seconds"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, expected) in [
            ("3600", Some(Duration::from_secs(3600))),
            ("\"3600\"", Some(Duration::from_secs(3600))),
            ("0", Some(Duration::ZERO)),
            ("-5", Some(Duration::ZERO)),
            ("1.5", Some(Duration::from_millis(1500))),
            ("1e300", Some(Duration::MAX)),
            ("18446744073709551615", Some(Duration::from_secs(u64::MAX))),
            ("\"soon\"", None),
            ("true", None),
            ("[]", None),
        ] {
            let seconds: Seconds = serde_json::from_str(text).unwrap();
            assert_eq!(seconds.duration(), expected, "{text}");
            assert_eq!(
                serde_json::to_value(&seconds).unwrap(),
                *seconds.raw(),
                "{text}"
            );
        }
    }
}
