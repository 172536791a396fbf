//! Reads a number where text is documented and the reverse, where only one reading is possible.
//!
//! The service is not strict about scalar types. Nothing is guessed: a fraction where an integer is
//! expected, or a text that is not a number, is an error.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// How many digits of a JSON number survive being read as an `f64`.
pub(crate) const TRUSTED_DIGITS: usize = 15;
/// Up to here every integer has an `f64` of its own: 2^53.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Reads text, or a number as text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    optional(deserializer, Word::<String>(PhantomData))
}

/// Reads an integer, as a number or as text.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    optional(deserializer, Integer)
}

/// Reads a boolean, or the texts `true` and `false` in any case.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    optional(deserializer, Boolean)
}

/// Reads an array, and drops its nulls.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    optional(deserializer, List::<Option<T>, T>(PhantomData))
}

/// Reads an array of texts, and drops its nulls.
pub(crate) fn texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    optional(deserializer, List::<MaybeText, String>(PhantomData))
}

/// Reads a type that is made from text, from text or from a number. Null is an error.
pub(crate) fn word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String> + for<'a> From<&'a str>,
{
    deserializer.deserialize_any(Word(PhantomData))
}

/// Visits a value, unless it is null.
#[inline]
fn optional<'de, D, V>(deserializer: D, visitor: V) -> Result<Option<V::Value>, D::Error>
where
    D: Deserializer<'de>,
    V: Visitor<'de>,
{
    struct Optional<V>(V);

    impl<'de, V: Visitor<'de>> Visitor<'de> for Optional<V> {
        type Value = Option<V::Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        #[inline]
        fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
            value.deserialize_any(self.0).map(Some)
        }
    }

    deserializer.deserialize_option(Optional(visitor))
}

struct Word<T>(PhantomData<T>);

impl<T: From<String> + for<'a> From<&'a str>> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<T, E> {
        Ok(text.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(number.to_string().into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(number.to_string().into())
    }

    /// Accepts a fraction with so few digits that none can have been lost.
    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        let text = number.to_string();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits > TRUSTED_DIGITS {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        Ok(text.into())
    }
}

struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of 64 bits")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    /// `40.0` is 40.
    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        let is_whole = number.fract() == 0.0 && number.abs() <= EXACT_WHOLE;
        let whole = is_whole.then(|| format!("{number:.0}").parse().ok());
        whole
            .flatten()
            .ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        text.trim()
            .parse()
            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

struct Boolean;

impl Visitor<'_> for Boolean {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
        Ok(flag)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("true") => Ok(true),
            word if word.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

/// An element of an array of texts.
struct MaybeText(Option<String>);

impl<'de> Deserialize<'de> for MaybeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

impl From<MaybeText> for Option<String> {
    fn from(maybe: MaybeText) -> Self {
        maybe.0
    }
}

/// An array whose elements are read as `Element` and kept as `T`, unless they are null.
struct List<Element, T>(PhantomData<(Element, T)>);

impl<'de, Element, T> Visitor<'de> for List<Element, T>
where
    Element: Deserialize<'de> + Into<Option<T>>,
{
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element::<Element>()? {
            list.extend(element.into());
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn reads<T: PartialEq + fmt::Debug>(
        read: impl Fn(Value) -> Result<T, serde_json::Error>,
        value: Value,
        expected: Option<T>,
    ) {
        let shown = value.to_string();
        assert_eq!(read(value).ok(), expected, "{shown}");
    }

    #[test]
    fn a_number_is_read_as_text_and_nothing_else_is() {
        for (value, expected) in [
            (json!("7"), Some(Some("7"))),
            (json!(7), Some(Some("7"))),
            (json!(-7), Some(Some("-7"))),
            (json!(1.5), Some(Some("1.5"))),
            (json!(u64::MAX), Some(Some("18446744073709551615"))),
            (json!(123456789012345678901.0), None),
            (json!(null), Some(None)),
            (json!(true), None),
            (json!([]), None),
            (json!({}), None),
        ] {
            let expected = expected.map(|text| text.map(str::to_owned));
            reads(text, value, expected);
        }
    }

    #[test]
    fn text_is_read_as_a_number_where_it_is_one_whole_number() {
        for (value, expected) in [
            (json!(7), Some(Some(7))),
            (json!("7"), Some(Some(7))),
            (json!(" -7 "), Some(Some(-7))),
            (json!(40.0), Some(Some(40))),
            (json!(1e15), Some(Some(1_000_000_000_000_000))),
            (json!(i64::MIN), Some(Some(i64::MIN))),
            (json!(null), Some(None)),
            (json!(40.5), None),
            (json!(1e300), None),
            (json!(9007199254740994.0), None),
            (json!(u64::MAX), None),
            (json!("40 %"), None),
            (json!(""), None),
            (json!(true), None),
            (json!([7]), None),
        ] {
            reads(integer, value, expected);
        }
    }

    #[test]
    fn a_boolean_is_read_from_its_text() {
        for (value, expected) in [
            (json!(true), Some(Some(true))),
            (json!("False"), Some(Some(false))),
            (json!(null), Some(None)),
            (json!("yes"), None),
            (json!(1), None),
        ] {
            reads(boolean, value, expected);
        }
    }

    #[test]
    fn a_list_is_read_without_its_nulls() {
        for (value, expected) in [
            (json!([1, null, 2]), Some(Some(vec![1, 2]))),
            (json!([]), Some(Some(vec![]))),
            (json!(null), Some(None)),
            (json!(["x"]), None),
            (json!({}), None),
        ] {
            reads(list::<_, i64>, value, expected);
        }
        let both = Some(Some(vec!["a".to_owned(), "7".to_owned()]));
        reads(texts, json!(["a", null, 7]), both);
    }

    #[test]
    fn the_forms_are_read_from_a_stream_of_text_as_well() {
        let read = |json| integer(&mut serde_json::Deserializer::from_str(json)).ok();
        assert_eq!(read("\"12\""), Some(Some(12)));
        assert_eq!(read("null"), Some(None));
        assert_eq!(read("1.5"), None);
    }
}
