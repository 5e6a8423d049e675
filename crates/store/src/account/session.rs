//! Sessions.

use deskhand_domain::account::Session;
use deskhand_domain::id::{SessionId, UserId, WorkspaceId};
use jiff::Timestamp;

use super::{NewSession, OpenSession, TokenHash, user};
use crate::row::{Conn, Row, get, hex, ms, parse, time};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page, workspace};

/// Begins one; those of the workspace that have ended by themselves are forgotten.
pub(crate) fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
    new: &NewSession,
) -> Result<OpenSession> {
    query("DELETE FROM sessions WHERE workspace_id = $1 AND expires_at <= $2")
        .bind(workspace.to_string())
        .bind(ms(new.now))
        .execute(conn)?;
    if let Some(before) = new.replaces {
        query("DELETE FROM sessions WHERE hash = $1")
            .bind(hex(&before))
            .execute(conn)?;
    }
    query(
        "INSERT INTO sessions
             (workspace_id, id, user_id, hash, user_agent, created_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
    )
    .bind(workspace.to_string())
    .bind(new.id.to_string())
    .bind(user.to_string())
    .bind(hex(&new.hash))
    .bind(new.user_agent.as_deref())
    .bind(ms(new.now))
    .bind(ms(new.expires_at))
    .execute(conn)?;
    seen(conn, workspace, user, new.now)?;
    let session = Session {
        id: new.id,
        workspace_id: workspace,
        user_id: user,
        created_at: new.now,
        last_used_at: new.now,
        user_agent: new.user_agent.clone(),
        expires_at: new.expires_at,
    };
    whole(conn, session)
}

pub(crate) fn by_hash(
    conn: &mut Conn,
    hash: TokenHash,
    now: Timestamp,
) -> Result<Option<OpenSession>> {
    query("SELECT * FROM sessions WHERE hash = $1 AND expires_at > $2")
        .bind(hex(&hash))
        .bind(ms(now))
        .fetch_optional(conn)?
        .map(|row| whole(conn, read(&row)?))
        .transpose()
}

fn whole(conn: &mut Conn, session: Session) -> Result<OpenSession> {
    Ok(OpenSession {
        user: user::one(conn, session.workspace_id, session.user_id)?,
        workspace: workspace::one(conn, session.workspace_id)?,
        session,
    })
}

pub(crate) fn touch(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    let row = query("SELECT user_id FROM sessions WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?;
    // It may have been ended meanwhile.
    let Some(row) = row else { return Ok(()) };
    query(
        "UPDATE sessions SET last_used_at = $3, expires_at = $4
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(ms(now))
    .bind(ms(expires_at))
    .execute(conn)?;
    seen(conn, workspace, parse(&row, "user_id")?, now)
}

fn seen(conn: &mut Conn, workspace: WorkspaceId, user: UserId, now: Timestamp) -> Result<()> {
    query("UPDATE users SET last_seen_at = $3 WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(user.to_string())
        .bind(ms(now))
        .execute(conn)?;
    Ok(())
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
    now: Timestamp,
    page: &Page<SessionId>,
) -> Result<Listed<Session>> {
    let rows = query(
        "SELECT * FROM sessions
         WHERE workspace_id = $1 AND user_id = $2 AND expires_at > $3 AND id < $4
         ORDER BY id DESC LIMIT $5",
    )
    .bind(workspace.to_string())
    .bind(user.to_string())
    .bind(ms(now))
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

pub(crate) fn delete(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
    id: SessionId,
) -> Result<()> {
    let done = query("DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2 AND id = $3")
        .bind(workspace.to_string())
        .bind(user.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        user_id: parse(row, "user_id")?,
        created_at: time(row, "created_at")?,
        last_used_at: time(row, "last_used_at")?,
        user_agent: get(row, "user_agent")?,
        expires_at: time(row, "expires_at")?,
    })
}
