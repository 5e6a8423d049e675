//! The first account.

use jiff::Timestamp;

use super::{Credentials, SetUp, SetUpDone, TokenHash, session, user};
use crate::row::{Conn, hex, ms};
use crate::sql::query;
use crate::{Result, workspace};

pub(crate) fn any_user(conn: &mut Conn) -> Result<bool> {
    let row = query("SELECT id FROM users LIMIT 1").fetch_optional(conn)?;
    Ok(row.is_some())
}

pub(crate) fn put(conn: &mut Conn, token: TokenHash, expires_at: Timestamp) -> Result<bool> {
    alone(conn)?;
    if any_user(conn)? {
        return Ok(false);
    }
    query("DELETE FROM setup_tokens").execute(conn)?;
    query("INSERT INTO setup_tokens (hash, expires_at) VALUES ($1, $2)")
        .bind(hex(&token))
        .bind(ms(expires_at))
        .execute(conn)?;
    Ok(true)
}

pub(crate) fn works(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<bool> {
    let row = query("SELECT hash FROM setup_tokens WHERE hash = $1 AND expires_at > $2")
        .bind(hex(&token))
        .bind(ms(now))
        .fetch_optional(conn)?;
    Ok(row.is_some())
}

/// The set-up is one node's at a time. No row stands for it, so the tokens' table does.
pub(crate) fn alone(conn: &mut Conn) -> Result<()> {
    if conn.is_postgres() {
        conn.batch("LOCK TABLE setup_tokens IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// `data_key` is the wrapped key of the workspace, if it has to be made.
pub(crate) fn set_up(conn: &mut Conn, new: &SetUp, data_key: &str) -> Result<SetUpDone> {
    alone(conn)?;
    if any_user(conn)? {
        return Ok(SetUpDone::AlreadySetUp);
    }
    let used = query("DELETE FROM setup_tokens WHERE hash = $1 AND expires_at > $2")
        .bind(hex(&new.token))
        .bind(ms(new.session.now))
        .execute(conn)?;
    if used == 0 {
        return Ok(SetUpDone::TokenInvalid);
    }
    query("DELETE FROM setup_tokens").execute(conn)?;
    let id = match workspace::first(conn)? {
        Some(there) => workspace::rename(conn, there.id, &new.workspace.name)?.id,
        None => {
            workspace::insert(conn, &new.workspace, data_key)?;
            new.workspace.id
        }
    };
    let mut first: Credentials = new.first.clone();
    first.user.workspace_id = id;
    user::insert(conn, &first)?;
    let open = session::insert(conn, id, first.user.id, &new.session)?;
    Ok(SetUpDone::Done(Box::new(open)))
}
