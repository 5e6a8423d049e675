//! Callbacks: the URLs by which the owner's system reports on invocations, and what settles an
//! invocation after its call could not.

use async_trait::async_trait;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Invocation, InvocationStatus, Settler};
use jiff::Timestamp;
use serde_json::Value;

use crate::row::{Conn, get, hex, ms, number, parse, parse_opt, time, to_json};
use crate::sql::query;
use crate::{Result, Say, StoreError, event, invocation, turn};

/// A URL's token, as its SHA-256, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// What it reports on.
    pub invocation_id: InvocationId,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Since when it works.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What settles an invocation whose call could not.
#[derive(Debug, Clone)]
pub struct SettleInvocation {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub id: InvocationId,
    /// Where it may stand before.
    pub from: &'static [InvocationStatus],
    /// Where it stands then. What `failed` keeps the reason that it was `unknown` for.
    pub status: InvocationStatus,
    /// Who says so.
    pub by: Settler,
    /// What an operator wrote about it.
    pub note: Option<String>,
    /// What came of it, if a report says so.
    pub result: Option<Value>,
    /// Why it was declined, if it was.
    pub error: Option<String>,
    /// SHA-256 of the report, if it was one.
    pub report_hash: Option<[u8; 32]>,
    /// When.
    pub at: Timestamp,
    /// What the customer is to hear of it, unless the turn that made the call still runs: that tells them.
    pub follow_up: Option<Say>,
}

/// What became of settling an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// It is settled now.
    Now {
        /// As it stands now.
        invocation: Box<Invocation>,
        /// Whether the follow-up was said.
        said: bool,
    },
    /// It stood elsewhere, and still does.
    Stands {
        /// As it stands.
        invocation: Box<Invocation>,
        /// Whether the same report has settled it before.
        same_report: bool,
    },
}

/// What is known of invocations after their calls.
#[async_trait]
pub trait CallbackStore: Send + Sync {
    /// Makes a URL known by which the owner's system reports on an invocation; it ends when the latest
    /// of them does. `Conflict` if it is not `intended` or `sending`.
    async fn add_callback(&self, callback: &Callback) -> Result<()>;
    /// What a token stands for, by its SHA-256, in whichever workspace.
    async fn callback_by_hash(&self, hash: [u8; 32]) -> Result<Option<Callback>>;
    /// Keeps what the owner's system says of work under way. False: it is not under way.
    async fn note_progress(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        text: &str,
        at: Timestamp,
    ) -> Result<bool>;
    /// Settles an invocation whose call could not, and says the follow-up to the customer, in one
    /// transaction. Of many that come at once, one does.
    async fn settle_invocation(&self, settle: &SettleInvocation) -> Result<Settled>;
    /// What is `accepted` and past its time in all workspaces, the longest overdue first.
    async fn overdue(
        &self,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<(WorkspaceId, InvocationId)>>;
}

pub(crate) fn add(conn: &mut Conn, callback: &Callback) -> Result<()> {
    // One that is over is not sent: a node that was too slow changes nothing of it.
    let done = query(
        "UPDATE invocations SET expires_at = $3
         WHERE workspace_id = $1 AND id = $2 AND status IN ('intended', 'sending')",
    )
    .bind(callback.workspace_id.to_string())
    .bind(callback.invocation_id.to_string())
    .bind(ms(callback.expires_at))
    .execute(conn)?;
    if done == 0 {
        invocation::one(conn, callback.workspace_id, callback.invocation_id)?;
        return Err(StoreError::Conflict("the invocation is not to be sent"));
    }
    query(
        "INSERT INTO callbacks (workspace_id, hash, invocation_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(callback.workspace_id.to_string())
    .bind(hex(&callback.hash))
    .bind(callback.invocation_id.to_string())
    .bind(ms(callback.created_at))
    .bind(ms(callback.expires_at))
    .execute(conn)?;
    Ok(())
}

/// Whatever the workspace: the token says which.
pub(crate) fn by_hash(conn: &mut Conn, hash: [u8; 32]) -> Result<Option<Callback>> {
    query("SELECT * FROM callbacks WHERE hash = $1")
        .bind(hex(&hash))
        .fetch_optional(conn)?
        .map(|row| {
            Ok(Callback {
                workspace_id: parse(&row, "workspace_id")?,
                invocation_id: parse(&row, "invocation_id")?,
                hash,
                created_at: time(&row, "created_at")?,
                expires_at: time(&row, "expires_at")?,
            })
        })
        .transpose()
}

/// Says how far the work is. False: it is not under way.
pub(crate) fn progress(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvocationId,
    text: &str,
    at: Timestamp,
) -> Result<bool> {
    let done = query(
        "UPDATE invocations SET progress = $3, progress_at = $4
         WHERE workspace_id = $1 AND id = $2 AND status IN ('sending', 'accepted', 'unknown')",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(text)
    .bind(ms(at))
    .execute(conn)?;
    Ok(done == 1)
}

/// What nobody has reported on in time, in all workspaces, the longest overdue first.
pub(crate) fn overdue(
    conn: &mut Conn,
    now: Timestamp,
    most: usize,
) -> Result<Vec<(WorkspaceId, InvocationId)>> {
    query(
        "SELECT workspace_id, id FROM invocations WHERE status = 'accepted' AND expires_at <= $1
         ORDER BY expires_at LIMIT $2",
    )
    .bind(ms(now))
    .bind(number(most as u64))
    .fetch_all(conn)?
    .iter()
    .map(|row| Ok((parse(row, "workspace_id")?, parse(row, "id")?)))
    .collect()
}

/// Settles it, and says the follow-up, together or not at all.
pub(crate) fn settle(
    conn: &mut Conn,
    settle: &SettleInvocation,
    entropy: &dyn Entropy,
) -> Result<Settled> {
    // Held, so that of many that come at once each sees what the one before it has made of it.
    let row = query(
        "SELECT status, turn_id, report_hash FROM invocations
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(settle.workspace_id.to_string())
    .bind(settle.id.to_string())
    .for_update()
    .fetch_optional(conn)?
    .ok_or(StoreError::NotFound)?;
    let before: InvocationStatus = parse(&row, "status")?;
    let known: Option<String> = get(&row, "report_hash")?;
    if !settle.from.contains(&before) || !change(conn, settle, before)? {
        let same_report = settle.report_hash.map(|hash| hex(&hash));
        return Ok(Settled::Stands {
            invocation: Box::new(invocation::one(conn, settle.workspace_id, settle.id)?),
            same_report: same_report.is_some() && same_report == known,
        });
    }
    event::came_to(conn, settle.workspace_id, settle.id, settle.at, entropy)?;
    // While its turn runs, that says it in its place, or right after its reply (`StoreError::Untold`).
    let told_by_its_turn = match parse_opt(&row, "turn_id")? {
        Some(turn) => turn::is_under_way(conn, settle.workspace_id, turn)?,
        None => false,
    };
    let follow_up = settle.follow_up.as_ref().filter(|_| !told_by_its_turn);
    if let Some(say) = follow_up {
        turn::say(conn, say, entropy)?;
    }
    Ok(Settled::Now {
        invocation: Box::new(invocation::one(conn, settle.workspace_id, settle.id)?),
        said: follow_up.is_some(),
    })
}

fn change(conn: &mut Conn, settle: &SettleInvocation, before: InvocationStatus) -> Result<bool> {
    let fails = settle.status == InvocationStatus::Failed;
    let reported = settle.by == Settler::Callback;
    let done = query(
        "UPDATE invocations SET status = $4, settled_by = $5, settled_note = $6, settled_at = $7,
             report_hash = $8, finished_at = $7,
             result = CASE WHEN $9 THEN $10 ELSE result END, error = $11,
             failure_code = CASE WHEN $12 THEN failure_code ELSE NULL END,
             failure_message = CASE WHEN $12 THEN failure_message ELSE NULL END,
             failure_http_status = CASE WHEN $12 THEN failure_http_status ELSE NULL END
         WHERE workspace_id = $1 AND id = $2 AND status = $3",
    )
    .bind(settle.workspace_id.to_string())
    .bind(settle.id.to_string())
    .bind(before.as_str())
    .bind(settle.status.as_str())
    .bind(settle.by.as_str())
    .bind(settle.note.as_deref())
    .bind(ms(settle.at))
    .bind(settle.report_hash.map(|hash| hex(&hash)))
    .bind(reported)
    .bind(settle.result.as_ref().map(to_json).transpose()?)
    .bind(settle.error.as_deref())
    .bind(fails)
    .execute(conn)?;
    Ok(done == 1)
}
