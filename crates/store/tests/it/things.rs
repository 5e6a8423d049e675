//! Things to put into a store.

use deskhand_domain::action::{Action, ActionDefinition, ActionHeader, Effect};
use deskhand_domain::agent::{Agent, AgentDefinition};
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, FailureCode, InvocationStatus, Outcome};
use deskhand_domain::secret::Secret;
use deskhand_store::{
    ActionSecrets, FinishInvocation, Owner, Page, StoredAnswer, StoredSigningSecret,
};
use jiff::Timestamp;
use serde_json::json;

pub fn agent(ws: WorkspaceId, at: Timestamp, entropy: &dyn Entropy) -> Agent {
    Agent {
        id: AgentId::new(at, entropy),
        workspace_id: ws,
        definition: AgentDefinition {
            name: "Ava".to_owned(),
            instructions: "Be kind.".to_owned(),
            ..AgentDefinition::default()
        },
        created_at: at,
        updated_at: at,
    }
}

pub fn action(ws: WorkspaceId, name: &str, at: Timestamp, entropy: &dyn Entropy) -> Action {
    Action {
        id: ActionId::new(at, entropy),
        workspace_id: ws,
        version: 1,
        definition: definition(name),
        created_at: at,
        updated_at: at,
    }
}

pub fn definition(name: &str) -> ActionDefinition {
    serde_json::from_value(json!({
        "name": name,
        "display_name": "Check order status",
        "description": "Check an order. Use when the customer asks where it is.",
        "webhook_url": "https://api.example.com/orders",
        "parameters": { "type": "object", "properties": { "order_number": { "type": "string" } } },
    }))
    .unwrap()
}

/// The next version of an action.
pub fn next(action: &Action, at: Timestamp) -> Action {
    Action {
        version: action.version + 1,
        updated_at: at,
        ..action.clone()
    }
}

/// Gives an action secret headers of these names.
pub fn with_headers(action: &mut Action, names: &[&str]) {
    action.definition.headers = names
        .iter()
        .map(|name| ActionHeader {
            name: (*name).to_owned(),
            value: None,
            has_secret: true,
        })
        .collect();
}

pub fn look_up(action: &mut Action) {
    action.definition.effect = Effect::Read;
}

pub fn signing(secret: &str) -> ActionSecrets {
    ActionSecrets {
        headers: Vec::new(),
        signing: vec![StoredSigningSecret {
            secret: Secret::new(secret),
            expires_at: None,
        }],
    }
}

pub fn outcome(status: InvocationStatus) -> Outcome {
    let failed = Outcome::failed(FailureCode::Timeout, "no answer in 30 s");
    match status {
        InvocationStatus::Failed | InvocationStatus::Unknown => Outcome { status, ..failed },
        InvocationStatus::Declined => Outcome {
            status,
            failure: None,
            error: Some("Order not found".to_owned()),
            ..failed
        },
        _ => Outcome {
            status,
            failure: None,
            result: Some(json!({ "status": "shipped", "tracking": "1Z" })),
            warnings: vec!["no_success_field".to_owned()],
            ..failed
        },
    }
}

pub fn all<Id>() -> Page<Id> {
    Page {
        limit: 100,
        before: None,
    }
}

pub fn answer(status: u16) -> StoredAnswer {
    StoredAnswer {
        status,
        body: Secret::new("{\"key\":\"dhk_canary\"}"),
    }
}

/// What customers read in turns that were cut off.
pub fn sorry() -> deskhand_store::Replies {
    deskhand_store::Replies {
        apology: "Sorry.".to_owned(),
        uncertain: "Who knows.".to_owned(),
    }
}

/// The end of a call that was sent.
pub fn finish<'a>(
    owner: impl Into<Owner>,
    outcome: &'a Outcome,
    attempts: &'a [Attempt],
    at: Timestamp,
) -> FinishInvocation<'a> {
    FinishInvocation {
        owner: owner.into(),
        outcome,
        attempts,
        sent: true,
        at,
        duration_ms: 41,
    }
}
