//! The secrets by which host sites prove who their customers are, sealed.

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use super::IdentitySecret;
use crate::row::{Conn, get, hex, ms};
use crate::sql::query;
use crate::vault::{DataKey, Place, Vault};
use crate::{Result, workspace};

/// A secret as stored.
#[derive(Debug)]
pub(crate) struct Sealed {
    id: String,
    text: String,
}

fn place(workspace: WorkspaceId, id: &str) -> Place<'_> {
    Place {
        workspace,
        table: "identity_secrets",
        column: "sealed",
        row: id,
    }
}

pub(crate) fn seal(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    secret: &Secret,
) -> Result<Sealed> {
    let mut bytes = [0; 16];
    vault.entropy().fill(&mut bytes);
    let id = hex(&bytes);
    let text = vault.seal(key, place(workspace, &id), secret)?;
    Ok(Sealed { id, text })
}

/// Makes a secret the current one. Those that have expired go for good.
pub(crate) fn rotate(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &Sealed,
    now: Timestamp,
    old_until: Timestamp,
) -> Result<()> {
    // Of two at once the second replaces the first.
    workspace::hold(conn, workspace)?;
    query(
        "UPDATE identity_secrets SET expires_at = $2
         WHERE workspace_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(workspace.to_string())
    .bind(ms(old_until))
    .execute(conn)?;
    query(
        "INSERT INTO identity_secrets (workspace_id, id, sealed, created_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(workspace.to_string())
    .bind(new.id.as_str())
    .bind(new.text.as_str())
    .bind(ms(now))
    .execute(conn)?;
    query("DELETE FROM identity_secrets WHERE workspace_id = $1 AND expires_at <= $2")
        .bind(workspace.to_string())
        .bind(ms(now))
        .execute(conn)?;
    Ok(())
}

/// Those that are valid, the newest first.
pub(crate) fn valid(
    conn: &mut Conn,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<Sealed>> {
    query(
        "SELECT id, sealed FROM identity_secrets
         WHERE workspace_id = $1 AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY created_at DESC, id",
    )
    .bind(workspace.to_string())
    .bind(ms(now))
    .fetch_all(conn)?
    .iter()
    .map(|row| {
        Ok(Sealed {
            id: get(row, "id")?,
            text: get(row, "sealed")?,
        })
    })
    .collect()
}

pub(crate) fn open(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    sealed: Vec<Sealed>,
) -> Result<Vec<IdentitySecret>> {
    sealed
        .into_iter()
        .map(|Sealed { id, text }| {
            let secret = vault.open(key, place(workspace, &id), &text)?;
            Ok(IdentitySecret { id, secret })
        })
        .collect()
}
