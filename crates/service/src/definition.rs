//! Reads an action's definition out of the fields of a request.

use deskhand_domain::action::{ActionDefinition, ActionHeader, FieldError};
use deskhand_domain::secret::Secret;
use deskhand_webhook::header_value_allowed;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::input::{fields_of, overlay, parse};
use crate::{Result, ServiceError};

/// The fields of a definition.
pub(crate) const FIELDS: &[&str] = &[
    "name",
    "display_name",
    "description",
    "webhook_url",
    "parameters",
    "enabled",
    "timeout_seconds",
    "headers",
    "effect",
    "idempotent",
    "confirmation",
    "requires_verified_contact",
    "long_running",
    "result_fields",
    "examples",
    "mock_response",
];
/// Those without a default.
pub(crate) const REQUIRED: &[&str] = &[
    "name",
    "display_name",
    "description",
    "webhook_url",
    "parameters",
];

/// A header as a client gives it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderInput {
    name: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    secret: Option<String>,
    /// Handed back from an answer; says nothing new.
    #[serde(default, rename = "has_secret")]
    _has_secret: Option<bool>,
}

/// Reads a definition and the new secrets of its headers out of the fields given.
pub(crate) fn read(
    stored: Option<&ActionDefinition>,
    mut given: Map<String, Value>,
) -> Result<(ActionDefinition, Vec<(String, Secret)>)> {
    let mut secrets = Vec::new();
    if let Some(headers) = given
        .get_mut("headers")
        .filter(|headers| !headers.is_null())
    {
        let kept: &[ActionHeader] = stored.map_or(&[], |stored| &stored.headers);
        *headers = read_headers(headers.take(), kept, &mut secrets)?;
    }
    let stored = match stored {
        Some(stored) => fields_of(stored)?,
        None => Map::new(),
    };
    Ok((parse(overlay(stored, given, FIELDS, REQUIRED)?)?, secrets))
}

pub(crate) fn read_headers(
    given: Value,
    kept: &[ActionHeader],
    secrets: &mut Vec<(String, Secret)>,
) -> Result<Value> {
    let given: Vec<HeaderInput> =
        parse::<Vec<HeaderInput>>(given).map_err(|error| match error {
            ServiceError::Invalid(errors) => ServiceError::Invalid(
                errors
                    .into_iter()
                    .map(|e| {
                        FieldError::new(
                            format!("headers.{}", e.field).trim_end_matches('.'),
                            e.message,
                        )
                    })
                    .collect(),
            ),
            other => other,
        })?;
    let mut headers = Vec::with_capacity(given.len());
    for (i, header) in given.into_iter().enumerate() {
        let name = header.name.to_ascii_lowercase();
        let has_stored_secret = kept.iter().any(|old| old.name == name && old.has_secret);
        let has_secret = match (&header.value, header.secret) {
            (Some(_), Some(_)) => {
                return Err(ServiceError::field(
                    format!("headers.{i}"),
                    "has both a value and a secret; give one",
                ));
            }
            (Some(_), None) => false,
            (None, Some(secret)) => {
                header_value_allowed(&secret).map_err(|error| {
                    ServiceError::field(format!("headers.{i}.secret"), error.to_string())
                })?;
                secrets.push((name.clone(), Secret::new(secret)));
                true
            }
            (None, None) => has_stored_secret,
        };
        headers.push(ActionHeader {
            name,
            value: header.value,
            has_secret,
        });
    }
    serde_json::to_value(headers).map_err(|error| ServiceError::Internal(error.to_string()))
}
