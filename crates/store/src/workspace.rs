//! Workspaces.

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::workspace::{ApiKey, Workspace};

use crate::row::{Conn, Row, get, ms, parse, time};
use crate::sql::query;
use crate::widget::origin;
use crate::{Result, StoreError, account, key};

pub(crate) fn first(conn: &mut Conn) -> Result<Option<Workspace>> {
    query("SELECT id, name, created_at FROM workspaces ORDER BY id LIMIT 1")
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .transpose()
}

pub(crate) fn insert(conn: &mut Conn, workspace: &Workspace, data_key: &str) -> Result<()> {
    query("INSERT INTO workspaces (id, name, data_key, created_at) VALUES ($1, $2, $3, $4)")
        .bind(workspace.id.to_string())
        .bind(workspace.name.as_str())
        .bind(data_key)
        .bind(ms(workspace.created_at))
        .execute(conn)?;
    Ok(())
}

/// False: there is one already.
pub(crate) fn insert_first(
    conn: &mut Conn,
    workspace: &Workspace,
    data_key: &str,
    key: &ApiKey,
    hash: [u8; 32],
) -> Result<bool> {
    account::alone(conn)?;
    if first(conn)?.is_some() {
        return Ok(false);
    }
    insert(conn, workspace, data_key)?;
    key::insert(conn, key, hash)?;
    Ok(true)
}

pub(crate) fn one(conn: &mut Conn, id: WorkspaceId) -> Result<Workspace> {
    let row = query("SELECT id, name, created_at FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    read(&row)
}

/// Nobody else who holds it goes on before the transaction ends: for what is decided by looking at many
/// rows of the workspace. Others may still add rows that refer to it.
pub(crate) fn hold(conn: &mut Conn, id: WorkspaceId) -> Result<()> {
    query("SELECT 1 FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .for_update()
        .fetch_optional(conn)?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

pub(crate) fn rename(conn: &mut Conn, id: WorkspaceId, name: &str) -> Result<Workspace> {
    query("UPDATE workspaces SET name = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(name)
        .execute(conn)?;
    one(conn, id)
}

/// Changes what is given, all of it or nothing.
pub(crate) fn change(
    conn: &mut Conn,
    id: WorkspaceId,
    name: Option<&str>,
    widget_origins: Option<&[String]>,
) -> Result<()> {
    if let Some(name) = name {
        rename(conn, id, name)?;
    }
    if let Some(origins) = widget_origins {
        hold(conn, id)?;
        origin::put(conn, id, origins)?;
    }
    Ok(())
}

/// The wrapped data key.
pub(crate) fn data_key(conn: &mut Conn, id: WorkspaceId) -> Result<String> {
    let row = query("SELECT data_key FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    get(&row, "data_key")
}

/// Counts up the changes of a workspace's agents and actions.
pub(crate) fn touch(conn: &mut Conn, id: WorkspaceId) -> Result<()> {
    query("UPDATE workspaces SET revision = revision + 1 WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)?;
    Ok(())
}

/// How many changes there have been.
pub(crate) fn revision(conn: &mut Conn, id: WorkspaceId) -> Result<i64> {
    let row = query("SELECT revision FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    get(&row, "revision")
}

fn read(row: &Row) -> Result<Workspace> {
    Ok(Workspace {
        id: parse(row, "id")?,
        name: get(row, "name")?,
        created_at: time(row, "created_at")?,
    })
}
