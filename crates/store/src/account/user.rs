//! Accounts.

use deskhand_domain::account::{Email, Member, User};
use deskhand_domain::id::{SessionId, UserId, WorkspaceId};
use deskhand_domain::secret::Secret;

use super::{AccountChanges, Credentials};
use crate::error::unless_unique;
use crate::row::{Conn, Row, damaged, get, ms, parse, time, time_opt};
use crate::sql::{Query, query};
use crate::{Listed, Page, Result, StoreError, page, workspace};

/// What the index of addresses refuses.
pub(super) const TAKEN: StoreError = StoreError::Taken { field: "email" };

pub(super) fn insert(conn: &mut Conn, new: &Credentials) -> Result<()> {
    let user = &new.user;
    query(
        "INSERT INTO users
             (workspace_id, id, email, email_key, name, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(user.workspace_id.to_string())
    .bind(user.id.to_string())
    .bind(user.email.as_str())
    .bind(user.email.key())
    .bind(user.name.as_str())
    .bind(new.password_hash.expose())
    .bind(ms(user.created_at))
    .execute(conn)
    .map_err(|e| unless_unique(e, TAKEN))?;
    Ok(())
}

pub(crate) fn by_email(conn: &mut Conn, email: &Email) -> Result<Option<Credentials>> {
    query("SELECT * FROM users WHERE email_key = $1")
        .bind(email.key())
        .fetch_optional(conn)?
        .map(|row| read_credentials(&row))
        .transpose()
}

pub(crate) fn credentials(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: UserId,
) -> Result<Credentials> {
    let row = by_id(workspace, id).fetch_optional(conn)?;
    read_credentials(&row.ok_or(StoreError::NotFound)?)
}

fn by_id(workspace: WorkspaceId, id: UserId) -> Query<'static> {
    query("SELECT * FROM users WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
}

pub(super) fn one(conn: &mut Conn, workspace: WorkspaceId, id: UserId) -> Result<User> {
    Ok(credentials(conn, workspace, id)?.user)
}

pub(crate) fn update(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: UserId,
    changes: &AccountChanges,
) -> Result<User> {
    // What is not changed is written as it was read.
    let stored = by_id(workspace, id).for_update().fetch_optional(conn)?;
    let stored = read_credentials(&stored.ok_or(StoreError::NotFound)?)?;
    let email = changes.email.as_ref().unwrap_or(&stored.user.email);
    let name = changes.name.as_ref().unwrap_or(&stored.user.name);
    let (hash, keep) = match &changes.password {
        Some((hash, keep)) => (hash, Some(*keep)),
        None => (&stored.password_hash, None),
    };
    query(
        "UPDATE users SET email = $3, email_key = $4, name = $5, password_hash = $6
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(email.as_str())
    .bind(email.key())
    .bind(name.as_str())
    .bind(hash.expose())
    .execute(conn)
    .map_err(|e| unless_unique(e, TAKEN))?;
    if let Some(keep) = keep {
        end_access(conn, workspace, id, Some(keep))?;
    }
    one(conn, workspace, id)
}

/// Ends all sessions of somebody but one, and what else would sign them in.
fn end_access(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: UserId,
    keep: Option<SessionId>,
) -> Result<()> {
    query("DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2 AND id <> $3")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .bind(keep.map(|id| id.to_string()).unwrap_or_default())
        .execute(conn)?;
    query("DELETE FROM sign_in_links WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    Ok(())
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<UserId>,
) -> Result<Listed<Member>> {
    let rows =
        query("SELECT * FROM users WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
            .bind(workspace.to_string())
            .bind(page::bound(page))
            .bind(page.fetch())
            .fetch_all(conn)?;
    page.cut(&rows, |row| {
        Ok(Member {
            user: read(row)?,
            last_seen_at: time_opt(row, "last_seen_at")?,
        })
    })
}

pub(crate) fn delete(conn: &mut Conn, workspace: WorkspaceId, id: UserId) -> Result<()> {
    // Of two at once that would remove each other, the second sees that the first has.
    workspace::hold(conn, workspace)?;
    let some = query("SELECT id FROM users WHERE workspace_id = $1 LIMIT 2")
        .bind(workspace.to_string())
        .fetch_all(conn)?;
    if let [last] = some.as_slice()
        && parse::<UserId>(last, "id")? == id
    {
        return Err(StoreError::LastMember);
    }
    end_access(conn, workspace, id, None)?;
    let done = query("DELETE FROM users WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .execute(conn)?;
    match done {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

fn read_credentials(row: &Row) -> Result<Credentials> {
    Ok(Credentials {
        user: read(row)?,
        password_hash: Secret::new(get::<&str>(row, "password_hash")?),
    })
}

fn read(row: &Row) -> Result<User> {
    Ok(User {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        name: get(row, "name")?,
        email: email(row, "email")?,
        created_at: time(row, "created_at")?,
    })
}

pub(super) fn email(row: &Row, column: &str) -> Result<Email> {
    Email::parse(get(row, column)?).map_err(|e| damaged(column, e))
}
