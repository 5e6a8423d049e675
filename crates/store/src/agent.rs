//! Agents and the actions attached to them.

use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use jiff::Timestamp;

use crate::row::{Conn, Row, get, json, ms, parse, time, to_json};
use crate::{Listed, Page, Result, StoreError, action, page};

pub(crate) async fn insert(conn: &mut Conn, agent: &Agent) -> Result<()> {
    sqlx::query(
        "INSERT INTO agents (workspace_id, id, definition, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(agent.workspace_id.to_string())
    .bind(agent.id.to_string())
    .bind(to_json(&agent.definition)?)
    .bind(ms(agent.created_at))
    .bind(ms(agent.updated_at))
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update(conn: &mut Conn, agent: &Agent) -> Result<()> {
    let done = sqlx::query(
        "UPDATE agents SET definition = $3, updated_at = $4
         WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(agent.workspace_id.to_string())
    .bind(agent.id.to_string())
    .bind(to_json(&agent.definition)?)
    .bind(ms(agent.updated_at))
    .execute(conn)
    .await?;
    match done.rows_affected() {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub(crate) async fn delete(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<()> {
    let done = sqlx::query(
        "UPDATE agents SET deleted = TRUE WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::NotFound);
    }
    sqlx::query("DELETE FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn one(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<Agent> {
    sqlx::query("SELECT * FROM agents WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

pub(crate) async fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<AgentId>,
) -> Result<Listed<Agent>> {
    let rows = sqlx::query(
        "SELECT * FROM agents WHERE workspace_id = $1 AND id < $2 AND NOT deleted
         ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)
    .await?;
    page.cut(&rows, read)
}

pub(crate) async fn attach(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    action: ActionId,
    max: u32,
    now: Timestamp,
) -> Result<()> {
    exists(conn, workspace, agent).await?;
    action::exists(conn, workspace, action).await?;
    let row = sqlx::query(
        "SELECT COUNT(*) AS attached, COALESCE(MAX(position), 0) AS last,
                COALESCE(MAX(CASE WHEN action_id = $3 THEN 1 ELSE 0 END), 0) AS present
         FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .fetch_one(&mut *conn)
    .await?;
    if get::<i64>(&row, "present")? == 1 {
        return Ok(());
    }
    if get::<i64>(&row, "attached")? >= i64::from(max) {
        return Err(StoreError::Conflict(
            "the agent has as many actions as it can have",
        ));
    }
    sqlx::query(
        "INSERT INTO agent_actions (workspace_id, agent_id, action_id, position, attached_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .bind(get::<i64>(&row, "last")? + 1)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn detach(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    action: ActionId,
) -> Result<()> {
    let done = sqlx::query(
        "DELETE FROM agent_actions WHERE workspace_id = $1 AND agent_id = $2 AND action_id = $3",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(action.to_string())
    .execute(conn)
    .await?;
    match done.rows_affected() {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub(crate) async fn actions(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
) -> Result<Vec<Action>> {
    let rows = sqlx::query(
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
    .fetch_all(&mut *conn)
    .await?;
    if rows.is_empty() {
        exists(conn, workspace, agent).await?;
    }
    rows.iter().map(action::read).collect()
}

/// `NotFound` unless there is such an agent.
async fn exists(conn: &mut Conn, workspace: WorkspaceId, id: AgentId) -> Result<()> {
    sqlx::query("SELECT 1 FROM agents WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

fn read(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        definition: json(row, "definition")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
