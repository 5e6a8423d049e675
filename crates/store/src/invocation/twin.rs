//! Calls that would only repeat one that is still open.

use deskhand_domain::check::Wish;
use deskhand_domain::id::ConversationId;
use deskhand_domain::invocation::Invocation;

use super::read::read;
use crate::Result;
use crate::row::{Conn, get};
use crate::sql::query;

/// An open call of the same action that this one would only repeat: the very same, or one of an earlier answer
/// for the same wish (of one answer, the turn has told them apart).
///
/// The statuses are those of [`InvocationStatus::is_open`], and of an index, which is used only where its condition
/// stands in the query word for word.
pub(super) fn open_twin(
    conn: &mut Conn,
    conversation: ConversationId,
    of: &Invocation,
    hash: &str,
    beside: &[Invocation],
) -> Result<Option<Invocation>> {
    let rows = query(
        "SELECT * FROM invocations
         WHERE workspace_id = $1 AND conversation_id = $2 AND action_id = $3
           AND (status = 'intended' OR status = 'sending' OR status = 'unknown' OR status = 'accepted')
         ORDER BY id",
    )
    .bind(of.workspace_id.to_string())
    .bind(conversation.to_string())
    .bind(of.action_id.to_string())
    .fetch_all(conn)?;
    for row in &rows {
        let is_same = get::<String>(row, "parameters_hash")? == hash;
        let open = read(row)?;
        if is_same
            || (beside.iter().all(|one| one.id != open.id)
                && wish(of).is_for_the_same_as(wish(&open)))
        {
            return Ok(Some(open));
        }
    }
    Ok(None)
}

fn wish(of: &Invocation) -> Wish<'_> {
    Wish {
        parameters: &of.parameters,
        provenance: &of.provenance,
    }
}
