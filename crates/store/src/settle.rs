//! What a stopped server left behind.

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::{Message, Speaker, StopReason, TurnStatus, Unanswered};
use deskhand_domain::id::{ConversationId, MessageId, TurnId, WorkspaceId};
use jiff::Timestamp;

use crate::row::{Conn, get, ms, parse};
use crate::sql::query;
use crate::{FinishTurn, Result, idempotency, turn};

/// What the customer reads in a turn that the server could not finish.
#[derive(Debug, Clone)]
pub struct Replies {
    /// Where nothing uncertain has happened.
    pub apology: String,
    /// Where it is not known whether a call of the turn went through.
    pub uncertain: String,
}

/// Settles every invocation in flight, every running turn and every claim, in all workspaces.
pub(crate) fn interrupted(
    conn: &mut Conn,
    now: Timestamp,
    replies: &Replies,
    entropy: &dyn Entropy,
) -> Result<(u64, u64)> {
    let done = query(
        "UPDATE invocations SET
             status = CASE WHEN status = 'sending' AND NOT EXISTS (
                     SELECT 1 FROM action_versions v
                     WHERE v.workspace_id = invocations.workspace_id
                       AND v.action_id = invocations.action_id
                       AND v.version = invocations.action_version AND v.effect = 'read')
                 THEN 'unknown' ELSE 'failed' END,
             failure_code = 'interrupted',
             failure_message = CASE WHEN status = 'sending'
                 THEN 'the server stopped while the call was under way'
                 ELSE 'the server stopped before the call was sent' END,
             finished_at = $1
         WHERE status IN ('intended', 'sending')",
    )
    .bind(ms(now))
    .execute(conn)?;
    let running = query(
        "SELECT workspace_id, id, conversation_id, EXISTS (
                 SELECT 1 FROM invocations i
                 WHERE i.workspace_id = turns.workspace_id AND i.turn_id = turns.id
                   AND i.status = 'unknown') AS uncertain
         FROM turns WHERE status = 'running'",
    )
    .fetch_all(conn)?;
    for row in &running {
        let turn_id: TurnId = parse(row, "id")?;
        let workspace_id: WorkspaceId = parse(row, "workspace_id")?;
        let conversation_id: ConversationId = parse(row, "conversation_id")?;
        let reply = match get::<bool>(row, "uncertain")? {
            true => &replies.uncertain,
            false => &replies.apology,
        };
        let finish = FinishTurn {
            workspace_id,
            conversation_id,
            turn_id,
            steps: Vec::new(),
            status: TurnStatus::Failed,
            stop_reason: Some(StopReason::Interrupted),
            stop_detail: Some("the server stopped while the turn was running".to_owned()),
            model_calls: 0,
            usage: None,
            unanswered: Some(Unanswered::Interrupted),
            trace: Vec::new(),
            handoff: None,
            reply: Message {
                id: MessageId::new(now, entropy),
                turn_id,
                role: Speaker::Agent,
                text: reply.clone(),
                created_at: now,
            },
        };
        turn::finish(conn, &finish)?;
    }
    idempotency::interrupted(conn, now)?;
    Ok((done, running.len() as u64))
}
