//! The secrets that events are signed with, sealed.

use deskhand_domain::id::{EndpointId, WorkspaceId};
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use super::endpoint;
use crate::Result;
use crate::row::{Conn, get, hex, ms};
use crate::sql::query;
use crate::vault::{DataKey, Place, Vault};

/// A secret as stored.
#[derive(Debug)]
pub(crate) struct Sealed {
    id: String,
    text: String,
}

/// What a secret is sealed to, besides its workspace: its row, and whose it is.
fn row(endpoint: EndpointId, id: &str) -> String {
    format!("{endpoint}/{id}")
}

fn place(workspace: WorkspaceId, row: &str) -> Place<'_> {
    Place {
        workspace,
        table: "event_secrets",
        column: "sealed",
        row,
    }
}

pub(crate) fn seal(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    secret: &Secret,
) -> Result<Sealed> {
    let mut bytes = [0; 16];
    vault.entropy().fill(&mut bytes);
    let id = hex(&bytes);
    let text = vault.seal(key, place(workspace, &row(endpoint, &id)), secret)?;
    Ok(Sealed { id, text })
}

/// Stores a secret as the current one.
pub(crate) fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    new: &Sealed,
) -> Result<()> {
    query(
        "INSERT INTO event_secrets (workspace_id, id, endpoint_id, seq, sealed)
         VALUES ($1, $2, $3,
             (SELECT COALESCE(MAX(seq), 0) + 1 FROM event_secrets
              WHERE workspace_id = $1 AND endpoint_id = $3),
             $4)",
    )
    .bind(workspace.to_string())
    .bind(new.id.as_str())
    .bind(endpoint.to_string())
    .bind(new.text.as_str())
    .execute(conn)?;
    Ok(())
}

/// Makes a secret the current one. Those that have expired go for good.
pub(crate) fn rotate(
    conn: &mut Conn,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    new: &Sealed,
    now: Timestamp,
    old_until: Timestamp,
) -> Result<()> {
    endpoint::held(conn, workspace, endpoint)?;
    query(
        "UPDATE event_secrets SET expires_at = $3
         WHERE workspace_id = $1 AND endpoint_id = $2
           AND (expires_at IS NULL OR expires_at > $3)",
    )
    .bind(workspace.to_string())
    .bind(endpoint.to_string())
    .bind(ms(old_until))
    .execute(conn)?;
    insert(conn, workspace, endpoint, new)?;
    query(
        "DELETE FROM event_secrets
         WHERE workspace_id = $1 AND endpoint_id = $2 AND expires_at <= $3",
    )
    .bind(workspace.to_string())
    .bind(endpoint.to_string())
    .bind(ms(now))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn delete(conn: &mut Conn, workspace: WorkspaceId, endpoint: EndpointId) -> Result<()> {
    query("DELETE FROM event_secrets WHERE workspace_id = $1 AND endpoint_id = $2")
        .bind(workspace.to_string())
        .bind(endpoint.to_string())
        .execute(conn)?;
    Ok(())
}

/// Those that are valid, the newest first.
pub(crate) fn valid(
    conn: &mut Conn,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Vec<Sealed>> {
    let rows = query(
        "SELECT id, sealed FROM event_secrets
         WHERE workspace_id = $1 AND endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $3)
         ORDER BY seq DESC",
    )
    .bind(workspace.to_string())
    .bind(endpoint.to_string())
    .bind(ms(now))
    .fetch_all(conn)?;
    if rows.is_empty() {
        endpoint::one(conn, workspace, endpoint)?;
    }
    rows.iter()
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
    endpoint: EndpointId,
    sealed: &[Sealed],
) -> Result<Vec<Secret>> {
    sealed
        .iter()
        .map(|one| vault.open(key, place(workspace, &row(endpoint, &one.id)), &one.text))
        .collect()
}
