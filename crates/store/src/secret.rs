//! The secrets of actions: header values and signing secrets, sealed.

use deskhand_domain::action::Action;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use crate::row::{Conn, get, hex, ms, time_opt};
use crate::sql::query;
use crate::vault::{DataKey, Place, Vault};
use crate::{ActionSecrets, Result, StoreError, StoredSigningSecret, action};

/// A secret ready for its row.
#[derive(Debug)]
pub(crate) struct Sealed {
    id: String,
    kind: &'static str,
    name: String,
    text: String,
    expires_at: Option<Timestamp>,
}

const HEADER: &str = "header";
const SIGNING: &str = "signing";

/// What a secret is sealed to, besides its workspace: its row, and what the row says of it, so that
/// a row changed to serve another action or header does not open either.
fn row(action: ActionId, kind: &str, name: &str, id: &str) -> String {
    format!("{action}/{kind}/{name}/{id}")
}

fn place(workspace: WorkspaceId, row: &str) -> Place<'_> {
    Place {
        workspace,
        table: "secrets",
        column: "sealed",
        row,
    }
}

fn new_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hex(&bytes)
}

fn seal(
    vault: &Vault,
    key: &DataKey,
    (workspace, action): (WorkspaceId, ActionId),
    kind: &'static str,
    name: &str,
    secret: &Secret,
) -> Result<Sealed> {
    let id = new_id(vault.entropy());
    let text = vault.seal(key, place(workspace, &row(action, kind, name, &id)), secret)?;
    Ok(Sealed {
        id,
        kind,
        name: name.to_owned(),
        text,
        expires_at: None,
    })
}

/// Seals new header values. `Conflict` if the action has no such secret header.
pub(crate) fn seal_headers(
    vault: &Vault,
    key: &DataKey,
    action: &Action,
    headers: &[(String, Secret)],
) -> Result<Vec<Sealed>> {
    headers
        .iter()
        .map(|(name, secret)| {
            let known = &action.definition.headers;
            if !known.iter().any(|h| h.has_secret && h.name == *name) {
                return Err(StoreError::Conflict(
                    "a secret was given for a header that the action does not have",
                ));
            }
            let of = (action.workspace_id, action.id);
            seal(vault, key, of, HEADER, name, secret)
        })
        .collect()
}

/// Seals all secrets of a new action. The current signing secret is sealed last, as
/// [`insert`] wants it.
pub(crate) fn seal_all(
    vault: &Vault,
    key: &DataKey,
    action: &Action,
    secrets: &ActionSecrets,
) -> Result<Vec<Sealed>> {
    let mut sealed = seal_headers(vault, key, action, &secrets.headers)?;
    let of = (action.workspace_id, action.id);
    for one in secrets.signing.iter().rev() {
        sealed.push(seal_signing(vault, key, of, &one.secret, one.expires_at)?);
    }
    Ok(sealed)
}

/// Seals a signing secret.
pub(crate) fn seal_signing(
    vault: &Vault,
    key: &DataKey,
    of: (WorkspaceId, ActionId),
    secret: &Secret,
    expires_at: Option<Timestamp>,
) -> Result<Sealed> {
    Ok(Sealed {
        expires_at,
        ..seal(vault, key, of, SIGNING, "", secret)?
    })
}

/// Stores secrets; a header's old value is replaced. Signing secrets count up in the order given,
/// so the current one comes last.
pub(crate) fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    secrets: &[Sealed],
) -> Result<()> {
    for secret in secrets {
        if secret.kind == HEADER {
            delete_header(conn, workspace, action, &secret.name)?;
        }
        query(
            "INSERT INTO secrets
                 (workspace_id, id, action_id, kind, name, seq, sealed, expires_at)
             VALUES ($1, $2, $3, $4, $5,
                 (SELECT COALESCE(MAX(seq), 0) + 1 FROM secrets
                  WHERE workspace_id = $1 AND action_id = $3 AND kind = $4 AND name = $5),
                 $6, $7)",
        )
        .bind(workspace.to_string())
        .bind(secret.id.as_str())
        .bind(action.to_string())
        .bind(secret.kind)
        .bind(secret.name.as_str())
        .bind(secret.text.as_str())
        .bind(secret.expires_at.map(ms))
        .execute(conn)?;
    }
    Ok(())
}

/// Removes the values of headers that the action no longer has, or that are no longer secret.
pub(crate) fn keep_headers(conn: &mut Conn, action: &Action) -> Result<()> {
    let rows = query(
        "SELECT name FROM secrets WHERE workspace_id = $1 AND action_id = $2 AND kind = 'header'",
    )
    .bind(action.workspace_id.to_string())
    .bind(action.id.to_string())
    .fetch_all(conn)?;
    for row in &rows {
        let name: &str = get(row, "name")?;
        let headers = &action.definition.headers;
        if !headers.iter().any(|h| h.has_secret && h.name == name) {
            delete_header(conn, action.workspace_id, action.id, name)?;
        }
    }
    Ok(())
}

fn delete_header(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    name: &str,
) -> Result<()> {
    query(
        "DELETE FROM secrets
         WHERE workspace_id = $1 AND action_id = $2 AND kind = 'header' AND name = $3",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(name)
    .execute(conn)?;
    Ok(())
}

/// Makes a new signing secret the current one. Those that have expired go for good.
pub(crate) fn rotate(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    new: &Sealed,
    now: Timestamp,
    old_until: Timestamp,
) -> Result<()> {
    // Of two at once the second counts on from the first.
    action::hold(conn, workspace, action)?;
    query(
        "UPDATE secrets SET expires_at = $3
         WHERE workspace_id = $1 AND action_id = $2 AND kind = 'signing'
           AND (expires_at IS NULL OR expires_at > $3)",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(ms(old_until))
    .execute(conn)?;
    insert(conn, workspace, action, std::slice::from_ref(new))?;
    query(
        "DELETE FROM secrets
         WHERE workspace_id = $1 AND action_id = $2 AND kind = 'signing' AND expires_at <= $3",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(ms(now))
    .execute(conn)?;
    Ok(())
}

/// One secret as stored, not opened yet.
pub(crate) struct Stored {
    id: String,
    kind: String,
    name: String,
    text: String,
    expires_at: Option<Timestamp>,
}

/// The secrets of an action that are valid at `now`: headers, then signing secrets, the newest first.
pub(crate) fn valid(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    now: Timestamp,
) -> Result<Vec<Stored>> {
    let rows = query(
        "SELECT id, kind, name, sealed, expires_at FROM secrets
         WHERE workspace_id = $1 AND action_id = $2 AND (expires_at IS NULL OR expires_at > $3)
         ORDER BY kind, name, seq DESC",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(ms(now))
    .fetch_all(conn)?;
    if rows.is_empty() {
        action::exists(conn, workspace, action)?;
    }
    rows.iter()
        .map(|row| {
            Ok(Stored {
                id: get(row, "id")?,
                kind: get(row, "kind")?,
                name: get(row, "name")?,
                text: get(row, "sealed")?,
                expires_at: time_opt(row, "expires_at")?,
            })
        })
        .collect()
}

/// Opens them.
pub(crate) fn open(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    action: ActionId,
    stored: Vec<Stored>,
) -> Result<ActionSecrets> {
    let mut secrets = ActionSecrets::default();
    for one in stored {
        let row = row(action, &one.kind, &one.name, &one.id);
        let secret = vault.open(key, place(workspace, &row), &one.text)?;
        if one.kind == HEADER {
            secrets.headers.push((one.name, secret));
        } else {
            secrets.signing.push(StoredSigningSecret {
                secret,
                expires_at: one.expires_at,
            });
        }
    }
    Ok(secrets)
}
