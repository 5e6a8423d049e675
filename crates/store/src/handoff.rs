//! Conversations that have been handed to a person, and what else waits for somebody to look at it.

use async_trait::async_trait;
use deskhand_domain::clock::Entropy;
use deskhand_domain::event::EventType;
use deskhand_domain::handoff::Handoff;
use deskhand_domain::id::{ConversationId, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;

use crate::row::{Conn, Row, count, get, ms, time_opt};
use crate::sql::query;
use crate::{FinishTurn, Result, Say, StoreError, conversation, event, turn};

/// What handing over asks of a database.
#[async_trait]
pub trait HandoffStore: Send + Sync {
    /// Stores what a person says, if they say something, and gives the conversation back to its agent,
    /// if they do. Both or neither.
    async fn answer_as_person(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        say: Option<&Say>,
        hand_back: bool,
    ) -> Result<()>;
    /// The conversations that wait for a person; `None` if there are none. Trials do not count.
    async fn handoffs_waiting(&self, workspace: WorkspaceId) -> Result<Option<Waiting>>;
    /// The invocations of which nobody knows whether they happened; `None` if there are none. Trials
    /// do not count.
    async fn unsettled(&self, workspace: WorkspaceId) -> Result<Option<Waiting>>;
}

/// Things that wait for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// Since when the first has waited.
    pub since: Timestamp,
}

/// Notes that a person is to answer, at the end of the turn in which they were asked for, and tells
/// whoever wants to know.
pub(crate) fn request(
    conn: &mut Conn,
    finish: &FinishTurn,
    reason: &str,
    entropy: &dyn Entropy,
) -> Result<()> {
    let (workspace, id) = (finish.workspace_id, finish.conversation_id);
    let at = finish.reply.created_at;
    let done = query(
        "UPDATE conversations SET handoff_reason = $3, handoff_at = $4
         WHERE workspace_id = $1 AND id = $2 AND handoff_at IS NULL",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(reason)
    .bind(ms(at))
    .execute(conn)?;
    if done == 0 {
        return Ok(());
    }
    let kind = EventType::HandoffRequested;
    event::enqueue(conn, workspace, kind, at, entropy, |conn| {
        let conversation = conversation::one(conn, workspace, id)?;
        let is_test = conversation.mode.is_test();
        let data = json!({ "conversation": conversation, "reason": reason });
        Ok((!is_test).then_some(data))
    })
}

pub(crate) fn answer(
    conn: &mut Conn,
    workspace: WorkspaceId,
    conversation: ConversationId,
    say: Option<&Say>,
    hand_back: bool,
    entropy: &dyn Entropy,
) -> Result<()> {
    if hand_back {
        let done = query(
            "UPDATE conversations SET handoff_reason = NULL, handoff_at = NULL
             WHERE workspace_id = $1 AND id = $2",
        )
        .bind(workspace.to_string())
        .bind(conversation.to_string())
        .execute(conn)?;
        if done == 0 {
            return Err(StoreError::NotFound);
        }
    }
    match say {
        Some(say) => turn::say(conn, say, entropy),
        None => Ok(()),
    }
}

pub(crate) fn waiting(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<Waiting>> {
    let row = query(
        "SELECT COUNT(*) AS number, MIN(handoff_at) AS since FROM conversations
         WHERE workspace_id = $1 AND handoff_at IS NOT NULL AND mode = 'live'",
    )
    .bind(workspace.to_string())
    .fetch_one(conn)?;
    some(&row)
}

pub(crate) fn unsettled(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<Waiting>> {
    let row = query(
        "SELECT COUNT(*) AS number, MIN(created_at) AS since FROM invocations
         WHERE workspace_id = $1 AND status = 'unknown' AND NOT test",
    )
    .bind(workspace.to_string())
    .fetch_one(conn)?;
    some(&row)
}

fn some(row: &Row) -> Result<Option<Waiting>> {
    let count = count(row, "number")?;
    Ok(time_opt(row, "since")?.map(|since| Waiting { count, since }))
}

/// The part of a conversation's row that says whether it waits for a person.
pub(crate) fn read(row: &Row) -> Result<Option<Handoff>> {
    let requested_at = time_opt(row, "handoff_at")?;
    let reason = get::<Option<&str>>(row, "handoff_reason")?.unwrap_or_default();
    Ok(requested_at.map(|requested_at| Handoff {
        reason: reason.to_owned(),
        requested_at,
    }))
}
