//! Conversations.

use deskhand_domain::conversation::{Conversation, ConversationRow, Mode, TurnStatus};
use deskhand_domain::id::{AgentId, ContactId, ConversationId, WorkspaceId};
use jiff::Timestamp;

mod preview;

use crate::error::unless_unique;
use crate::moment::{first_id_after, first_id_before};
use crate::row::{Conn, Row, get, json, ms, ms_up, parse, time, to_json};
use crate::sql::{Query, query};
use crate::{Listed, Page, Result, StoreError, handoff, page};

/// Most conversations that one search looks through.
pub const SEARCHED: i64 = 5_000;

/// What a list of conversations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// With this agent.
    pub agent_id: Option<AgentId>,
    /// With the contact of this id: the host site's where it gave one, else our own.
    pub contact_id: Option<String>,
    /// Only this visitor's.
    pub whose: Option<Whose>,
    /// Begun at this moment or later.
    pub from: Option<Timestamp>,
    /// Begun before this moment.
    pub to: Option<Timestamp>,
    /// Of this mode.
    pub mode: Option<Mode>,
    /// With a turn that stands so.
    pub status: Option<TurnStatus>,
    /// Waiting for a person, or not.
    pub handoff: Option<bool>,
    /// With this text in a message, in what is known of the contact, or as its id; looked for in the
    /// newest 5,000 that the rest leaves.
    pub text: Option<String>,
}

/// A visitor, by whom the conversations that they may see are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One whom the host site has not named, by our own id.
    Unnamed(ContactId),
    /// One whom the host site has proven to be the contact of this id.
    Proven(String),
}

pub(crate) fn insert(conn: &mut Conn, conversation: &Conversation) -> Result<()> {
    query(
        "INSERT INTO conversations
             (workspace_id, id, agent_id, own_contact_id, contact_id, contact, contact_verified,
              created_at, updated_at, mode)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(conversation.workspace_id.to_string())
    .bind(conversation.id.to_string())
    .bind(conversation.agent_id.to_string())
    .bind(conversation.own_contact_id.to_string())
    .bind(conversation.contact.id.as_deref())
    .bind(to_json(&conversation.contact)?)
    .bind(conversation.contact_verified)
    .bind(ms(conversation.created_at))
    .bind(ms(conversation.updated_at))
    .bind(conversation.mode.as_str())
    .execute(conn)
    .map_err(|e| unless_unique(e, StoreError::Conflict("the conversation is already there")))?;
    Ok(())
}

/// Stores what the host site last said about the contact.
pub(crate) fn update(conn: &mut Conn, conversation: &Conversation) -> Result<()> {
    let done = query(
        "UPDATE conversations SET contact_id = $3, contact = $4, contact_verified = $5, updated_at = $6
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(conversation.workspace_id.to_string())
    .bind(conversation.id.to_string())
    .bind(conversation.contact.id.as_deref())
    .bind(to_json(&conversation.contact)?)
    .bind(conversation.contact_verified)
    .bind(ms(conversation.updated_at))
    .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub(crate) fn one(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<Conversation> {
    query("SELECT * FROM conversations WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &ConversationFilter,
    page: &Page<ConversationId>,
) -> Result<Listed<ConversationRow>> {
    let rows = select(workspace, filter, page).fetch_all(conn)?;
    let Listed { rows, more } = page.cut(&rows, read)?;
    let mut previews = preview::of(conn, workspace, &rows)?;
    let rows = rows
        .into_iter()
        .map(|conversation| ConversationRow {
            preview: previews.remove(&conversation.id),
            conversation,
        })
        .collect();
    Ok(Listed { rows, more })
}

fn select<'q>(
    workspace: WorkspaceId,
    filter: &ConversationFilter,
    page: &Page<ConversationId>,
) -> Query<'q> {
    // What no index finds is looked for among so many rows that one does.
    let searched = filter.text.is_some() || filter.status.is_some();
    let mut query = query(match searched {
        true => "SELECT * FROM (SELECT * FROM conversations WHERE workspace_id = ",
        false => "SELECT * FROM conversations WHERE workspace_id = ",
    });
    query.push_bind(workspace.to_string());
    let mut before = page::bound(page);
    if let Some(agent) = filter.agent_id {
        query.push(" AND agent_id = ").push_bind(agent.to_string());
    }
    if let Some(contact) = &filter.contact_id {
        query.push(" AND (contact_id = ").push_bind(contact.clone());
        query.push(" OR (contact_id IS NULL AND own_contact_id = ");
        query.push_bind(contact.clone()).push("))");
    }
    match &filter.whose {
        None => {}
        Some(Whose::Unnamed(own)) => {
            query.push(" AND own_contact_id = ");
            query.push_bind(own.to_string());
            query.push(" AND contact_id IS NULL");
        }
        Some(Whose::Proven(contact)) => {
            query.push(" AND contact_id = ").push_bind(contact.clone());
            query.push(" AND contact_verified");
        }
    }
    if let Some(mode) = filter.mode {
        query.push(" AND mode = ").push_bind(mode.as_str());
    }
    match filter.handoff {
        None => {}
        Some(true) => drop(query.push(" AND handoff_at IS NOT NULL")),
        Some(false) => drop(query.push(" AND handoff_at IS NULL")),
    }
    if let Some(from) = filter.from {
        query.push(" AND created_at >= ").push_bind(ms_up(from));
        query.push(" AND id >= ");
        query.push_bind(first_id_before::<ConversationId>(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND created_at < ").push_bind(ms_up(to));
        before = before.min(first_id_after::<ConversationId>(to));
    }
    query.push(" AND id < ").push_bind(before);
    if searched {
        query.push(" ORDER BY id DESC LIMIT ").push_bind(SEARCHED);
        query.push(") AS c WHERE TRUE");
        narrow(&mut query, filter);
    }
    query
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(page.fetch());
    query
}

/// By what is found in the turns and messages of each.
fn narrow(query: &mut Query<'_>, filter: &ConversationFilter) {
    if let Some(status) = filter.status {
        query.push(
            " AND EXISTS (SELECT 1 FROM turns t WHERE t.workspace_id = c.workspace_id
              AND t.conversation_id = c.id AND t.status = ",
        );
        query.push_bind(status.as_str()).push(")");
    }
    if let Some(text) = &filter.text {
        query.push(" AND (c.id = ").push_bind(text.clone());
        query.push(" OR LOWER(c.contact) LIKE ");
        query.push_bind(page::pattern(text)).push(page::ESCAPE);
        query.push(
            " OR EXISTS (SELECT 1 FROM turns t
              JOIN messages m ON m.workspace_id = t.workspace_id AND m.turn_id = t.id
              WHERE t.workspace_id = c.workspace_id AND t.conversation_id = c.id
              AND LOWER(m.text) LIKE ",
        );
        query.push_bind(page::pattern(text)).push(page::ESCAPE);
        query.push("))");
    }
}

fn read(row: &Row) -> Result<Conversation> {
    Ok(Conversation {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        agent_id: parse(row, "agent_id")?,
        mode: parse(row, "mode")?,
        own_contact_id: parse(row, "own_contact_id")?,
        contact: json(row, "contact")?,
        contact_verified: get(row, "contact_verified")?,
        handoff: handoff::read(row)?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(filter: &ConversationFilter) -> String {
        let workspace = "ws_00000000000000000000000000".parse().unwrap();
        let page = Page {
            limit: 20,
            before: None,
        };
        crate::sqlite::tests::plan(select(workspace, filter, &page))
    }

    #[test]
    fn a_search_reads_the_newest_by_the_key_and_their_turns_by_an_index() {
        let plan = plan(&ConversationFilter {
            text: Some("refund".to_owned()),
            status: Some(TurnStatus::Failed),
            from: Some(Timestamp::UNIX_EPOCH),
            ..ConversationFilter::default()
        });
        assert!(
            plan.contains("(workspace_id=? AND id>? AND id<?)"),
            "{plan}"
        );
        assert!(plan.contains("messages_turn"), "{plan}");
        assert!(!plan.contains("SCAN conversations"), "{plan}");
        assert!(
            !plan.contains("SCAN t") && !plan.contains("SCAN m"),
            "{plan}"
        );
    }

    #[test]
    fn one_agents_are_read_in_order() {
        let plan = plan(&ConversationFilter {
            agent_id: Some("agt_00000000000000000000000000".parse().unwrap()),
            mode: Some(Mode::Live),
            ..ConversationFilter::default()
        });
        assert!(plan.contains("conversations_agent"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
