//! What is said to a customer without a message of theirs.

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::Message;
use deskhand_domain::id::{ConversationId, InvocationId, WorkspaceId};

use super::insert_message;
use crate::row::{Conn, ms};
use crate::sql::query;
use crate::{Result, StoreError, event};

/// Something said to the customer without a message of theirs: a turn of its own, which has ended.
#[derive(Debug, Clone)]
pub struct Say {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Where.
    pub conversation_id: ConversationId,
    /// The invocation that it is about, if it is about one.
    pub about: Option<InvocationId>,
    /// What is said, by the agent or by a person. Its `turn_id` is a new one's.
    pub message: Message,
}

/// Says it, also while another turn runs. To be called last in a transaction: it holds the row of the
/// conversation.
pub(crate) fn say(conn: &mut Conn, say: &Say, entropy: &dyn Entropy) -> Result<()> {
    let at = ms(say.message.created_at);
    // The row is held until the transaction ends, so that no two turns get the same number.
    let held =
        query("UPDATE conversations SET updated_at = $3 WHERE workspace_id = $1 AND id = $2")
            .bind(say.workspace_id.to_string())
            .bind(say.conversation_id.to_string())
            .bind(at)
            .execute(conn)?;
    if held == 0 {
        return Err(StoreError::NotFound);
    }
    query(
        "INSERT INTO turns (workspace_id, id, conversation_id, seq, status, started_at, finished_at,
             agent_id, test, asked, about_invocation_id)
         SELECT c.workspace_id, $3, c.id,
             (SELECT COALESCE(MAX(t.seq), 0) + 1 FROM turns t
              WHERE t.workspace_id = c.workspace_id AND t.conversation_id = c.id),
             'completed', $4, $4, c.agent_id, c.mode <> 'live', FALSE, $5
         FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2",
    )
    .bind(say.workspace_id.to_string())
    .bind(say.conversation_id.to_string())
    .bind(say.message.turn_id.to_string())
    .bind(at)
    .bind(say.about.map(|id| id.to_string()))
    .execute(conn)?;
    insert_message(conn, say.workspace_id, &say.message)?;
    let (workspace, conversation) = (say.workspace_id, say.conversation_id);
    event::said(conn, workspace, conversation, &say.message, entropy)
}
