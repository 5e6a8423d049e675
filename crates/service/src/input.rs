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
        ServiceError::field(field.trim_matches('.'), error.inner().to_string())
    })
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
