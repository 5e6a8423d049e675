//! Structs in requests are objects. serde would read one out of a list as well, field by field,
//! which nobody means.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads an object, and nothing else.
pub(crate) fn only<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Object(PhantomData))
}

/// Reads an object, or nothing out of null.
pub(crate) fn or_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_option(OrNull(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

struct OrNull<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrNull<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Option<T>, D::Error> {
        only(inner).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::parse;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Inner {
        number: u32,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Outer {
        #[serde(default, deserialize_with = "super::or_null")]
        inner: Option<Inner>,
    }

    fn read(inner: Value) -> Result<Option<Inner>, String> {
        match parse::<Outer>(json!({"inner": inner})) {
            Ok(outer) => Ok(outer.inner),
            Err(crate::ServiceError::Invalid(errors)) => {
                Err(format!("{} {}", errors[0].field, errors[0].message))
            }
            Err(other) => Err(other.to_string()),
        }
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(read(json!({"number": 7})), Ok(Some(Inner { number: 7 })));
        assert_eq!(read(Value::Null), Ok(None));
        let refused = read(json!([7])).unwrap_err();
        assert!(
            refused.starts_with("inner invalid type: sequence"),
            "{refused}"
        );
    }

    #[test]
    fn a_wrong_field_inside_is_named() {
        let refused = read(json!({"number": "seven"})).unwrap_err();
        assert!(
            refused.starts_with("inner.number invalid type"),
            "{refused}"
        );
    }
}
