//! API keys.

use deskhand_domain::id::{KeyId, WorkspaceId};
use deskhand_domain::workspace::ApiKey;
use jiff::Timestamp;

use crate::error::unless_unique;
use crate::row::{Conn, Row, get, hex, ms, parse, parse_opt, time, time_opt};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page, workspace};

pub(crate) fn insert(conn: &mut Conn, key: &ApiKey, hash: [u8; 32]) -> Result<()> {
    query(
        "INSERT INTO api_keys
             (workspace_id, id, hash, name, prefix, scope, agent_id, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(key.workspace_id.to_string())
    .bind(key.id.to_string())
    .bind(hex(&hash))
    .bind(key.name.as_str())
    .bind(key.prefix.as_str())
    .bind(key.scope.as_str())
    .bind(key.agent_id.map(|id| id.to_string()))
    .bind(key.expires_at.map(ms))
    .bind(ms(key.created_at))
    .execute(conn)
    .map_err(|e| unless_unique(e, StoreError::Taken { field: "key" }))?;
    Ok(())
}

pub(crate) fn by_hash(conn: &mut Conn, hash: [u8; 32]) -> Result<Option<ApiKey>> {
    query("SELECT * FROM api_keys WHERE hash = $1")
        .bind(hex(&hash))
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .transpose()
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<KeyId>,
) -> Result<Listed<ApiKey>> {
    let rows = query(
        "SELECT * FROM api_keys WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

pub(crate) fn delete(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: KeyId,
    now: Timestamp,
) -> Result<()> {
    // Of two at once that would remove the last two, the second sees that the first has.
    workspace::hold(conn, workspace)?;
    let live = query(
        "SELECT id FROM api_keys
         WHERE workspace_id = $1 AND scope = 'admin' AND (expires_at IS NULL OR expires_at > $2)
         LIMIT 2",
    )
    .bind(workspace.to_string())
    .bind(ms(now))
    .fetch_all(conn)?;
    if let [last] = live.as_slice()
        && parse::<KeyId>(last, "id")? == id
    {
        return Err(StoreError::LastAdminKey);
    }
    let done = query("DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

fn read(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        name: get(row, "name")?,
        prefix: get(row, "prefix")?,
        scope: parse(row, "scope")?,
        agent_id: parse_opt(row, "agent_id")?,
        expires_at: time_opt(row, "expires_at")?,
        created_at: time(row, "created_at")?,
    })
}
