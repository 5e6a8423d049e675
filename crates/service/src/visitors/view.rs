//! What a visitor sees of their conversations: what was said, and that something was done. Not how:
//! neither what the owner keeps for operators (why a turn stopped, what an endpoint answered, tokens)
//! nor what the server put into a call by itself.

use std::sync::Arc;

use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Conversation, ConversationRow, TurnRecord};
use deskhand_domain::handoff::Handoff;
use deskhand_domain::id::ConversationId;
use deskhand_domain::invocation::Invocation;
use serde_json::{Map, Value};

use super::Visitor;
use crate::{
    ChatAnswer, ConversationView, EventId, Listening, LiveEvent, Result, Service, ServiceError,
};

// Every field is named below, so that a new one cannot slip through unseen.

/// A conversation without what the host site says of the contact.
pub fn of_conversation(conversation: Conversation) -> Conversation {
    Conversation {
        id: conversation.id,
        workspace_id: conversation.workspace_id,
        agent_id: conversation.agent_id,
        mode: conversation.mode,
        own_contact_id: conversation.own_contact_id,
        contact: Contact {
            id: conversation.contact.id,
            ..Contact::default()
        },
        contact_verified: conversation.contact_verified,
        handoff: conversation.handoff.map(|handoff| Handoff {
            reason: String::new(),
            requested_at: handoff.requested_at,
        }),
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
    }
}

/// The same of one in a list. How it begins is what the visitor said themselves.
pub fn of_row(row: ConversationRow) -> ConversationRow {
    ConversationRow {
        conversation: of_conversation(row.conversation),
        preview: row.preview,
    }
}

fn of_turn(turn: TurnRecord) -> TurnRecord {
    TurnRecord {
        id: turn.id,
        conversation_id: turn.conversation_id,
        status: turn.status,
        stop_reason: None,
        stop_detail: None,
        model_calls: 0,
        usage: None,
        trace: None,
        about_invocation_id: turn.about_invocation_id,
        started_at: turn.started_at,
        finished_at: turn.finished_at,
    }
}

fn of_invocation(invocation: Invocation) -> Invocation {
    Invocation {
        parameters: Map::new(),
        provenance: Vec::new(),
        failure: None,
        result: None,
        error: None,
        warnings: Vec::new(),
        progress: None,
        expires_at: None,
        settlement: None,
        id: invocation.id,
        workspace_id: invocation.workspace_id,
        agent_id: invocation.agent_id,
        conversation_id: invocation.conversation_id,
        turn_id: invocation.turn_id,
        action_id: invocation.action_id,
        action: invocation.action,
        action_version: invocation.action_version,
        call_id: None,
        test: invocation.test,
        status: invocation.status,
        created_at: invocation.created_at,
        sent_at: invocation.sent_at,
        finished_at: invocation.finished_at,
        duration_ms: invocation.duration_ms,
    }
}

fn of_view(view: ConversationView) -> ConversationView {
    ConversationView {
        conversation: of_conversation(view.conversation),
        messages: view.messages,
        turns: view.turns.into_iter().map(of_turn).collect(),
        invocations: view.invocations.into_iter().map(of_invocation).collect(),
    }
}

/// The answer to their message.
pub fn of_answer(mut answer: ChatAnswer) -> ChatAnswer {
    for invocation in &mut answer.invocations {
        invocation.parameters = Map::new();
    }
    answer
}

/// An event of their conversation; `None` if it is not for them.
pub fn of_event(event: LiveEvent) -> Option<LiveEvent> {
    match event.name {
        "turn.started" | "message.delta" | "message.reset" | "confirmation.requested" => {
            Some(event)
        }
        "action.started" | "action.finished" | "message.completed" | "turn.failed" => {
            let mut data: Value = serde_json::from_str(&event.data).ok()?;
            without_parameters(&mut data);
            if let Some(Value::Array(invocations)) = data.get_mut("invocations") {
                invocations.iter_mut().for_each(without_parameters);
            }
            Some(LiveEvent {
                data: Arc::from(data.to_string()),
                ..event
            })
        }
        _ => None,
    }
}

fn without_parameters(data: &mut Value) {
    if let Some(parameters) = data.get_mut("parameters") {
        *parameters = Value::Object(Map::new());
    }
}

impl Service {
    /// One of a visitor's conversations, as they see it.
    pub async fn conversation_of(
        &self,
        visitor: &Visitor,
        id: ConversationId,
    ) -> Result<ConversationView> {
        let view = self.conversation(visitor.workspace_id, id).await?;
        match visitor.owns(&view.conversation) {
            true => Ok(of_view(view)),
            false => Err(ServiceError::NotFound),
        }
    }

    /// Listens to one of a visitor's conversations; its events go through [`of_event`].
    pub async fn listen_as(
        &self,
        visitor: &Visitor,
        id: ConversationId,
        last: Option<EventId>,
    ) -> Result<Listening> {
        let workspace = visitor.workspace_id;
        let conversation = self.store().conversation(workspace, id).await?;
        match visitor.owns(&conversation) {
            true => self.listen(workspace, id, last, false).await,
            false => Err(ServiceError::NotFound),
        }
    }
}
