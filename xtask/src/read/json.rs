//! Reads JSON as JSON. As YAML, tabs and some escapes of it would be errors, and `on` no word.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The document, or the error of the reader. A doubled key is an error, as it is in YAML.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).map(|Node(value)| value)
}

struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Node(Value::Null))
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self, E> {
        Ok(Self(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self, E> {
        Ok(Self(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self, E> {
        Ok(Self(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self, E> {
        Ok(Self(
            Number::from_f64(value).map_or(Value::Null, Value::from),
        ))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self, E> {
        Ok(Self(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Self, E> {
        Ok(Self(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(Self(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Self(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut members = Map::new();
        while let Some((key, Self(value))) = map.next_entry::<String, Self>()? {
            let what = format!("the key `{key}` stands twice in one object: remove one of them");
            if members.insert(key, value).is_some() {
                return Err(de::Error::custom(what));
            }
        }
        Ok(Self(members.into()))
    }
}
