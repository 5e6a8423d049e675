//! How widgets look.

use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_domain::widget::WidgetSettings;
use jiff::Timestamp;

use super::{WidgetHost, origin};
use crate::row::{Conn, json, ms, to_json};
use crate::sql::query;
use crate::{Result, agent};

pub(crate) fn one(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
) -> Result<Option<WidgetSettings>> {
    query("SELECT settings FROM agent_widgets WHERE workspace_id = $1 AND agent_id = $2")
        .bind(workspace.to_string())
        .bind(agent.to_string())
        .fetch_optional(conn)?
        .map(|row| json(&row, "settings"))
        .transpose()
}

pub(crate) fn put(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    settings: &WidgetSettings,
    now: Timestamp,
) -> Result<()> {
    // One that was removed is still there for its conversations.
    agent::exists(conn, workspace, agent)?;
    query(
        "INSERT INTO agent_widgets (workspace_id, agent_id, settings, updated_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, agent_id)
         DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(to_json(settings)?)
    .bind(ms(now))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn host(conn: &mut Conn, agent: AgentId) -> Result<Option<WidgetHost>> {
    let row = query(
        "SELECT a.*, w.settings FROM agent_widgets w
         JOIN agents a ON a.workspace_id = w.workspace_id AND a.id = w.agent_id
         WHERE w.agent_id = $1 AND NOT a.deleted",
    )
    .bind(agent.to_string())
    .fetch_optional(conn)?;
    let Some(row) = row else {
        return Ok(None);
    };
    let agent = agent::read(&row)?;
    let origins = origin::list(conn, agent.workspace_id)?;
    Ok(Some(WidgetHost {
        agent,
        settings: json(&row, "settings")?,
        origins,
    }))
}
