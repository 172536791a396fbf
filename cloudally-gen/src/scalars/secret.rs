//! Passwords, client secrets and tokens.

use std::fmt;

use http::header::{HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A password, a client secret or a token.
///
/// `Debug` does not show it, and its memory is wiped when it is dropped.
///
/// **It serialises in clear**, because that is how it is sent. Do not serialise a value that holds
/// one, such as an [`AccessToken`](crate::types::AccessToken), into a log or a file that others can
/// read.
///
/// # Examples
///
/// ```
/// # mod cloudally { pub mod types { pub use cloudally_gen::{secret::*, seconds::*, timestamp::*, types::*}; } }
/// let secret = cloudally::types::Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the secret text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Converts the text to a header value that is marked as sensitive, so that no client logs it.
    ///
    /// # Errors
    /// Fails if the text has a character that a header cannot carry. The error does not show the
    /// text.
    pub fn to_header_value(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(self.expose())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret::from(text))
            }

            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Secret, E> {
                Ok(Secret::from(text))
            }

            // The default message of serde shows the value, and the number may be the secret.
            fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Secret, E> {
                Err(E::invalid_type(
                    serde::de::Unexpected::Other("a number"),
                    &self,
                ))
            }

            fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Secret, E> {
                Err(E::invalid_type(
                    serde::de::Unexpected::Other("a number"),
                    &self,
                ))
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Secret, E> {
                Err(E::invalid_type(
                    serde::de::Unexpected::Other("a number"),
                    &self,
                ))
            }
        }
        // With `deserialize_string` the format itself would show a number in its error.
        deserializer.deserialize_any(Text)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "password"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_its_place_is_an_error_that_does_not_show_it() {
        let error = serde_json::from_str::<Secret>("12345678")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("a number") && !error.contains("12345678"),
            "{error}"
        );
    }

    #[test]
    fn the_header_is_sensitive_and_its_error_shows_nothing() {
        let value = Secret::from("s3cret").to_header_value().unwrap();
        assert!(value.is_sensitive() && !format!("{value:?}").contains("s3cret"));
        let error = Secret::from("s3cret\n").to_header_value().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }

    #[test]
    fn it_travels_as_plain_text() {
        let secret: Secret = serde_json::from_str("\"s3cret\"").unwrap();
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"s3cret\"");
    }
}
