//! Turns, their steps and the messages they begin and end with.

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::{
    Conversation, Message, Step, StopReason, TurnStatus, Unanswered,
};
use deskhand_domain::id::{AgentId, ConversationId, InvocationId, NodeId, TurnId, WorkspaceId};
use deskhand_domain::prompt::Usage;
use deskhand_domain::trace::TraceEntry;
use jiff::Timestamp;

mod read;
mod say;
mod steps;

pub use read::WholeTurn;
pub(crate) use read::{newest, past, past_before, records, whole};
pub use say::Say;
pub(crate) use say::say;
pub(crate) use steps::{ends_with, insert_steps};

use crate::error::unless_unique;
use crate::row::{Conn, count, get, ms, number, parse, to_json};
use crate::sql::{Query, query};
use crate::{ClaimId, Owner, Result, StoreError, conversation, event, handoff, idempotency, node};

/// The start of a turn, in one transaction.
#[derive(Debug, Clone)]
pub struct BeginTurn {
    /// The node that runs it.
    pub owner: NodeId,
    /// Made if it is not there; its contact and `updated_at` are stored either way.
    pub conversation: Conversation,
    /// Whether it is to be made.
    pub is_new: bool,
    /// How many turns whoever begins it knows of; if there are others it is not begun. `None`: however many.
    pub known_turns: Option<u64>,
    /// The turn, running.
    pub turn_id: TurnId,
    /// The customer's message.
    pub message: Message,
    /// The client's idempotency key that the turn is begun for.
    pub claim: Option<ClaimId>,
}

/// The end of a turn, in one transaction.
#[derive(Debug, Clone)]
pub struct FinishTurn {
    /// Who runs it.
    pub owner: Owner,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Which.
    pub turn_id: TurnId,
    /// Steps not stored yet, in order.
    pub steps: Vec<Step>,
    /// How it ended: not `running`.
    pub status: TurnStatus,
    /// Why it was stopped, if it was.
    pub stop_reason: Option<StopReason>,
    /// What exactly happened, if it was stopped.
    pub stop_detail: Option<String>,
    /// Answers asked of the model.
    pub model_calls: u32,
    /// Tokens.
    pub usage: Option<Usage>,
    /// Why the customer's question stays open, if it does.
    pub unanswered: Option<Unanswered>,
    /// What happened in it.
    pub trace: Vec<TraceEntry>,
    /// Why the conversation is handed over to a person with it, if it is.
    pub handoff: Option<String>,
    /// The reply.
    pub reply: Message,
    /// The calls whose end the reply's author knew. `None`: there were no others.
    pub told: Option<Vec<InvocationId>>,
    /// What is said right after the reply: the ends of other calls.
    pub follow_ups: Vec<Say>,
}

const ENDED: StoreError = StoreError::Conflict("the turn has ended");

pub(crate) fn begin(conn: &mut Conn, begin: &BeginTurn, entropy: &dyn Entropy) -> Result<()> {
    let workspace = begin.conversation.workspace_id;
    if begin.is_new {
        conversation::insert(conn, &begin.conversation)?;
    } else {
        conversation::update(conn, &begin.conversation)?;
    }
    let number = match begin.is_new {
        true => 1,
        false => last_number(conn, begin)? + 1,
    };
    // The index on running turns refuses a second one.
    query(
        "INSERT INTO turns (workspace_id, id, conversation_id, seq, status, started_at, agent_id, test, owner)
         VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $8)",
    )
    .bind(workspace.to_string())
    .bind(begin.turn_id.to_string())
    .bind(begin.conversation.id.to_string())
    .bind(number)
    .bind(ms(begin.message.created_at))
    .bind(begin.conversation.agent_id.to_string())
    .bind(begin.conversation.mode.is_test())
    .bind(begin.owner.to_string())
    .execute(conn)
    .map_err(|e| unless_unique(e, StoreError::TurnRunning))?;
    if begin
        .known_turns
        .is_some_and(|known| i64::try_from(known + 1) != Ok(number))
    {
        return Err(StoreError::Behind);
    }
    if let Some(claim) = &begin.claim {
        let conversation = begin.conversation.id;
        idempotency::note_turn(conn, workspace, claim, conversation, begin.turn_id)?;
    }
    insert_message(conn, workspace, &begin.message)?;
    if begin.is_new {
        event::started(conn, &begin.conversation, entropy)?;
    }
    let conversation = begin.conversation.id;
    event::said(conn, workspace, conversation, &begin.message, entropy)
}

/// The number of the conversation's last turn; 0 before the first.
fn last_number(conn: &mut Conn, begin: &BeginTurn) -> Result<i64> {
    let row = query(
        "SELECT COALESCE(MAX(seq), 0) AS seq FROM turns
         WHERE workspace_id = $1 AND conversation_id = $2",
    )
    .bind(begin.conversation.workspace_id.to_string())
    .bind(begin.conversation.id.to_string())
    .fetch_one(conn)?;
    get(&row, "seq")
}

/// Ends a turn. The row decides whether it may: only a running turn of this conversation,
/// and only its owner. `Untold` where it would leave the customer without the end of a call.
pub(crate) fn finish(conn: &mut Conn, finish: &FinishTurn, entropy: &dyn Entropy) -> Result<()> {
    let trace = match finish.trace.as_slice() {
        [] => None,
        entries => Some(to_json(&entries)?),
    };
    let done = query(
        "UPDATE turns SET status = $4, stop_reason = $5, stop_detail = $6, model_calls = $7,
             input_tokens = $8, output_tokens = $9, finished_at = $10, unanswered = $11, trace = $12
         WHERE workspace_id = $1 AND id = $2 AND conversation_id = $3 AND status = 'running'
           AND owner = $13 AND taken_over = $14",
    )
    .bind(finish.workspace_id.to_string())
    .bind(finish.turn_id.to_string())
    .bind(finish.conversation_id.to_string())
    .bind(finish.status.as_str())
    .bind(finish.stop_reason.map(StopReason::as_str))
    .bind(finish.stop_detail.as_deref())
    .bind(i64::from(finish.model_calls))
    .bind(finish.usage.map(|usage| number(usage.input_tokens)))
    .bind(finish.usage.map(|usage| number(usage.output_tokens)))
    .bind(ms(finish.reply.created_at))
    .bind(finish.unanswered.map(Unanswered::as_str))
    .bind(trace)
    .bind(finish.owner.node.to_string())
    .bind(i64::from(finish.owner.hand))
    .execute(conn)?;
    if done == 0 {
        is_running(
            conn,
            finish.workspace_id,
            finish.turn_id,
            Some(finish.conversation_id),
            finish.owner,
        )?;
        return Err(ENDED);
    }
    untold(conn, finish)?;
    insert_steps(conn, finish.workspace_id, finish.turn_id, &finish.steps)?;
    insert_message(conn, finish.workspace_id, &finish.reply)?;
    if let Some(reason) = &finish.handoff {
        handoff::request(conn, finish, reason, entropy)?;
    }
    if let Some(usage) = finish.usage {
        count_usage(conn, finish, usage)?;
    }
    query("UPDATE conversations SET updated_at = $3 WHERE workspace_id = $1 AND id = $2")
        .bind(finish.workspace_id.to_string())
        .bind(finish.conversation_id.to_string())
        .bind(ms(finish.reply.created_at))
        .execute(conn)?;
    let (workspace, conversation) = (finish.workspace_id, finish.conversation_id);
    event::said(conn, workspace, conversation, &finish.reply, entropy)?;
    finish
        .follow_ups
        .iter()
        .try_for_each(|follow_up| say(conn, follow_up, entropy))
}

/// `Untold` if calls of the turn were settled while it ran, by a report or by hand, and nobody speaks of
/// it. They are held: what settles one after this sees that the turn has ended, and says it by itself.
fn untold(conn: &mut Conn, finish: &FinishTurn) -> Result<()> {
    let Some(told) = &finish.told else {
        return Ok(());
    };
    let rows = calls(finish.workspace_id, finish.turn_id)
        .for_update()
        .fetch_all(conn)?;
    let mut untold = Vec::new();
    for row in &rows {
        let id: InvocationId = parse(row, "id")?;
        let is_settled = get::<Option<&str>>(row, "settled_by")?.is_some();
        let is_followed_up = || finish.follow_ups.iter().any(|say| say.about == Some(id));
        if is_settled && !told.contains(&id) && !is_followed_up() {
            untold.push(id);
        }
    }
    match untold.is_empty() {
        true => Ok(()),
        false => Err(StoreError::Untold(untold)),
    }
}

/// The calls of a turn. In the order of an index that begins with the turn: in that of their ids, SQLite would
/// look through all that the workspace has ever had.
fn calls(workspace: WorkspaceId, turn: TurnId) -> Query<'static> {
    query(
        "SELECT id, settled_by FROM invocations WHERE workspace_id = $1 AND turn_id = $2 ORDER BY seq",
    )
    .bind(workspace.to_string())
    .bind(turn.to_string())
}

/// Adds the tokens of a turn to those of the agent's day.
fn count_usage(conn: &mut Conn, finish: &FinishTurn, usage: Usage) -> Result<()> {
    query(
        "INSERT INTO agent_usage (workspace_id, agent_id, day, tokens)
         SELECT workspace_id, agent_id, $3, $4 FROM conversations
         WHERE workspace_id = $1 AND id = $2
         ON CONFLICT (workspace_id, agent_id, day)
             DO UPDATE SET tokens = agent_usage.tokens + excluded.tokens",
    )
    .bind(finish.workspace_id.to_string())
    .bind(finish.conversation_id.to_string())
    .bind(day_of(finish.reply.created_at))
    .bind(number(
        usage.input_tokens.saturating_add(usage.output_tokens),
    ))
    .execute(conn)?;
    Ok(())
}

/// What an agent's models have read and written on the day (UTC) of a moment, in turns that have
/// ended.
pub(crate) fn tokens_of_day(
    conn: &mut Conn,
    workspace: WorkspaceId,
    agent: AgentId,
    at: Timestamp,
) -> Result<u64> {
    let row = query(
        "SELECT tokens FROM agent_usage WHERE workspace_id = $1 AND agent_id = $2 AND day = $3",
    )
    .bind(workspace.to_string())
    .bind(agent.to_string())
    .bind(day_of(at))
    .fetch_optional(conn)?;
    row.map_or(Ok(0), |row| count(&row, "tokens"))
}

/// Days since 1970.
fn day_of(at: Timestamp) -> i64 {
    ms(at).div_euclid(24 * 60 * 60 * 1_000)
}

/// `NotFound` unless there is such a turn.
pub(crate) fn exists(conn: &mut Conn, workspace: WorkspaceId, id: TurnId) -> Result<()> {
    query("SELECT 1 FROM turns WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

/// Whether it is still running.
pub(crate) fn is_under_way(conn: &mut Conn, workspace: WorkspaceId, id: TurnId) -> Result<bool> {
    let running =
        query("SELECT 1 FROM turns WHERE workspace_id = $1 AND id = $2 AND status = 'running'")
            .bind(workspace.to_string())
            .bind(id.to_string())
            .fetch_optional(conn)?;
    Ok(running.is_some())
}

/// `NotFound` unless there is such a turn (of this conversation), `Conflict` unless it is running,
/// `NotOwner` unless it is this one's. The row is held: it stays so until the transaction ends.
pub(crate) fn is_running(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: TurnId,
    conversation: Option<ConversationId>,
    owner: Owner,
) -> Result<()> {
    let row = query(
        "SELECT status, conversation_id, owner, taken_over FROM turns WHERE workspace_id = $1 AND id = $2",
    )
    .for_update()
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?
    .ok_or(StoreError::NotFound)?;
    if conversation.is_some_and(|id| {
        parse::<ConversationId>(&row, "conversation_id").is_ok_and(|stored| stored != id)
    }) {
        return Err(StoreError::NotFound);
    }
    match parse(&row, "status")? {
        TurnStatus::Running => node::is_owner(&row, owner),
        _ => Err(ENDED),
    }
}

pub(crate) fn insert_message(
    conn: &mut Conn,
    workspace: WorkspaceId,
    message: &Message,
) -> Result<()> {
    query(
        "INSERT INTO messages (workspace_id, id, turn_id, role, text, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(workspace.to_string())
    .bind(message.id.to_string())
    .bind(message.turn_id.to_string())
    .bind(message.role.as_str())
    .bind(message.text.as_str())
    .bind(ms(message.created_at))
    .execute(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    #[test]
    fn a_turns_end_looks_at_its_own_calls_only() {
        let (at, zeros) = (Timestamp::UNIX_EPOCH, &Zeros);
        let calls = calls(WorkspaceId::new(at, zeros), TurnId::new(at, zeros));
        let plan = crate::sqlite::tests::plan(calls);
        assert!(
            plan.contains("turn_id=?") && !plan.contains("B-TREE"),
            "{plan}"
        );
    }
}
