//! What clients' Idempotency-Keys stand for (draft-ietf-httpapi-idempotency-key-header).

use std::fmt;

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{ConversationId, NodeId, TurnId, WorkspaceId};
use deskhand_domain::secret::Secret;
use jiff::Timestamp;

use crate::row::{Conn, count, get, hex, ms, parse_opt};
use crate::sql::query;
use crate::vault::{DataKey, Place, Vault};
use crate::{Result, StoreError};

/// A client's key about to be used.
#[derive(Debug, Clone)]
pub struct ClaimKey {
    /// The use that is made of it. The same one asked for again, because nothing was heard, is fresh
    /// again.
    pub id: ClaimId,
    /// The node that does the work.
    pub owner: NodeId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Method and path. The same key on another route is another key.
    pub route: String,
    /// The key, as the client chose it.
    pub key: String,
    /// SHA-256 of what is asked for.
    pub body_hash: [u8; 32],
    /// The present moment.
    pub now: Timestamp,
    /// Until when the answer is kept.
    pub keep_until: Timestamp,
}

/// One use of a client's key. Whoever holds it does the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimId(String);

impl ClaimId {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(hex(&bytes))
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The answer that a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body. It may hold secrets that were shown this once.
    pub body: Secret,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody has used the key: do the work, then settle or release.
    Fresh(ClaimId),
    /// The work was done before.
    Stored(StoredAnswer),
    /// The key stands for something else.
    OtherBody,
    /// The work is under way; if it is a chat that has begun, in this turn.
    Running(Option<(ConversationId, TurnId)>),
    /// The work ended without an answer of its own. What this turn left is the answer.
    Broken(ConversationId, TurnId),
    /// The work was done, all of it or a part, and its answer is lost. It must not be done again.
    Lost,
}

/// A claim as found in its row, not opened yet.
pub(crate) enum Found {
    Fresh(ClaimId),
    Stored {
        id: String,
        status: u16,
        sealed: String,
    },
    OtherBody,
    Running(Option<(ConversationId, TurnId)>),
    Broken(ConversationId, TurnId),
    Lost,
}

fn place(workspace: WorkspaceId, row: &str) -> Place<'_> {
    Place {
        workspace,
        table: "idempotency_keys",
        column: "sealed",
        row,
    }
}

/// What an answer is sealed to: its use of the key, and its status.
fn row(id: &str, status: u16) -> String {
    format!("{id}/{status}")
}

/// Seals an answer for its row.
pub(crate) fn seal(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    id: &ClaimId,
    answer: &StoredAnswer,
) -> Result<String> {
    let row = row(&id.0, answer.status);
    vault.seal(key, place(workspace, &row), &answer.body)
}

/// Opens what was found.
pub(crate) fn open(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    found: Found,
) -> Result<Claimed> {
    Ok(match found {
        Found::Fresh(id) => Claimed::Fresh(id),
        Found::OtherBody => Claimed::OtherBody,
        Found::Running(turn) => Claimed::Running(turn),
        Found::Broken(conversation, turn) => Claimed::Broken(conversation, turn),
        Found::Lost => Claimed::Lost,
        Found::Stored { id, status, sealed } => {
            let row = row(&id, status);
            let body = vault.open(key, place(workspace, &row), &sealed)?;
            Claimed::Stored(StoredAnswer { status, body })
        }
    })
}

/// Claims a key. What has expired is forgotten first.
pub(crate) fn claim(conn: &mut Conn, claim: &ClaimKey) -> Result<Found> {
    query(
        "DELETE FROM idempotency_keys
         WHERE workspace_id = $1 AND expires_at <= $2 AND state <> 'running'",
    )
    .bind(claim.workspace_id.to_string())
    .bind(ms(claim.now))
    .execute(conn)?;
    let body_hash = hex(&claim.body_hash);
    // The key may be given back between the two statements; then it is anybody's.
    let row = loop {
        if insert(conn, claim, &body_hash)? {
            return Ok(Found::Fresh(claim.id.clone()));
        }
        let there = query(
            "SELECT * FROM idempotency_keys
             WHERE workspace_id = $1 AND route = $2 AND client_key = $3",
        )
        .bind(claim.workspace_id.to_string())
        .bind(claim.route.as_str())
        .bind(claim.key.as_str())
        .fetch_optional(conn)?;
        if let Some(row) = there {
            break row;
        }
    };
    if get::<&str>(&row, "body_hash")? != body_hash {
        return Ok(Found::OtherBody);
    }
    let turn = parse_opt(&row, "conversation_id")?.zip(parse_opt(&row, "turn_id")?);
    match (get::<&str>(&row, "state")?, turn) {
        ("running", None) if get::<&str>(&row, "id")? == claim.id.0 => {
            Ok(Found::Fresh(claim.id.clone()))
        }
        ("running", turn) => Ok(Found::Running(turn)),
        ("stored", _) => Ok(Found::Stored {
            id: get(&row, "id")?,
            status: count(&row, "status")?,
            sealed: get(&row, "sealed")?,
        }),
        ("broken", Some((conversation, turn))) => Ok(Found::Broken(conversation, turn)),
        ("lost", _) => Ok(Found::Lost),
        (state, _) => Err(StoreError::Damaged(format!(
            "column state of idempotency_keys: {state}"
        ))),
    }
}

/// False: the key is there already.
fn insert(conn: &mut Conn, claim: &ClaimKey, body_hash: &str) -> Result<bool> {
    let made = query(
        "INSERT INTO idempotency_keys
             (workspace_id, route, client_key, id, body_hash, state, expires_at, owner)
         VALUES ($1, $2, $3, $4, $5, 'running', $6, $7)
         ON CONFLICT (workspace_id, route, client_key) DO NOTHING",
    )
    .bind(claim.workspace_id.to_string())
    .bind(claim.route.as_str())
    .bind(claim.key.as_str())
    .bind(claim.id.0.as_str())
    .bind(body_hash)
    .bind(ms(claim.keep_until))
    .bind(claim.owner.to_string())
    .execute(conn)?;
    Ok(made > 0)
}

/// Notes the turn that a claim's work has begun. `ClaimLost` if the claim is no longer held.
pub(crate) fn note_turn(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: &ClaimId,
    conversation: ConversationId,
    turn: TurnId,
) -> Result<()> {
    let done = query(
        "UPDATE idempotency_keys SET conversation_id = $3, turn_id = $4
         WHERE workspace_id = $1 AND id = $2 AND state = 'running' AND turn_id IS NULL",
    )
    .bind(workspace.to_string())
    .bind(id.0.as_str())
    .bind(conversation.to_string())
    .bind(turn.to_string())
    .execute(conn)?;
    match done {
        0 => Err(StoreError::ClaimLost),
        _ => Ok(()),
    }
}

/// Notes that a claim's work has stored something, in the transaction that does so. `ClaimLost` if the
/// claim is no longer held: then another may be doing the work, and nothing is stored.
pub(crate) fn note_worked(conn: &mut Conn, workspace: WorkspaceId, id: &ClaimId) -> Result<()> {
    let done = query(
        "UPDATE idempotency_keys SET worked = TRUE
         WHERE workspace_id = $1 AND id = $2 AND state = 'running'",
    )
    .bind(workspace.to_string())
    .bind(id.0.as_str())
    .execute(conn)?;
    match done {
        0 => Err(StoreError::ClaimLost),
        _ => Ok(()),
    }
}

/// Keeps the answer. Where the server failed after it had begun a turn, what the turn leaves is the
/// answer: it is gone on with. `ClaimLost` if the claim is no longer held.
pub(crate) fn settle(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: &ClaimId,
    status: u16,
    sealed: &str,
    keep_until: Timestamp,
) -> Result<()> {
    let done = query(
        "UPDATE idempotency_keys
         SET state = CASE WHEN $3 >= 500 AND turn_id IS NOT NULL THEN 'broken' ELSE 'stored' END,
             status = $3, sealed = $4, expires_at = $5
         WHERE workspace_id = $1 AND id = $2 AND state IN ('running', 'lost')",
    )
    .bind(workspace.to_string())
    .bind(id.0.as_str())
    .bind(i64::from(status))
    .bind(sealed)
    .bind(ms(keep_until))
    .execute(conn)?;
    match done {
        0 => Err(StoreError::ClaimLost),
        _ => Ok(()),
    }
}

/// Gives a key back. One whose work has begun a turn stands for what the turn leaves; one whose work
/// has stored something else must not be used again.
pub(crate) fn release(conn: &mut Conn, workspace: WorkspaceId, id: &ClaimId) -> Result<()> {
    query(
        "DELETE FROM idempotency_keys
         WHERE workspace_id = $1 AND id = $2 AND state = 'running' AND turn_id IS NULL
             AND NOT worked",
    )
    .bind(workspace.to_string())
    .bind(id.0.as_str())
    .execute(conn)?;
    query(
        "UPDATE idempotency_keys
         SET state = CASE WHEN turn_id IS NULL THEN 'lost' ELSE 'broken' END
         WHERE workspace_id = $1 AND id = $2 AND state = 'running'",
    )
    .bind(workspace.to_string())
    .bind(id.0.as_str())
    .execute(conn)?;
    Ok(())
}

/// Ends every claim of nodes that are gone, as [`release`] does, in all workspaces, and forgets what has expired.
pub(crate) fn interrupted(conn: &mut Conn, now: Timestamp) -> Result<()> {
    for sql in [
        "DELETE FROM idempotency_keys
         WHERE state = 'running' AND turn_id IS NULL AND NOT worked AND NOT EXISTS (
             SELECT 1 FROM nodes n
             WHERE n.id = idempotency_keys.owner AND n.lease_until > $1)",
        "UPDATE idempotency_keys
         SET state = CASE WHEN turn_id IS NULL THEN 'lost' ELSE 'broken' END
         WHERE state = 'running' AND (turn_id IS NOT NULL OR worked) AND NOT EXISTS (
             SELECT 1 FROM nodes n
             WHERE n.id = idempotency_keys.owner AND n.lease_until > $1)",
        "DELETE FROM idempotency_keys WHERE expires_at <= $1 AND state <> 'running'",
    ] {
        query(sql).bind(ms(now)).execute(conn)?;
    }
    Ok(())
}

/// Lets the claims in use for a turn stand for what the turn leaves.
pub(crate) fn stand_for_turn(conn: &mut Conn, workspace: WorkspaceId, turn: TurnId) -> Result<()> {
    query(
        "UPDATE idempotency_keys SET state = 'broken'
         WHERE workspace_id = $1 AND turn_id = $2 AND state = 'running'",
    )
    .bind(workspace.to_string())
    .bind(turn.to_string())
    .execute(conn)?;
    Ok(())
}
