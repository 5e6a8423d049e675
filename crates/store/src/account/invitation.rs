//! Invitations.

use deskhand_domain::account::{Invitation, User};
use deskhand_domain::id::{InvitationId, WorkspaceId};
use jiff::Timestamp;

use super::{AcceptInvitation, Credentials, OpenSession, TokenHash, session, user};
use crate::row::{Conn, Row, hex, ms, parse, time};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page, workspace};

pub(crate) fn insert(conn: &mut Conn, new: &Invitation, token: TokenHash) -> Result<()> {
    // Of two to the same address at once the second replaces the first.
    workspace::hold(conn, new.workspace_id)?;
    let member = query("SELECT id FROM users WHERE workspace_id = $1 AND email_key = $2")
        .bind(new.workspace_id.to_string())
        .bind(new.email.key())
        .fetch_optional(conn)?;
    if member.is_some() {
        return Err(user::TAKEN);
    }
    query("DELETE FROM invitations WHERE workspace_id = $1 AND email_key = $2")
        .bind(new.workspace_id.to_string())
        .bind(new.email.key())
        .execute(conn)?;
    query(
        "INSERT INTO invitations
             (workspace_id, id, hash, email, email_key, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new.workspace_id.to_string())
    .bind(new.id.to_string())
    .bind(hex(&token))
    .bind(new.email.as_str())
    .bind(new.email.key())
    .bind(ms(new.created_at))
    .bind(ms(new.expires_at))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<InvitationId>,
) -> Result<Listed<Invitation>> {
    let rows = query(
        "SELECT * FROM invitations WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

pub(crate) fn delete(conn: &mut Conn, workspace: WorkspaceId, id: InvitationId) -> Result<()> {
    let done = query("DELETE FROM invitations WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub(crate) fn works(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<bool> {
    Ok(open(conn, token, now)?.is_some())
}

fn open(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<Option<Invitation>> {
    query("SELECT * FROM invitations WHERE hash = $1 AND expires_at > $2")
        .bind(hex(&token))
        .bind(ms(now))
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .transpose()
}

pub(crate) fn accept(conn: &mut Conn, accept: &AcceptInvitation) -> Result<Option<OpenSession>> {
    let now = accept.session.now;
    let Some(invitation) = open(conn, accept.token, now)? else {
        return Ok(None);
    };
    // Whoever removes the row has accepted.
    match delete(conn, invitation.workspace_id, invitation.id) {
        Err(StoreError::NotFound) => return Ok(None),
        done => done?,
    }
    let new = Credentials {
        user: User {
            id: accept.user_id,
            workspace_id: invitation.workspace_id,
            name: accept.name.clone(),
            email: invitation.email,
            created_at: now,
        },
        password_hash: accept.password_hash.clone(),
    };
    user::insert(conn, &new)?;
    session::insert(conn, new.user.workspace_id, new.user.id, &accept.session).map(Some)
}

fn read(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        email: user::email(row, "email")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
