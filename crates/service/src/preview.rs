//! The request that an action would be called with, before there is anything to call it for.

use std::time::Duration;

use deskhand_domain::action::Effect;
use deskhand_domain::clock::Entropy;
use deskhand_domain::grounding::examples_in;
use deskhand_domain::id::{AgentId, ConversationId, InvocationId, WorkspaceId};
use deskhand_webhook::{Call, CallHeader, HeaderText, preview};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::request::body_of;
use crate::review::Draft;
use crate::{Result, Service, ServiceError};

/// Stands for the id of the contact.
const CONTACT: &str = "cus_42";

/// An action to be looked at, complete or not.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// As for making an action; what is missing stands at its default. With an `id`, that action's
    /// secret headers count as given.
    pub definition: Map<String, Value>,
    /// The parameters of the call; without them, made up after the schema.
    #[serde(default)]
    pub parameters: Option<Map<String, Value>>,
}

/// What would be sent.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// The request. Ids, time and signature are placeholders, secrets read `[redacted]`.
    pub request: PreviewedRequest,
}

/// A request that is not sent.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewedRequest {
    /// `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// By name, in the order sent.
    pub headers: Map<String, Value>,
    /// The exact body.
    pub body: String,
}

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

impl Service {
    /// What would be sent for an action with this definition. Nothing is.
    pub async fn preview_action(
        &self,
        workspace: WorkspaceId,
        asked: PreviewRequest,
    ) -> Result<Preview> {
        let stored = match asked.definition.get("id").filter(|id| !id.is_null()) {
            Some(id) => self.action_by_text(workspace, id).await?,
            None => None,
        };
        let kept = stored
            .as_ref()
            .map_or(&[][..], |action| &action.definition.headers);
        let draft = Draft::read(asked.definition, kept);
        let definition = draft.definition();
        let parameters = asked
            .parameters
            .unwrap_or_else(|| sample_of(&definition.parameters));
        let now = self.now();
        let agent = AgentId::new(Timestamp::UNIX_EPOCH, &Zeros);
        let conversation = ConversationId::new(Timestamp::UNIX_EPOCH, &Zeros);
        let body = body_of(
            &definition.name,
            &parameters,
            (Some(agent), Some(conversation)),
            Some(CONTACT),
        )?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let target = self
            .webhook()
            .policy()
            .check_url(&definition.webhook_url)
            .map_err(|refusal| {
                ServiceError::field(
                    "definition.webhook_url",
                    format!(
                        "is refused by rule {}: {}",
                        refusal.rule.code(),
                        refusal.message
                    ),
                )
            })?;
        let headers = definition
            .headers
            .iter()
            .map(|header| CallHeader {
                name: header.name.clone(),
                value: match &header.value {
                    Some(value) => HeaderText::Plain(value.clone()),
                    None => HeaderText::Secret(Zeroizing::default()),
                },
            })
            .collect();
        let call = Call {
            workspace_id: workspace,
            invocation_id: InvocationId::new(Timestamp::UNIX_EPOCH, &Zeros),
            url: definition.webhook_url.clone(),
            body: body.into(),
            headers,
            signing_secrets: Vec::new(),
            read_only: definition.effect == Effect::Read,
            idempotent: definition.idempotent,
            timeout: Duration::from_secs(u64::from(definition.timeout_seconds)),
            contact_verified: false,
            test: false,
            callback_url: definition.long_running.then(|| self.callback_url("token")),
            earlier: None,
        };
        let headers = preview(&call, &target, now.as_second())
            .map_err(|error| ServiceError::field("definition.headers", error.to_string()))?;
        Ok(Preview {
            request: PreviewedRequest {
                method: "POST",
                url: definition.webhook_url.clone(),
                headers: headers
                    .into_iter()
                    .map(|header| (header.name, Value::String(header.value)))
                    .collect(),
                body: text,
            },
        })
    }
}

/// Parameters that look like what the schema asks for.
fn sample_of(schema: &Value) -> Map<String, Value> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Map::new();
    };
    properties
        .iter()
        .map(|(name, property)| (name.clone(), value_of(property)))
        .collect()
}

fn value_of(property: &Value) -> Value {
    let stated = ["const", "default"]
        .iter()
        .find_map(|word| property.get(word));
    let listed = ["enum", "examples"]
        .iter()
        .find_map(|word| property.get(word)?.as_array()?.first());
    if let Some(value) = stated.or(listed) {
        return value.clone();
    }
    let source = property.get("x-source").and_then(Value::as_str);
    if let Some(source) = source {
        return json!(of_contact(source));
    }
    let description = property.get("description").and_then(Value::as_str);
    let example = description.and_then(|text| examples_in(text).into_iter().next());
    let kind = match property.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    match kind {
        Some("integer") => number(example.as_deref(), || json!(1)),
        Some("number") => number(example.as_deref(), || json!(1.5)),
        Some("boolean") => json!(true),
        Some("array") => json!([property.get("items").map_or(json!("…"), value_of)]),
        Some("object") => Value::Object(sample_of(property)),
        Some("null") => Value::Null,
        _ => json!(example.unwrap_or_else(|| by_format(property))),
    }
}

fn number(example: Option<&str>, otherwise: impl FnOnce() -> Value) -> Value {
    example
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .filter(Value::is_number)
        .unwrap_or_else(otherwise)
}

fn by_format(property: &Value) -> String {
    match property.get("format").and_then(Value::as_str) {
        Some("email") => "ada@example.com",
        Some("date") => "2026-05-04",
        Some("time") => "10:00:00Z",
        Some("date-time") => "2026-05-04T10:00:00Z",
        Some("uri") => "https://example.com/",
        Some("uuid") => "123e4567-e89b-12d3-a456-426614174000",
        _ => "…",
    }
    .to_owned()
}

fn of_contact(source: &str) -> &'static str {
    match source {
        "contact.id" => CONTACT,
        "contact.email" => "ada@example.com",
        "contact.name" => "Ada",
        "contact.phone" => "+44 20 7946 0958",
        _ => "…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_follows_the_schema() {
        let schema = json!({
            "type": "object",
            "properties": {
                "order": {"type": "string", "description": "Order number (e.g., ORD-12345)"},
                "email": {"type": "string", "format": "email"},
                "who": {"type": "string", "x-source": "contact.id"},
                "channel": {"const": "chat"},
                "size": {"enum": ["s", "m"]},
                "count": {"type": "integer", "description": "How many, e.g. 3"},
                "lines": {"type": "array", "items": {"type": "object", "properties": {
                    "gift": {"type": "boolean"},
                }}},
                "note": {"type": ["string", "null"]},
            },
        });
        let sample = json!({
            "order": "ORD-12345", "email": "ada@example.com", "who": "cus_42", "channel": "chat",
            "size": "s", "count": 3, "lines": [{"gift": true}], "note": "…",
        });
        assert_eq!(Value::Object(sample_of(&schema)), sample);
    }
}
