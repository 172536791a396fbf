//! Keeps the fields that a type does not name while it is deserialised.
//!
//! The fields that the type names pass through untouched, so that reading them costs what it costs
//! without this module. `#[serde(flatten)]` would buffer the whole object instead.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;

use super::Extra;

/// Implements `Deserialize` and `Serialize` of a type with its unknown fields in `extra`, around
/// the functions that serde derives for a private copy of it.
macro_rules! keep_unknown {
    ($name:ident, $fields:ident) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let mut extra = $crate::extra::Extra::default();
                let mut read =
                    $fields::deserialize($crate::extra::Keep::new(deserializer, &mut extra));
                // Set in place, because the value is large to move.
                if let Ok(read) = &mut read {
                    read.extra = extra;
                }
                read
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $fields::serialize(self, serializer)
            }
        }
    };
}
pub(crate) use keep_unknown;

/// A deserializer for a struct that puts the fields which the struct ignores into a map.
pub(crate) struct Keep<'k, D> {
    deserializer: D,
    extra: &'k mut Extra,
}

impl<'k, D> Keep<'k, D> {
    pub(crate) fn new(deserializer: D, extra: &'k mut Extra) -> Self {
        Self {
            deserializer,
            extra,
        }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Keep<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserializer.deserialize_any(visitor)
    }

    /// Asks for a map, because only an object has names for its unknown fields.
    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let extra = self.extra;
        self.deserializer.deserialize_map(Object { visitor, extra })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Object<'k, V> {
    visitor: V,
    extra: &'k mut Extra,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Fields {
            fields,
            name: Name::default(),
            extra: self.extra,
        })
    }
}

/// The name of a field. It is set for each field, and a `Cow` would look each time for a name to
/// drop.
#[derive(Default)]
struct Name<'de> {
    plain: Option<&'de str>,
    /// The name, if it is written with escapes.
    escaped: String,
}

impl Name<'_> {
    fn take(&mut self) -> String {
        match self.plain {
            Some(plain) => plain.to_owned(),
            None => std::mem::take(&mut self.escaped),
        }
    }
}

/// The fields of an object, and the name of the current one.
struct Fields<'k, 'de, A> {
    fields: A,
    name: Name<'de>,
    extra: &'k mut Extra,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let name = &mut self.name;
        self.fields.next_key_seed(RecordName { inner: seed, name })
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.fields.next_value_seed(Field {
            inner: seed,
            name: &mut self.name,
            extra: self.extra,
        })
    }

    fn size_hint(&self) -> Option<usize> {
        self.fields.size_hint()
    }
}

/// Records the name of a field as it passes through.
struct RecordName<'n, 'de, T> {
    inner: T,
    name: &'n mut Name<'de>,
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for RecordName<'_, 'de, K> {
    type Value = K::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Value, D::Error> {
        self.inner.deserialize(RecordName {
            inner: deserializer,
            name: self.name,
        })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for RecordName<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(RecordName {
            inner: visitor,
            name: self.name,
        })
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_identifier(RecordName {
            inner: visitor,
            name: self.name,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum struct ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RecordName<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<V::Value, E> {
        self.name.plain = Some(name);
        self.inner.visit_borrowed_str(name)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        self.name.plain = None;
        self.name.escaped = name.to_owned();
        self.inner.visit_str(name)
    }
}

/// The value of a field. One that the struct ignores is stored under its name.
struct Field<'f, 'de, T> {
    inner: T,
    name: &'f mut Name<'de>,
    extra: &'f mut Extra,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Field<'_, 'de, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Field {
            inner: deserializer,
            name: self.name,
            extra: self.extra,
        })
    }
}

/// Forwards each request of a known field unchanged.
macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Field<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let value = Value::deserialize(self.inner)?;
        self.extra.insert(self.name.take(), value);
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    forward! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string() deserialize_bytes()
        deserialize_byte_buf() deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_identifier()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::page::Page;
    use crate::types::Task;

    #[test]
    fn unknown_fields_are_kept_from_text_and_from_values() {
        let text = r#"{"id": "T-1", "new": {"a": [1, "b", null]}, "\u006eext": 7, "size": "3", "new2": true}"#;
        let of_text: Task = serde_json::from_str(text).unwrap();
        assert_eq!(of_text.size, Some(3));
        let kept = Value::Object(of_text.extra.clone().into());
        assert_eq!(
            kept,
            json!({"new": {"a": [1, "b", null]}, "next": 7, "new2": true})
        );
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_value::<Task>(value).unwrap(), of_text);
        let again = serde_json::to_string(&of_text).unwrap();
        assert_eq!(serde_json::from_str::<Task>(&again).unwrap(), of_text);
    }

    #[test]
    fn a_known_field_that_comes_twice_is_an_error_and_an_unknown_one_is_its_last() {
        assert!(serde_json::from_str::<Task>(r#"{"id": "1", "id": "2"}"#).is_err());
        let task: Task = serde_json::from_str(r#"{"new": 1, "new": 2}"#).unwrap();
        assert_eq!(task.extra["new"], 2);
    }

    #[test]
    fn unknown_fields_are_kept_by_each_way_to_deserialise() {
        use serde::{Deserialize, Serialize};
        let task = Task::deserialize(json!({"id": "T-1", "new": 1})).unwrap();
        assert_eq!(task.extra["new"], 1);
        let written = task.serialize(serde_json::value::Serializer).unwrap();
        assert_eq!(written, json!({"id": "T-1", "new": 1}));
    }

    #[test]
    fn only_an_object_is_read_as_one() {
        for text in ["[]", "[\"T-1\"]", "7", "\"T-1\"", "true"] {
            assert!(serde_json::from_str::<Task>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_keeps_what_it_does_not_know_too() {
        let text = r#"{"data": [{"id": "T-1", "a": 1}], "b": 2, "page": 1}"#;
        let page: Page<Task> = serde_json::from_str(text).unwrap();
        assert_eq!(page.extra["b"], 2);
        assert_eq!(page.data.unwrap()[0].extra["a"], 1);
    }
}
