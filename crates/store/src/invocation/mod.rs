//! Invocations and their attempts. Every change of status names the status it comes from, so that of
//! two that race one finds nothing to change.

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::Step;
use deskhand_domain::id::{ActionId, AgentId, ConversationId, InvocationId, TurnId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, Failure, FailureCode, Invocation, InvocationStatus};
use jiff::Timestamp;

use crate::moment::first_id_before;
use crate::row::{Conn, get, hex, ms, ms_up, number, to_json};
use crate::sql::query;
use crate::{Owner, Result, StoreError, event, turn};

mod finish;
mod list;
mod read;
mod twin;

pub use finish::FinishInvocation;
pub(crate) use finish::{Finish, finish};
pub(crate) use list::list;
use read::read;
pub(crate) use read::read_attempt;
use twin::open_twin;

/// Most invocations that one search looks through.
pub const SEARCHED: i64 = 20_000;

/// What a list of invocations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InvocationFilter {
    /// Decided by this agent.
    pub agent_id: Option<AgentId>,
    /// In this conversation.
    pub conversation_id: Option<ConversationId>,
    /// Of the action with this name.
    pub action: Option<String>,
    /// Of this action.
    pub action_id: Option<ActionId>,
    /// Standing here.
    pub status: Option<InvocationStatus>,
    /// Failed for this reason.
    pub failure_code: Option<FailureCode>,
    /// Decided at or after.
    pub from: Option<Timestamp>,
    /// Decided before.
    pub to: Option<Timestamp>,
    /// Trials, or none of them.
    pub test: Option<bool>,
    /// With this text in the action's name, the parameters or the error, or as its id; looked for in
    /// the newest 20,000 that the rest leaves.
    pub text: Option<String>,
    /// That took longer than so many milliseconds; looked for as a text is.
    pub slower_than_ms: Option<u64>,
    /// Of an action whose URL had this host when it was called; looked for as a text is.
    pub host: Option<String>,
}

/// Invocations decided together, in one transaction with the steps that led to them.
#[derive(Debug, Clone)]
pub struct BeginInvocations {
    /// Who decided them, and sends them.
    pub owner: Owner,
    /// Whether an earlier try failed that may have come through all the same: then it is not done
    /// twice.
    pub again: bool,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The turn whose steps are stored; null for a test run from the API.
    pub turn_id: Option<TurnId>,
    /// Steps not stored yet, in order.
    pub steps: Vec<Step>,
    /// New invocations, each with an id made for the moment of its `created_at`. Those that stand
    /// `intended`, or `sending` where the first byte leaves right after this, are counted against the conversation's budget and looked up for an open twin;
    /// those that stand `failed` (refused before dispatch) are only recorded.
    pub invocations: Vec<Invocation>,
    /// SHA-256 of the canonical parameters of each, in the same order.
    pub parameter_hashes: Vec<[u8; 32]>,
    /// How many invocations a conversation may have from `since` on.
    pub budget: u32,
    /// Start of the window that `budget` counts.
    pub since: Timestamp,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Recorded as given. If `intended` or `sending`, it may go on.
    Recorded,
    /// Not recorded: an identical call in this conversation, or one for the [same wish](deskhand_domain::check::Wish::is_for_the_same_as),
    /// is `intended`, `sending`, `unknown` or `accepted`. Here it is.
    OpenTwin(Box<Invocation>),
    /// Recorded as `failed` with `budget_exhausted`: the conversation has used up its calls.
    OverBudget,
}

pub(crate) fn begin(
    conn: &mut Conn,
    begin: &BeginInvocations,
    entropy: &dyn Entropy,
) -> Result<Vec<Begun>> {
    let workspace = begin.workspace_id;
    if begin.parameter_hashes.len() != begin.invocations.len() {
        return Err(StoreError::Conflict("each invocation needs one hash"));
    }
    if let Some(id) = begin.turn_id {
        turn::is_running(conn, workspace, id, None, begin.owner)?;
        if begin.again
            && let Some(begun) = begun_before(conn, begin, id)?
        {
            return Ok(begun);
        }
        turn::insert_steps(conn, workspace, id, &begin.steps)?;
    }
    let mut used: Option<(ConversationId, i64)> = None;
    let mut begun = Vec::with_capacity(begin.invocations.len());
    for (invocation, hash) in begin.invocations.iter().zip(&begin.parameter_hashes) {
        if invocation.workspace_id != workspace || invocation.turn_id != begin.turn_id {
            return Err(StoreError::NotFound);
        }
        let hash = hex(hash);
        let conversation = match invocation.conversation_id {
            Some(id) if is_to_be_sent(invocation.status) => id,
            _ => {
                insert(conn, invocation, &hash, begin.owner)?;
                event::came_to(
                    conn,
                    workspace,
                    invocation.id,
                    invocation.created_at,
                    entropy,
                )?;
                begun.push(Begun::Recorded);
                continue;
            }
        };
        if let Some(twin) = open_twin(conn, conversation, invocation, &hash, &begin.invocations)? {
            begun.push(Begun::OpenTwin(Box::new(twin)));
            continue;
        }
        let before = match used {
            Some((id, count)) if id == conversation => count,
            _ => spent(conn, workspace, conversation, begin.since)?,
        };
        if before >= i64::from(begin.budget) {
            used = Some((conversation, before));
            insert(
                conn,
                &over_budget(invocation, begin.budget),
                &hash,
                begin.owner,
            )?;
            event::came_to(
                conn,
                workspace,
                invocation.id,
                invocation.created_at,
                entropy,
            )?;
            begun.push(Begun::OverBudget);
        } else {
            used = Some((conversation, before + 1));
            insert(conn, invocation, &hash, begin.owner)?;
            begun.push(Begun::Recorded);
        }
    }
    Ok(begun)
}

/// What became of them in an earlier try, if that came through.
fn begun_before(
    conn: &mut Conn,
    begin: &BeginInvocations,
    turn: TurnId,
) -> Result<Option<Vec<Begun>>> {
    let stored = of_turn(conn, begin.workspace_id, turn)?;
    let is_stored = |wanted: &Invocation| stored.iter().find(|one| one.id == wanted.id);
    let came_through = begin.invocations.iter().any(|one| is_stored(one).is_some())
        || (!begin.steps.is_empty()
            && turn::ends_with(conn, begin.workspace_id, turn, &begin.steps)?);
    if !came_through {
        return Ok(None);
    }
    let begun = begin.invocations.iter().zip(&begin.parameter_hashes);
    let begun = begun.map(
        |(wanted, hash)| match (is_stored(wanted), wanted.conversation_id) {
            (Some(stored), _) if stored.status == wanted.status => Ok(Begun::Recorded),
            (Some(_), _) => Ok(Begun::OverBudget),
            (None, Some(id)) => {
                match open_twin(conn, id, wanted, &hex(hash), &begin.invocations)? {
                    Some(twin) => Ok(Begun::OpenTwin(Box::new(twin))),
                    None => Err(StoreError::Conflict(
                        "what stood for the call has ended meanwhile",
                    )),
                }
            }
            (None, None) => Err(StoreError::NotFound),
        },
    );
    begun.collect::<Result<_>>().map(Some)
}

fn is_to_be_sent(status: InvocationStatus) -> bool {
    matches!(
        status,
        InvocationStatus::Intended | InvocationStatus::Sending
    )
}

fn over_budget(invocation: &Invocation, budget: u32) -> Invocation {
    let message = format!("the conversation has used up its {budget} calls for this period");
    Invocation {
        status: InvocationStatus::Failed,
        failure: Some(Failure {
            code: FailureCode::BudgetExhausted,
            message,
            http_status: None,
        }),
        sent_at: None,
        finished_at: Some(invocation.created_at),
        ..invocation.clone()
    }
}

/// Calls that the conversation has had: all but those refused before they could be sent.
fn spent(
    conn: &mut Conn,
    workspace: WorkspaceId,
    conversation: ConversationId,
    since: Timestamp,
) -> Result<i64> {
    let row = query(
        "SELECT COUNT(*) AS spent FROM invocations
         WHERE workspace_id = $1 AND conversation_id = $2 AND created_at >= $3
           AND id >= $4
           AND NOT (status = 'failed' AND sent_at IS NULL
                    AND COALESCE(failure_code, '') IN ('budget_exhausted', 'circuit_open',
                        'not_verified', 'confirmation_unavailable', 'contact_field_missing'))",
    )
    .bind(workspace.to_string())
    .bind(conversation.to_string())
    .bind(ms_up(since))
    .bind(first_id_before::<InvocationId>(since))
    .fetch_one(conn)?;
    get(&row, "spent")
}

fn insert(conn: &mut Conn, invocation: &Invocation, hash: &str, owner: Owner) -> Result<()> {
    let failure = invocation.failure.as_ref();
    query(
        "INSERT INTO invocations
             (workspace_id, id, agent_id, conversation_id, turn_id, seq, action_id, action,
              action_version, parameters, parameters_hash, provenance, call_id, test, status,
              failure_code, failure_message, failure_http_status, result, error, warnings,
              created_at, sent_at, finished_at, duration_ms, owner)
         VALUES ($1, $2, $3, $4, $5,
             (SELECT COALESCE(MAX(seq), 0) + 1 FROM invocations
              WHERE workspace_id = $1 AND turn_id = $5),
             $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25)",
    )
    .bind(invocation.workspace_id.to_string())
    .bind(invocation.id.to_string())
    .bind(invocation.agent_id.map(|id| id.to_string()))
    .bind(invocation.conversation_id.map(|id| id.to_string()))
    .bind(invocation.turn_id.map(|id| id.to_string()))
    .bind(invocation.action_id.to_string())
    .bind(invocation.action.as_str())
    .bind(i64::from(invocation.action_version))
    .bind(to_json(&invocation.parameters)?)
    .bind(hash)
    .bind(to_json(&invocation.provenance)?)
    .bind(invocation.call_id.as_deref())
    .bind(invocation.test)
    .bind(invocation.status.as_str())
    .bind(failure.map(|failure| failure.code.as_str()))
    .bind(failure.map(|failure| failure.message.as_str()))
    .bind(failure.and_then(|failure| failure.http_status.map(i64::from)))
    .bind(invocation.result.as_ref().map(to_json).transpose()?)
    .bind(invocation.error.as_deref())
    .bind(to_json(&invocation.warnings)?)
    .bind(ms(invocation.created_at))
    .bind(invocation.sent_at.map(ms))
    .bind(invocation.finished_at.map(ms))
    .bind(invocation.duration_ms.map(number))
    .bind(owner.to_string())
    .execute(conn)?;
    Ok(())
}

pub(crate) fn mark_sending(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvocationId,
    owner: Owner,
    now: Timestamp,
) -> Result<bool> {
    let done = query(
        "UPDATE invocations SET status = 'sending', sent_at = COALESCE(sent_at, $3)
         WHERE workspace_id = $1 AND id = $2 AND status IN ('intended', 'sending')
           AND owner = $4",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(ms(now))
    .bind(owner.to_string())
    .execute(conn)?;
    if done == 0 {
        exists(conn, workspace, id)?;
    }
    Ok(done == 1)
}

pub(crate) fn one(conn: &mut Conn, workspace: WorkspaceId, id: InvocationId) -> Result<Invocation> {
    query("SELECT * FROM invocations WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

pub(crate) fn attempts(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvocationId,
) -> Result<Vec<Attempt>> {
    let rows = query(
        "SELECT * FROM attempts WHERE workspace_id = $1 AND invocation_id = $2
         ORDER BY number, id",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_all(conn)?;
    if rows.is_empty() {
        exists(conn, workspace, id)?;
    }
    rows.iter().map(read_attempt).collect()
}

pub(crate) fn of_turn(
    conn: &mut Conn,
    workspace: WorkspaceId,
    turn: TurnId,
) -> Result<Vec<Invocation>> {
    let rows =
        query("SELECT * FROM invocations WHERE workspace_id = $1 AND turn_id = $2 ORDER BY seq")
            .bind(workspace.to_string())
            .bind(turn.to_string())
            .fetch_all(conn)?;
    if rows.is_empty() {
        turn::exists(conn, workspace, turn)?;
    }
    rows.iter().map(read).collect()
}

/// `NotFound` unless there is such an invocation.
fn exists(conn: &mut Conn, workspace: WorkspaceId, id: InvocationId) -> Result<()> {
    query("SELECT 1 FROM invocations WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}
