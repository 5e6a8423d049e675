//! What is in the demo: a workspace with a key, an agent, its actions.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_service::{Browser, Service, ServiceError, SetupRequest};
use serde_json::{Map, Value, json};

use super::shop::Shop;
use crate::system::SystemEntropy;

/// How long the link that signs in works.
const LINK_LASTS: Duration = Duration::from_secs(24 * 3600);

/// The demo's own ids and its key.
pub(crate) struct Demo {
    pub(crate) workspace: WorkspaceId,
    pub(crate) key: Secret,
    pub(crate) agent: AgentId,
    pub(crate) action: ActionId,
    pub(crate) refund: ActionId,
}

/// Fills an empty database.
pub(crate) async fn fill(service: &Service, shop: &Shop) -> anyhow::Result<Demo> {
    let Some(made) = service
        .bootstrap(None)
        .await
        .context("the demo's workspace")?
    else {
        bail!("the demo's database is not empty");
    };
    let workspace = made.key.workspace_id;
    let agent = service
        .create_agent(workspace, fields(&agent()))
        .await
        .map_err(|error| explain("the demo's agent", error))?;
    let mut actions = Vec::new();
    for definition in [
        check_order_status(&shop.url()),
        request_refund(&shop.refunds_url()),
    ] {
        let action = service
            .create_action(workspace, fields(&definition))
            .await
            .map_err(|error| explain("the demo's action", error))?;
        shop.verify_with(action.signing_secret.expose())?;
        let id = action.saved.view.action.id;
        service
            .attach(workspace, agent.id, id)
            .await
            .context("attaching the action")?;
        actions.push(id);
    }
    let &[action, refund] = actions.as_slice() else {
        bail!("the demo has two actions");
    };
    Ok(Demo {
        workspace,
        key: made.text,
        agent: agent.id,
        action,
        refund,
    })
}

/// Makes an account and a link that signs it in, once. Nobody knows its password.
pub(crate) async fn sign_in_link(service: &Service) -> anyhow::Result<Secret> {
    let setup = service
        .new_setup_link()
        .await
        .context("the demo's account")?;
    let setup = setup.context("the demo has an account already")?;
    let (_, token) = setup.expose().split_once('#').context("a link's token")?;
    let mut password = [0; 32];
    SystemEntropy.fill(&mut password);
    let request = SetupRequest {
        token: token.to_owned(),
        workspace_name: "Willow & Co.".to_owned(),
        name: "Willow".to_owned(),
        email: "willow@willow.example".to_owned(),
        password: STANDARD.encode(password),
    };
    let here = Browser {
        address: Ipv4Addr::LOCALHOST.into(),
        user_agent: None,
        session: None,
    };
    let made = service
        .set_up(request, here)
        .await
        .map_err(|error| explain("the demo's account", error))?;
    if let Some(open) = service.session(made.token.expose()).await? {
        service.end_session(&open, open.session.id).await?;
    }
    Ok(service
        .new_sign_in_link(&made.session.user, LINK_LASTS)
        .await?)
}

fn agent() -> Value {
    json!({
        "name": "Willow & Co.",
        "instructions": "You answer the customers of Willow & Co., a small shop for house plants.",
        "fallback_contact": "help@willow.example",
    })
}

fn check_order_status(url: &str) -> Value {
    json!({
        "name": "check_order_status",
        "display_name": "Check order status",
        "description": "Check the status of a customer's order. Use when the customer asks about their \
                        order status, delivery tracking, or where their package is. Requires the order \
                        number.",
        "webhook_url": url,
        "effect": "read",
        "parameters": {
            "type": "object",
            "properties": {
                "customer_email": {"type": "string", "description": "Customer's email address"},
                "order_number": {
                    "type": "string",
                    "description": "Order number to look up (e.g., ORD-12345)"
                }
            },
            "required": ["order_number"]
        },
        "examples": ["Where's my order?", "Has my parcel shipped yet?"]
    })
}

fn request_refund(url: &str) -> Value {
    json!({
        "name": "request_refund",
        "display_name": "Request refund",
        "description": "Ask for a refund of an order. Use when the customer wants their money back. It \
                        takes a while; the customer hears when it is done. Requires the order number.",
        "webhook_url": url,
        "long_running": true,
        "parameters": {
            "type": "object",
            "properties": {
                "order_number": {
                    "type": "string",
                    "description": "Number of the order to refund (e.g., ORD-12345)"
                }
            },
            "required": ["order_number"]
        },
        "result_fields": ["/reference", "/amount"],
        "examples": ["I want my money back", "Please refund my order"]
    })
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn explain(what: &str, error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::Invalid(errors) => {
            let errors: Vec<String> = errors
                .iter()
                .map(|e| format!("{} {}", e.field, e.message))
                .collect();
            anyhow::anyhow!("{what}: {}", errors.join("; "))
        }
        other => anyhow::Error::new(other).context(what.to_owned()),
    }
}
