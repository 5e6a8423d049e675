//! The origins from which widgets may be used.

use deskhand_domain::id::WorkspaceId;

use crate::Result;
use crate::row::{Conn, get};
use crate::sql::query;

pub(crate) fn list(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<String>> {
    query("SELECT origin FROM widget_origins WHERE workspace_id = $1 ORDER BY position")
        .bind(workspace.to_string())
        .fetch_all(conn)?
        .iter()
        .map(|row| get(row, "origin"))
        .collect()
}

pub(crate) fn put(conn: &mut Conn, workspace: WorkspaceId, origins: &[String]) -> Result<()> {
    query("DELETE FROM widget_origins WHERE workspace_id = $1")
        .bind(workspace.to_string())
        .execute(conn)?;
    for (position, origin) in (0_i64..).zip(origins) {
        query("INSERT INTO widget_origins (workspace_id, origin, position) VALUES ($1, $2, $3)")
            .bind(workspace.to_string())
            .bind(origin.as_str())
            .bind(position)
            .execute(conn)?;
    }
    Ok(())
}

/// Whether it is any workspace's.
pub(crate) fn is_known(conn: &mut Conn, origin: &str) -> Result<bool> {
    let row = query("SELECT 1 FROM widget_origins WHERE origin = $1 LIMIT 1")
        .bind(origin)
        .fetch_optional(conn)?;
    Ok(row.is_some())
}
