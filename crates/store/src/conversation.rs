//! Conversations.

use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::{AgentId, ContactId, ConversationId, WorkspaceId};
use jiff::Timestamp;

use crate::error::unless_unique;
use crate::row::{Conn, Row, get, json, ms, ms_up, parse, time, to_json};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page};

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
              created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
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
) -> Result<Listed<Conversation>> {
    let mut query = query("SELECT * FROM conversations WHERE workspace_id = ");
    query.push_bind(workspace.to_string());
    query.push(" AND id < ").push_bind(page::bound(page));
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
    if let Some(from) = filter.from {
        query.push(" AND created_at >= ").push_bind(ms_up(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND created_at < ").push_bind(ms_up(to));
    }
    query
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(page.fetch());
    let rows = query.fetch_all(conn)?;
    page.cut(&rows, read)
}

fn read(row: &Row) -> Result<Conversation> {
    Ok(Conversation {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        agent_id: parse(row, "agent_id")?,
        own_contact_id: parse(row, "own_contact_id")?,
        contact: json(row, "contact")?,
        contact_verified: get(row, "contact_verified")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
