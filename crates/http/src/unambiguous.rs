//! JSON in which no object names a key twice. RFC 8259 §4 leaves open what such an object means, and whoever
//! wrote it meant one of the two.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value of which every part has one meaning.
pub(crate) struct Unambiguous(pub(crate) Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if all.contains_key(&name) {
                return Err(Error::custom(format!("the key {name:?} is there twice")));
            }
            let Unambiguous(value) = fields.next_value()?;
            all.insert(name, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> serde_json::Result<Value> {
        serde_json::from_str(text).map(|Unambiguous(value)| value)
    }

    #[test]
    fn a_key_that_is_there_twice_is_named_wherever_it_stands() {
        for text in [
            r#"{"success": true, "success": false}"#,
            r#"[{"a": {"success": 1, "b": 2, "succ\u0065ss": 1}}]"#,
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.starts_with("the key \"success\" is there twice"),
                "{error}"
            );
        }
        assert!(read(r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}"#).is_ok());
    }

    proptest! {
        #[test]
        fn all_else_is_read_as_it_is(
            integers in any::<(i64, u64)>(),
            float in any::<f64>().prop_filter("JSON has no other", |it| it.is_finite()),
            text in any::<String>(),
        ) {
            let value = serde_json::json!({
                "i": integers.0, "u": integers.1, "f": float, "t": [text.as_str(), null, true],
                text.as_str(): {},
            });
            prop_assert_eq!(read(&value.to_string()).unwrap(), value);
        }
    }
}
