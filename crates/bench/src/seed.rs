//! Lays down conversations that happened hours ago: the API would neither let one contact say so
//! much at once nor date it back.

use std::sync::Arc;

use anyhow::{Context, Result};
use deskhand_domain::clock::Entropy;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, Message, Mode, Speaker, Step, TurnStatus};
use deskhand_domain::id::{
    AgentId, ContactId, ConversationId, InvocationId, MessageId, NodeId, TurnId, WorkspaceId,
};
use deskhand_domain::prompt::{ToolCall, ToolResult};
use deskhand_store::{BeginTurn, FinishTurn, MasterKey, NodeStore, SqliteStore, Store};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::server::{MASTER_KEY, Server};

/// How long ago they began.
const AGE: SignedDuration = SignedDuration::from_hours(6);
/// Longer than it takes to lay them down.
const LEASE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug)]
struct Random;

impl Entropy for Random {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Entropy of the bench"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock of the bench")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// So many conversations of so many turns each; their ids.
pub async fn conversations(server: &Server, turns: u32, count: usize) -> Result<Vec<String>> {
    let store = SqliteStore::open(
        server.database_url(),
        &MasterKey::new(MASTER_KEY),
        Arc::new(Random),
    )
    .await?;
    let workspace = store
        .first_workspace()
        .await?
        .context("the server has made no workspace")?;
    let agent: AgentId = server.agent.parse()?;
    // Else the server would go on with the turns that it sees before they have ended.
    let (node, began) = (NodeId::new(now(), &Random), now());
    store
        .renew_lease(node, began, began.checked_add(LEASE)?)
        .await?;
    let seeded = (0..count).map(|_| conversation(&store, workspace.id, agent, node, turns));
    let ids = try_join_all(seeded).await?;
    store.leave(node).await?;
    store.close().await;
    Ok(ids)
}

async fn conversation(
    store: &SqliteStore,
    workspace: WorkspaceId,
    agent: AgentId,
    node: NodeId,
    turns: u32,
) -> Result<String> {
    let began = now().checked_sub(AGE)?;
    let conversation = Conversation {
        id: ConversationId::new(began, &Random),
        workspace_id: workspace,
        agent_id: agent,
        own_contact_id: ContactId::new(began, &Random),
        contact: Contact::default(),
        contact_verified: false,
        handoff: None,
        mode: Mode::Live,
        created_at: began,
        updated_at: began,
    };
    for number in 0..turns {
        let at = began.checked_add(SignedDuration::from_secs(i64::from(number)))?;
        turn(store, &conversation, node, number, at).await?;
    }
    Ok(conversation.id.to_string())
}

async fn turn(
    store: &SqliteStore,
    conversation: &Conversation,
    owner: NodeId,
    number: u32,
    at: Timestamp,
) -> Result<()> {
    let turn_id = TurnId::new(at, &Random);
    let order = format!("ORD-9{number:05}");
    let say = |role, text: String| Message {
        id: MessageId::new(at, &Random),
        turn_id,
        role,
        text,
        created_at: at,
    };
    store
        .begin_turn(&BeginTurn {
            owner,
            conversation: conversation.clone(),
            is_new: number == 0,
            claim: None,
            known_turns: None,
            turn_id,
            message: say(
                Speaker::Customer,
                format!("Where's my order? Order number is {order}"),
            ),
        })
        .await?;
    let call_id = format!("call_{number}");
    let name = "check_order_status".to_owned();
    let asked = Step::Asked {
        text: String::new(),
        calls: vec![ToolCall {
            id: call_id.clone(),
            name: name.clone(),
            arguments: json!({ "order_number": order }).to_string(),
        }],
    };
    let answered = Step::Answered {
        results: vec![ToolResult {
            call_id,
            name,
            invocation_id: Some(InvocationId::new(at, &Random)),
            content: json!({
                "status": "succeeded",
                "result": {
                    "order_number": order,
                    "status": "shipped",
                    "tracking_number": "1Z999AA10123456784",
                    "delivery_date": "2026-11-27",
                },
            }),
        }],
    };
    store
        .finish_turn(&FinishTurn {
            owner: owner.into(),
            workspace_id: conversation.workspace_id,
            conversation_id: conversation.id,
            turn_id,
            steps: vec![asked, answered],
            status: TurnStatus::Completed,
            stop_reason: None,
            stop_detail: None,
            model_calls: 2,
            usage: None,
            told: Some(Vec::new()),
            follow_ups: Vec::new(),
            unanswered: None,
            trace: Vec::new(),
            handoff: None,
            reply: say(
                Speaker::Agent,
                format!("Your order {order} has shipped and should arrive on Friday."),
            ),
        })
        .await?;
    Ok(())
}
