//! The request of a call: its body, its headers, its secrets.

use std::time::Duration;

use deskhand_domain::action::Effect;
use deskhand_domain::check::Callable;
use deskhand_domain::id::{AgentId, ConversationId};
use deskhand_domain::invocation::{Failure, Invocation};
use deskhand_webhook::{Call, CallHeader, HeaderText, SigningSecret};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{Result, Service, ServiceError};

/// The body of a call: exactly this, no more.
#[derive(Serialize)]
struct Body<'a> {
    action: &'a str,
    parameters: &'a Map<String, Value>,
    context: Context<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    agent_id: Option<String>,
    conversation_id: Option<String>,
    contact_id: Option<&'a str>,
}

/// For whom a call is made, as the endpoint is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calling<'a> {
    id: Option<&'a str>,
    verified: bool,
    earlier: Option<&'a Failure>,
}

impl<'a> Calling<'a> {
    /// A contact of this id, proven or only asserted.
    pub fn new(id: Option<&'a str>, verified: bool) -> Self {
        Self {
            id,
            verified,
            earlier: None,
        }
    }

    /// After a request that may have arrived, if there was one.
    pub fn after(self, earlier: Option<&'a Failure>) -> Self {
        Self { earlier, ..self }
    }

    /// What is known of a request that may have arrived.
    pub fn earlier(&self) -> Option<&'a Failure> {
        self.earlier
    }
}

/// The exact body of a call, made by an agent in a conversation or by neither.
pub(crate) fn body_of(
    action: &str,
    parameters: &Map<String, Value>,
    (agent_id, conversation_id): (Option<AgentId>, Option<ConversationId>),
    contact_id: Option<&str>,
) -> Result<Vec<u8>> {
    let body = Body {
        action,
        parameters,
        context: Context {
            agent_id: agent_id.map(|id| id.to_string()),
            conversation_id: conversation_id.map(|id| id.to_string()),
            contact_id,
        },
    };
    serde_json::to_vec(&body).map_err(|error| ServiceError::Internal(error.to_string()))
}

impl Service {
    /// Everything the webhook client needs for this invocation.
    pub(crate) async fn prepare(
        &self,
        callable: &Callable,
        invocation: &Invocation,
        contact: Calling<'_>,
        deadline: Instant,
    ) -> Result<Call> {
        let definition = &callable.action.definition;
        let body = body_of(
            &invocation.action,
            &invocation.parameters,
            (invocation.agent_id, invocation.conversation_id),
            contact.id,
        )?;
        let secrets = self
            .store()
            .action_secrets(invocation.workspace_id, invocation.action_id, self.now())
            .await?;
        let mut headers = Vec::with_capacity(definition.headers.len());
        for header in &definition.headers {
            let value = match &header.value {
                Some(value) => HeaderText::Plain(value.clone()),
                None => {
                    let secret = secrets
                        .headers
                        .iter()
                        .find(|(name, _)| *name == header.name);
                    let (_, secret) = secret.ok_or_else(|| {
                        ServiceError::Internal(format!(
                            "the secret of header {} is gone",
                            header.name
                        ))
                    })?;
                    HeaderText::Secret(Zeroizing::new(secret.expose().to_owned()))
                }
            };
            headers.push(CallHeader {
                name: header.name.clone(),
                value,
            });
        }
        let signing_secrets = secrets
            .signing
            .iter()
            .map(|stored| SigningSecret::parse(stored.secret.expose()))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|error| {
                ServiceError::Internal(format!("a signing secret is damaged: {error}"))
            })?;
        // Made last: from here on nothing keeps it from being sent but the way there.
        let callback_url = match definition.long_running {
            true => Some(self.new_callback_url(invocation).await?),
            false => None,
        };
        let own = Duration::from_secs(u64::from(definition.timeout_seconds));
        Ok(Call {
            workspace_id: invocation.workspace_id,
            invocation_id: invocation.id,
            url: definition.webhook_url.clone(),
            body: body.into(),
            headers,
            signing_secrets,
            read_only: definition.effect == Effect::Read,
            idempotent: definition.idempotent,
            timeout: own.min(deadline.saturating_duration_since(Instant::now())),
            contact_verified: contact.verified,
            test: invocation.test,
            callback_url,
            earlier: contact.earlier.cloned(),
        })
    }
}
