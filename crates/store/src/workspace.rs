//! Workspaces.

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::workspace::Workspace;

use crate::row::{Conn, Row, get, ms, parse, time};
use crate::sql::query;
use crate::{Result, StoreError};

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

/// The wrapped data key.
pub(crate) fn data_key(conn: &mut Conn, id: WorkspaceId) -> Result<String> {
    let row = query("SELECT data_key FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    get(&row, "data_key")
}

fn read(row: &Row) -> Result<Workspace> {
    Ok(Workspace {
        id: parse(row, "id")?,
        name: get(row, "name")?,
        created_at: time(row, "created_at")?,
    })
}
