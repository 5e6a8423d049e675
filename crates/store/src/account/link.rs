//! Links that sign somebody in, once.

use deskhand_domain::id::{UserId, WorkspaceId};
use jiff::Timestamp;

use super::{NewSession, OpenSession, TokenHash, session};
use crate::Result;
use crate::row::{Conn, hex, ms, parse};
use crate::sql::query;

pub(crate) fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<()> {
    query(
        "INSERT INTO sign_in_links (workspace_id, hash, user_id, expires_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(workspace.to_string())
    .bind(hex(&token))
    .bind(user.to_string())
    .bind(ms(expires_at))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn redeem(
    conn: &mut Conn,
    token: TokenHash,
    new: &NewSession,
) -> Result<Option<OpenSession>> {
    let row = query(
        "SELECT workspace_id, user_id FROM sign_in_links WHERE hash = $1 AND expires_at > $2",
    )
    .bind(hex(&token))
    .bind(ms(new.now))
    .fetch_optional(conn)?;
    let Some(row) = row else { return Ok(None) };
    // Whoever removes the row uses the link.
    let used = query("DELETE FROM sign_in_links WHERE hash = $1")
        .bind(hex(&token))
        .execute(conn)?;
    if used == 0 {
        return Ok(None);
    }
    let (workspace, user) = (parse(&row, "workspace_id")?, parse(&row, "user_id")?);
    session::insert(conn, workspace, user, new).map(Some)
}
