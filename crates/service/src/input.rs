//! Turns the fields of a request into a definition, or says which field is wrong.

use deskhand_domain::action::FieldError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Result, ServiceError};

/// Fields that answers carry and requests may hand back; they are not for the client to set.
pub const READ_ONLY: &[&str] = &[
    "id",
    "version",
    "created_at",
    "updated_at",
    "warnings",
    "circuit",
    "disabled",
];

/// Lays the given fields over the stored ones. Null takes a field back to its default. Unknown
/// fields and absent required ones are errors.
pub fn overlay(
    mut stored: Map<String, Value>,
    given: Map<String, Value>,
    known: &[&str],
    required: &[&str],
) -> Result<Map<String, Value>> {
    let mut errors = Vec::new();
    for (name, value) in given {
        if READ_ONLY.contains(&name.as_str()) {
            continue;
        }
        if !known.contains(&name.as_str()) {
            errors.push(FieldError::new(
                name,
                format!("is not a field here; the fields are {}", known.join(", ")),
            ));
        } else if value.is_null() {
            stored.remove(&name);
        } else {
            stored.insert(name, value);
        }
    }
    for name in required {
        if !stored.contains_key(*name) && !errors.iter().any(|error| error.field == **name) {
            errors.push(FieldError::new(*name, "is required"));
        }
    }
    if errors.is_empty() {
        Ok(stored)
    } else {
        Err(ServiceError::Invalid(errors))
    }
}

/// Reads a definition out of its fields.
pub fn parse<T: DeserializeOwned>(fields: impl Into<Value>) -> Result<T> {
    serde_path_to_error::deserialize(fields.into()).map_err(|error| {
        let field = error
            .path()
            .to_string()
            .replace(['[', ']'], ".")
            .replace("..", ".");
        ServiceError::field(
            field.trim_matches('.'),
            in_words(&error.inner().to_string()),
        )
    })
}

/// What was expected, in words for those who do not write Rust.
fn in_words(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let expected = match expected {
        "u64" | "usize" => "a whole number from 0",
        "u32" => "a whole number from 0 to 4294967295",
        "u16" => "a whole number from 0 to 65535",
        "u8" => "a whole number from 0 to 255",
        "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false",
        "a string" => "text",
        "a sequence" => "a list",
        other => other,
    };
    format!("{found}, expected {expected}")
}

/// The same where these fields have to be there; each that is not is named.
pub fn parse_whole<T: DeserializeOwned>(
    fields: Map<String, Value>,
    required: &[&str],
) -> Result<T> {
    let missing: Vec<FieldError> = required
        .iter()
        .filter(|name| !fields.contains_key(**name))
        .map(|name| FieldError::new(*name, "is required"))
        .collect();
    if missing.is_empty() {
        parse(fields)
    } else {
        Err(ServiceError::Invalid(missing))
    }
}

/// The fields of a stored definition.
pub fn fields_of<T: Serialize>(definition: &T) -> Result<Map<String, Value>> {
    match serde_json::to_value(definition) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ServiceError::Internal(
            "a definition is not an object".to_owned(),
        )),
        Err(error) => Err(ServiceError::Internal(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_number_must_be_is_said_without_the_names_of_types() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its type is looked at")]
        struct Bounds {
            budget: Option<u64>,
        }
        for (given, found) in [
            (serde_json::json!(10.0), "floating point `10.0`"),
            (serde_json::json!("ten"), "string \"ten\""),
            (serde_json::json!(-1), "integer `-1`"),
        ] {
            let refused = parse::<Bounds>(serde_json::json!({"budget": given})).unwrap_err();
            let ServiceError::Invalid(errors) = refused else {
                panic!("{refused}");
            };
            assert_eq!(errors[0].field, "budget");
            let message = &errors[0].message;
            assert!(message.contains(found), "{message}");
            assert!(
                message.ends_with("expected a whole number from 0"),
                "{message}"
            );
        }
    }
}
