//! Nodes, and what becomes of that which a node leaves behind. A node is one run of a server; a turn,
//! its calls in flight and a claim in use belong to one. At most one owner at a time is the database's
//! doing, not the clocks': every write of an owner asks in the same statement, or under a lock on the
//! row, whether it still is the owner. A wrong clock can only make a turn change hands too early.

use std::fmt;

use async_trait::async_trait;
use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::{Message, Speaker, StopReason, TurnStatus, Unanswered};
use deskhand_domain::id::{
    AgentId, ConversationId, InvocationId, MessageId, NodeId, TurnId, WorkspaceId,
};
use jiff::Timestamp;

use crate::row::{Conn, count, get, ms, parse, parse_opt, time};
use crate::sql::query;
use crate::{FinishTurn, Result, StoreError, idempotency, settle, turn};

/// Who runs a turn: a node, and in which hand the turn is there. A node that has lost a turn and got it
/// back is another owner than it was, so what it still does of the time before is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The node.
    pub node: NodeId,
    /// How often the turn had changed hands when it came to this one. 0 for what is no turn's.
    pub hand: u32,
}

impl From<NodeId> for Owner {
    /// The owner of what has not changed hands.
    fn from(node: NodeId) -> Self {
        Self { node, hand: 0 }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hand {
            0 => self.node.fmt(f),
            hand => write!(f, "{}/{hand}", self.node),
        }
    }
}

/// A running turn that changed hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenTurn {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Who answers in it.
    pub agent_id: Option<AgentId>,
    /// Which.
    pub turn_id: TurnId,
    /// When its message arrived.
    pub started_at: Timestamp,
    /// How often it has changed hands, this time included.
    pub taken_over: u32,
}

impl TakenTurn {
    /// The node that has it, as its owner from now on.
    pub fn owner(&self, node: NodeId) -> Owner {
        Owner {
            node,
            hand: self.taken_over,
        }
    }
}

/// What a node took over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Turns that it goes on with.
    pub turns: Vec<TakenTurn>,
    /// Calls that belonged to no running turn, and were settled.
    pub settled: u64,
}

/// The end of a turn that nobody can go on with.
#[derive(Debug, Clone)]
pub struct AbandonTurn {
    /// Which, and where.
    pub turn: TakenTurn,
    /// Who has it.
    pub owner: Owner,
    /// What the customer reads.
    pub replies: Replies,
    /// The reply's id.
    pub reply_id: MessageId,
    /// The calls whose end they name.
    pub told: Vec<InvocationId>,
    /// Why, for the operator.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// What the customer reads in a turn that the server could not finish.
#[derive(Debug, Clone)]
pub struct Replies {
    /// Where nothing uncertain has happened.
    pub apology: String,
    /// Where it is not known whether a call of the turn went through.
    pub uncertain: String,
}

/// The store's part for nodes.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// A node begins, with a lease. Where the database can have but one node, all others have ended.
    async fn join(&self, node: NodeId, now: Timestamp, until: Timestamp) -> Result<()>;
    /// Prolongs a node's lease, or gives it a new one.
    async fn renew_lease(&self, node: NodeId, now: Timestamp, until: Timestamp) -> Result<()>;
    /// Hands over all that a node runs, and ends its lease. Nothing that it writes counts from then on.
    /// Returns how many turns were handed over.
    async fn leave(&self, node: NodeId) -> Result<u64>;
    /// Takes over up to `most` running turns whose node has no lease at `now`, with their calls in
    /// flight. Settles calls in flight that belong to no running turn and whose node is gone: `intended`
    /// is `failed`, `sending` is `unknown`, or `failed` for a look-up. Ends the claims of nodes that are
    /// gone: those that have begun a turn stand for it, the others are given back.
    async fn take_over(&self, node: NodeId, now: Timestamp, most: u32) -> Result<TakenOver>;
    /// The running turns of a node.
    async fn owned_turns(&self, node: NodeId) -> Result<Vec<TakenTurn>>;
    /// Begins anew with a turn of one's own that nothing runs any more. `None` if it has ended or is
    /// another node's.
    async fn adopt_turn(&self, node: NodeId, turn: &TakenTurn) -> Result<Option<TakenTurn>>;
    /// Ends a turn that nobody can go on with, and settles its calls in flight. `NotOwner` if it is
    /// another node's, `Conflict` if it has ended.
    async fn abandon_turn(&self, abandon: &AbandonTurn) -> Result<()>;
}

pub(crate) fn join(
    conn: &mut Conn,
    node: NodeId,
    now: Timestamp,
    until: Timestamp,
    alone: bool,
) -> Result<()> {
    if alone {
        query("DELETE FROM nodes WHERE id <> $1")
            .bind(node.to_string())
            .execute(conn)?;
    }
    renew(conn, node, now, until)
}

pub(crate) fn renew(conn: &mut Conn, node: NodeId, now: Timestamp, until: Timestamp) -> Result<()> {
    query(
        "INSERT INTO nodes (id, started_at, lease_until) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until",
    )
    .bind(node.to_string())
    .bind(ms(now))
    .bind(ms(until))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn leave(conn: &mut Conn, node: NodeId) -> Result<u64> {
    let turns = query("UPDATE turns SET owner = NULL WHERE owner = $1 AND status = 'running'")
        .bind(node.to_string())
        .execute(conn)?;
    // In whichever hand. The longer condition is that of an index.
    query(
        "UPDATE invocations SET owner = NULL
         WHERE (owner = $1 OR owner LIKE $2)
           AND (status = 'intended' OR status = 'sending' OR status = 'unknown' OR status = 'accepted')
           AND status IN ('intended', 'sending')",
    )
    .bind(node.to_string())
    .bind(format!("{node}/%"))
    .execute(conn)?;
    query("DELETE FROM nodes WHERE id = $1")
        .bind(node.to_string())
        .execute(conn)?;
    Ok(turns)
}

pub(crate) fn take_over(
    conn: &mut Conn,
    node: NodeId,
    now: Timestamp,
    most: u32,
    entropy: &dyn Entropy,
) -> Result<TakenOver> {
    // The rows found are held until the end of the transaction: no two nodes take the same ones, and
    // a begin of invocations that holds one is waited for, or passed over until the next round.
    let rows = query(
        "SELECT workspace_id, id, owner FROM turns
         WHERE status = 'running' AND (owner IS NULL OR owner <> $1)
           AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = turns.owner AND n.lease_until > $2)
         ORDER BY started_at, id LIMIT $3",
    )
    .skip_locked()
    .bind(node.to_string())
    .bind(ms(now))
    .bind(i64::from(most))
    .fetch_all(conn)?;
    let mut taken = TakenOver::default();
    for row in &rows {
        let (workspace, id) = (parse(row, "workspace_id")?, parse(row, "id")?);
        let from: Option<NodeId> = parse_opt(row, "owner")?;
        taken.turns.extend(take(conn, workspace, id, from, node)?);
    }
    taken.settled = settle::strays(conn, now, entropy)?;
    idempotency::interrupted(conn, now)?;
    // Whoever has no lease is nobody to anybody; the row is only in the way.
    query("DELETE FROM nodes WHERE lease_until <= $1 AND id <> $2")
        .bind(ms(now))
        .bind(node.to_string())
        .execute(conn)?;
    Ok(taken)
}

/// Moves a running turn and its calls in flight from one owner to another, or to itself anew. `None`
/// if it has ended or is not that owner's.
fn take(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: TurnId,
    from: Option<NodeId>,
    to: NodeId,
) -> Result<Option<TakenTurn>> {
    let done = query(
        "UPDATE turns SET owner = $4, taken_over = taken_over + 1
         WHERE workspace_id = $1 AND id = $2 AND status = 'running'
           AND owner IS NOT DISTINCT FROM $3",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(from.map(|node| node.to_string()))
    .bind(to.to_string())
    .execute(conn)?;
    if done == 0 {
        return Ok(None);
    }
    let row = query("SELECT * FROM turns WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_one(conn)?;
    let taken = read(&row)?;
    query(
        "UPDATE invocations SET owner = $3
         WHERE workspace_id = $1 AND turn_id = $2 AND status IN ('intended', 'sending')",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(taken.owner(to).to_string())
    .execute(conn)?;
    idempotency::stand_for_turn(conn, workspace, id)?;
    Ok(Some(taken))
}

pub(crate) fn owned(conn: &mut Conn, node: NodeId) -> Result<Vec<TakenTurn>> {
    query("SELECT * FROM turns WHERE status = 'running' AND owner = $1")
        .bind(node.to_string())
        .fetch_all(conn)?
        .iter()
        .map(read)
        .collect()
}

pub(crate) fn adopt(
    conn: &mut Conn,
    node: NodeId,
    workspace: WorkspaceId,
    id: TurnId,
) -> Result<Option<TakenTurn>> {
    take(conn, workspace, id, Some(node), node)
}

pub(crate) fn abandon(conn: &mut Conn, abandon: &AbandonTurn, entropy: &dyn Entropy) -> Result<()> {
    let (workspace, id) = (abandon.turn.workspace_id, abandon.turn.turn_id);
    turn::is_running(
        conn,
        workspace,
        id,
        Some(abandon.turn.conversation_id),
        abandon.owner,
    )?;
    settle::of_turn(conn, workspace, id, abandon.at, entropy)?;
    let uncertain = query(
        "SELECT 1 FROM invocations
         WHERE workspace_id = $1 AND turn_id = $2 AND status = 'unknown' LIMIT 1",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?;
    let text = match uncertain {
        Some(_) => &abandon.replies.uncertain,
        None => &abandon.replies.apology,
    };
    let finish = FinishTurn {
        owner: abandon.owner,
        workspace_id: workspace,
        conversation_id: abandon.turn.conversation_id,
        turn_id: id,
        steps: Vec::new(),
        status: TurnStatus::Failed,
        stop_reason: Some(StopReason::Interrupted),
        stop_detail: Some(abandon.detail.clone()),
        model_calls: 0,
        usage: None,
        unanswered: Some(Unanswered::Interrupted),
        trace: Vec::new(),
        handoff: None,
        reply: Message {
            id: abandon.reply_id,
            turn_id: id,
            role: Speaker::Agent,
            text: text.clone(),
            created_at: abandon.at,
        },
        told: Some(abandon.told.clone()),
        follow_ups: Vec::new(),
    };
    turn::finish(conn, &finish, entropy)
}

fn read(row: &crate::row::Row) -> Result<TakenTurn> {
    Ok(TakenTurn {
        workspace_id: parse(row, "workspace_id")?,
        conversation_id: parse(row, "conversation_id")?,
        agent_id: parse_opt(row, "agent_id")?,
        turn_id: parse(row, "id")?,
        started_at: time(row, "started_at")?,
        taken_over: count(row, "taken_over")?,
    })
}

/// `NotOwner` unless the row of a turn says that it is this one's.
pub(crate) fn is_owner(row: &crate::row::Row, owner: Owner) -> Result<()> {
    let hand: u32 = count(row, "taken_over")?;
    match get::<Option<&str>>(row, "owner")? {
        Some(stored) if stored == owner.node.to_string() && hand == owner.hand => Ok(()),
        _ => Err(StoreError::NotOwner),
    }
}
