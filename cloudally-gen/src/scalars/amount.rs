//! Money and quantities, as decimals and never as floating point.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lenient::TRUSTED_DIGITS;

/// An amount of money, or a quantity, as the service sent it.
///
/// The service writes amounts as text, so they are never converted through floating point. Reading
/// one never fails: a value that is not a decimal is available from [`raw`](Self::raw). An amount
/// does not say in which currency it is, and nor does a bill.
///
/// [Evidence](crate#evidence): observed.
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{amount::*, types::*}; } }
/// use cloudally::types::Bill;
/// let bill: Bill = serde_json::from_str(r#"{"total": "75.10"}"#)?;
/// let total = bill.total.and_then(|total| total.decimal());
/// assert_eq!(total.map(|total| (total + total).to_string()).as_deref(), Some("150.20"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(Value);

impl Amount {
    /// Returns the value as a decimal with as many decimal places as the service sent.
    ///
    /// Returns `None` for anything else than digits, one decimal point and a leading sign, because
    /// `1,000.00` means different amounts in different countries; for more than 28 digits; and for
    /// a JSON number of more than 15 digits, whose last ones may have been lost.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Value::String(text) => plain(text.trim()),
            Value::Number(number) => {
                let text = number.to_string();
                let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
                let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
                if number.is_f64() && digits > TRUSTED_DIGITS {
                    return None;
                }
                plain(&text).or_else(|| Decimal::from_scientific(&text).ok())
            }
            _ => None,
        }
    }

    /// Returns the JSON that the service sent.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.0
    }
}

fn plain(text: &str) -> Option<Decimal> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    Decimal::from_str_exact(text).ok().filter(|_| is_plain)
}

impl From<Decimal> for Amount {
    fn from(decimal: Decimal) -> Self {
        Self(Value::String(decimal.to_string()))
    }
}

impl From<&str> for Amount {
    fn from(text: &str) -> Self {
        Self(Value::from(text))
    }
}

impl From<i64> for Amount {
    fn from(whole: i64) -> Self {
        Self::from(Decimal::from(whole))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::String(text) => f.pad(text),
            other => f.pad(&other.to_string()),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "number"], "format": "decimal"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_exactly_or_not_at_all() {
        for (text, expected) in [
            ("\"75.10\"", Some("75.10")),
            ("\"-0.05\"", Some("-0.05")),
            ("\" 3 \"", Some("3")),
            (
                "\"7922816251426433759354395033.5\"",
                Some("7922816251426433759354395033.5"),
            ),
            ("75.1", Some("75.1")),
            ("19.99", Some("19.99")),
            ("12", Some("12")),
            ("-3", Some("-3")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("1e2", Some("100.0")),
            ("0.12345678901234567", None),
            ("12345678901234567890123", None),
            ("\"1,000.00\"", None),
            ("\"1_000\"", None),
            ("\"1e2\"", None),
            ("\"75.10 USD\"", None),
            ("\"0.12345678901234567890123456789012345\"", None),
            ("\"\"", None),
            ("\"free\"", None),
            ("true", None),
            ("{}", None),
        ] {
            let amount: Amount = serde_json::from_str(text).unwrap();
            let decimal = amount.decimal().map(|decimal| decimal.to_string());
            assert_eq!(decimal.as_deref(), expected, "{text}");
            assert_eq!(
                serde_json::to_value(&amount).unwrap(),
                *amount.raw(),
                "{text}"
            );
        }
    }
}
