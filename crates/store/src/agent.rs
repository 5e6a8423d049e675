//! Agents and the actions attached to them.

use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use jiff::Timestamp;

use crate::row::{Conn, Row, get, json, ms, parse, time, to_json};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, action, page, workspace};

pub(crate) fn insert(conn: &mut Conn, agent: &Agent) -> Result<()> {
    query(
        "INSERT INTO agents (workspace_id, id, definition, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(agent.workspace_id.to_string())
    .bind(agent.id.to_string())
    .bind(to_json(&agent.definition)?)
    .bind(ms(agent.created_at))
    .bind(ms(agent.updated_at))
    .execute(conn)?;
    workspace::touch(conn, agent.workspace_id)
}

pub(crate) fn update(conn: &mut Conn, agent: &Agent) -> Result<()> {
    let done = query(
        "UPDATE agents SET definition = $3, updated_at = $4
         WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(agent.workspace_id.to_string())
    .bind(agent.id.to_string())
    .bind(to_json(&agent.definition)?)
    .bind(ms(agent.updated_at))
    .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => workspace::touch(conn, agent.workspace_id),
    }
}

pub(crate) fn delete(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<()> {
    let done = query(
        "UPDATE agents SET deleted = TRUE WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .execute(conn)?;
    if done == 0 {
        return Err(StoreError::NotFound);
    }
    query("DELETE FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    workspace::touch(conn, workspace)
}

pub(crate) fn one(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<Agent> {
    query("SELECT * FROM agents WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<AgentId>,
) -> Result<Listed<Agent>> {
    let rows = query(
        "SELECT * FROM agents WHERE workspace_id = $1 AND id < $2 AND NOT deleted
         ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

pub(crate) fn attach(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    action: ActionId,
    max: u32,
    now: Timestamp,
) -> Result<()> {
    // Of two at once the second counts what the first has attached; and neither goes meanwhile.
    let held = query("SELECT 1 FROM agents WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(agent.to_string())
        .for_update();
    action::found(held, conn)?;
    action::hold(conn, workspace, action)?;
    let row = query(
        "SELECT COUNT(*) AS attached, COALESCE(MAX(position), 0) AS last,
                COALESCE(MAX(CASE WHEN action_id = $3 THEN 1 ELSE 0 END), 0) AS present
         FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .fetch_one(conn)?;
    if get::<i64>(&row, "present")? == 1 {
        return Ok(());
    }
    if get::<i64>(&row, "attached")? >= i64::from(max) {
        return Err(StoreError::Conflict(
            "the agent has as many actions as it can have",
        ));
    }
    query(
        "INSERT INTO agent_actions (workspace_id, agent_id, action_id, position, attached_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .bind(get::<i64>(&row, "last")? + 1)
    .bind(ms(now))
    .execute(conn)?;
    workspace::touch(conn, workspace)
}

pub(crate) fn detach(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    action: ActionId,
) -> Result<()> {
    let done = query(
        "DELETE FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2 AND action_id = $3",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => workspace::touch(conn, workspace),
    }
}

pub(crate) fn actions(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
) -> Result<Vec<Action>> {
    let rows = query(
        "SELECT a.id, a.workspace_id, v.version, v.definition, a.created_at,
                v.created_at AS updated_at
         FROM agent_actions x
         JOIN actions a ON a.workspace_id = x.workspace_id AND a.id = x.action_id
         JOIN action_versions v ON v.workspace_id = a.workspace_id AND v.action_id = a.id
              AND v.version = a.version
         WHERE x.workspace_id = $1 AND x.agent_id = $2 AND NOT a.deleted
         ORDER BY x.position",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .fetch_all(conn)?;
    if rows.is_empty() {
        exists(conn, workspace, agent)?;
    }
    rows.iter().map(action::read).collect()
}

/// `NotFound` unless there is such an agent.
pub(crate) fn exists(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<()> {
    query("SELECT 1 FROM agents WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

pub(crate) fn read(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        definition: json(row, "definition")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
