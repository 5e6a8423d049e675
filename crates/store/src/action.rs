//! Actions and their versions. A version is never changed; the action says which one is current.

use deskhand_domain::action::Action;
use deskhand_domain::circuit::Change;
use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use crate::error::unless_unique;
use crate::row::{Conn, Row, count, json, ms, parse, time, to_json};
use crate::sql::{Query, query};
use crate::{Listed, Page, Result, StoreError, circuit, page, secret, workspace};

/// A signing secret of an action that is still valid.
#[derive(Debug, Clone)]
pub struct StoredSigningSecret {
    /// `whsec_…`.
    pub secret: Secret,
    /// When it stops being used; null for the current one.
    pub expires_at: Option<Timestamp>,
}

/// The secrets of an action, opened.
#[derive(Debug, Clone, Default)]
pub struct ActionSecrets {
    /// Lower-case header names with their values.
    pub headers: Vec<(String, Secret)>,
    /// The current signing secret first, then those kept alive after a rotation.
    pub signing: Vec<StoredSigningSecret>,
}

const NAME_TAKEN: StoreError = StoreError::Taken { field: "name" };

pub(crate) fn insert(conn: &mut Conn, action: &Action, secrets: &[secret::Sealed]) -> Result<()> {
    query(
        "INSERT INTO actions (workspace_id, id, version, name, created_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(action.workspace_id.to_string())
    .bind(action.id.to_string())
    .bind(i64::from(action.version))
    .bind(action.definition.name.as_str())
    .bind(ms(action.created_at))
    .execute(conn)
    .map_err(|e| unless_unique(e, NAME_TAKEN))?;
    insert_version(conn, action)?;
    secret::insert(conn, action.workspace_id, action.id, secrets)?;
    workspace::touch(conn, action.workspace_id)
}

pub(crate) fn update(conn: &mut Conn, action: &Action, secrets: &[secret::Sealed]) -> Result<()> {
    let done = query(
        "UPDATE actions SET version = $3, name = $4
         WHERE workspace_id = $1 AND id = $2 AND NOT deleted AND version = $3 - 1",
    )
    .bind(action.workspace_id.to_string())
    .bind(action.id.to_string())
    .bind(i64::from(action.version))
    .bind(action.definition.name.as_str())
    .execute(conn)
    .map_err(|e| unless_unique(e, NAME_TAKEN))?;
    if done == 0 {
        exists(conn, action.workspace_id, action.id)?;
        return Err(StoreError::Conflict(
            "the action has been changed meanwhile",
        ));
    }
    insert_version(conn, action)?;
    // What failed may be what has been changed.
    let (workspace, now) = (action.workspace_id, action.updated_at);
    circuit::change(conn, workspace, action.id, &Change::Reset, now)?;
    secret::keep_headers(conn, action)?;
    secret::insert(conn, action.workspace_id, action.id, secrets)?;
    workspace::touch(conn, action.workspace_id)
}

fn insert_version(conn: &mut Conn, action: &Action) -> Result<()> {
    query(
        "INSERT INTO action_versions
             (workspace_id, action_id, version, definition, effect, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(action.workspace_id.to_string())
    .bind(action.id.to_string())
    .bind(i64::from(action.version))
    .bind(to_json(&action.definition)?)
    .bind(action.definition.effect.as_str())
    .bind(ms(action.updated_at))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn delete(conn: &mut Conn, workspace: WorkspaceId, id: ActionId) -> Result<()> {
    let done = query(
        "UPDATE actions SET deleted = TRUE WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .execute(conn)?;
    if done == 0 {
        return Err(StoreError::NotFound);
    }
    // By the index on status: what is running is little, what has run is not.
    let running = query(
        "SELECT 1 FROM invocations
         WHERE workspace_id = $1 AND action_id = $2
           AND status IN ('awaiting_confirmation', 'intended', 'sending', 'accepted')
         LIMIT 1",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?;
    if running.is_some() {
        return Err(StoreError::Conflict("a call of the action is still open"));
    }
    for wipe in [
        "DELETE FROM secrets WHERE workspace_id = $1 AND action_id = $2",
        "DELETE FROM circuits WHERE workspace_id = $1 AND action_id = $2",
        "DELETE FROM agent_actions WHERE workspace_id = $1 AND action_id = $2",
    ] {
        query(wipe)
            .bind(workspace.to_string())
            .bind(id.to_string())
            .execute(conn)?;
    }
    workspace::touch(conn, workspace)
}

pub(crate) fn one(conn: &mut Conn, workspace: WorkspaceId, id: ActionId) -> Result<Action> {
    query(
        "SELECT a.id, a.workspace_id, v.version, v.definition, a.created_at,
                v.created_at AS updated_at
         FROM actions a
         JOIN action_versions v ON v.workspace_id = a.workspace_id AND v.action_id = a.id
              AND v.version = a.version
         WHERE a.workspace_id = $1 AND a.id = $2 AND NOT a.deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?
    .map(|row| read(&row))
    .ok_or(StoreError::NotFound)?
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<ActionId>,
) -> Result<Listed<Action>> {
    let rows = query(
        "SELECT a.id, a.workspace_id, v.version, v.definition, a.created_at,
                v.created_at AS updated_at
         FROM actions a
         JOIN action_versions v ON v.workspace_id = a.workspace_id AND v.action_id = a.id
              AND v.version = a.version
         WHERE a.workspace_id = $1 AND a.id < $2 AND NOT a.deleted
         ORDER BY a.id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

pub(crate) fn versions(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ActionId,
    page: &Page<u32>,
) -> Result<Listed<Action>> {
    let rows = query(
        "SELECT a.id, a.workspace_id, v.version, v.definition, a.created_at,
                v.created_at AS updated_at
         FROM actions a
         JOIN action_versions v ON v.workspace_id = a.workspace_id AND v.action_id = a.id
         WHERE a.workspace_id = $1 AND a.id = $2 AND NOT a.deleted AND v.version < $3
         ORDER BY v.version DESC LIMIT $4",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(page.before.map_or(i64::MAX, i64::from))
    .bind(page.fetch())
    .fetch_all(conn)?;
    if rows.is_empty() {
        exists(conn, workspace, id)?;
    }
    page.cut(&rows, read)
}

/// The same, and nobody else changes or removes it before the transaction ends.
pub(crate) fn hold(conn: &mut Conn, workspace: WorkspaceId, id: ActionId) -> Result<()> {
    found(presence(workspace, id).for_update(), conn)
}

/// `NotFound` unless there is such an action.
pub(crate) fn exists(conn: &mut Conn, workspace: WorkspaceId, id: ActionId) -> Result<()> {
    found(presence(workspace, id), conn)
}

fn presence(workspace: WorkspaceId, id: ActionId) -> Query<'static> {
    query("SELECT 1 FROM actions WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
}

/// `NotFound` unless the statement finds a row.
pub(crate) fn found(query: Query<'_>, conn: &mut Conn) -> Result<()> {
    query
        .fetch_optional(conn)?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

/// Reads an action joined with one of its versions.
pub(crate) fn read(row: &Row) -> Result<Action> {
    Ok(Action {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        version: count(row, "version")?,
        definition: json(row, "definition")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
