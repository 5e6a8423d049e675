//! What the rest of the server asks of a database.

use std::sync::Arc;

use async_trait::async_trait;
use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::conversation::{Conversation, ConversationRow, PastTurn, TurnRecord};
use deskhand_domain::id::{
    ActionId, AgentId, ConversationId, InvocationId, KeyId, TurnId, WorkspaceId,
};
use deskhand_domain::invocation::{Attempt, Invocation};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::{ApiKey, Workspace};
use jiff::Timestamp;

use crate::bus::Bus;
use crate::{
    AccountStore, ActionSecrets, BeginInvocations, BeginTurn, Begun, CallbackStore, CircuitStore,
    ClaimId, ClaimKey, Claimed, ConversationFilter, EventStore, FinishInvocation, FinishTurn,
    HandoffStore, InvocationFilter, Listed, NodeStore, Offer, Owner, Page, Result, Say,
    StatisticsStore, StoredAnswer, WholeTurn, WidgetStore,
};

/// A database, with its people. Writes are durable when the future resolves.
#[async_trait]
pub trait Store:
    AccountStore
    + CallbackStore
    + CircuitStore
    + EventStore
    + HandoffStore
    + NodeStore
    + StatisticsStore
    + WidgetStore
{
    /// Whether it answers, for writing and for reading.
    async fn ping(&self) -> Result<()>;
    /// Finishes what was asked for and closes it.
    async fn close(&self);

    /// Word to and from the other nodes that share the database; `None` where there can be but one.
    fn bus(&self) -> Option<Arc<Bus>>;

    /// The first workspace made, if there is any.
    async fn first_workspace(&self) -> Result<Option<Workspace>>;
    /// Makes one, with a data key of its own.
    async fn insert_workspace(&self, workspace: &Workspace) -> Result<()>;

    /// Makes the first workspace of an empty database, with its first key, under the SHA-256 of the key's
    /// text. False: there is one already. Of many nodes that begin at once one makes it.
    async fn insert_first_workspace(
        &self,
        workspace: &Workspace,
        key: &ApiKey,
        hash: [u8; 32],
    ) -> Result<bool>;

    /// Stores a key under the SHA-256 of its text.
    async fn insert_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<()>;
    /// The key with this hash, in whichever workspace.
    async fn key_by_hash(&self, hash: [u8; 32]) -> Result<Option<ApiKey>>;
    /// Lists keys.
    async fn keys(&self, workspace: WorkspaceId, page: Page<KeyId>) -> Result<Listed<ApiKey>>;
    /// Removes one. `LastAdminKey` if no other admin key without an end before `now` is left; one
    /// that has expired itself may always go.
    async fn delete_key(&self, workspace: WorkspaceId, id: KeyId, now: Timestamp) -> Result<()>;

    /// Claims a client's idempotency key, or says what it stands for already. One that is running
    /// never expires. Asked for twice under one id, it is fresh twice.
    async fn claim(&self, claim: &ClaimKey) -> Result<Claimed>;
    /// Keeps the answer to a claim until `keep_until`. `ClaimLost` if it is no longer held.
    async fn settle_claim(
        &self,
        workspace: WorkspaceId,
        id: &ClaimId,
        answer: &StoredAnswer,
        keep_until: Timestamp,
    ) -> Result<()>;
    /// Gives a claimed key back, to be used anew. One whose work has begun a turn is not given
    /// back: it is `Broken` from then on.
    async fn release_claim(&self, workspace: WorkspaceId, id: &ClaimId) -> Result<()>;

    /// Stores a new agent.
    async fn insert_agent(&self, agent: &Agent) -> Result<()>;
    /// Replaces one.
    async fn update_agent(&self, agent: &Agent) -> Result<()>;
    /// Removes one from sight; its conversations and invocations stay readable.
    async fn delete_agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<()>;
    /// One agent.
    async fn agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<Agent>;
    /// Lists agents.
    async fn agents(&self, workspace: WorkspaceId, page: Page<AgentId>) -> Result<Listed<Agent>>;
    /// Attaches an action; no change if it is attached. At most `max` may be attached.
    async fn attach(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        action: ActionId,
        max: u32,
        now: Timestamp,
    ) -> Result<()>;
    /// Detaches one; `NotFound` if it is not attached.
    async fn detach(&self, workspace: WorkspaceId, agent: AgentId, action: ActionId) -> Result<()>;
    /// The actions attached to an agent, in the order attached, disabled ones included.
    async fn agent_actions(&self, workspace: WorkspaceId, agent: AgentId) -> Result<Vec<Action>>;

    /// An agent and its actions; `None` if no agent and no action of the workspace has changed since
    /// the revision `known`.
    async fn offer(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        known: Option<i64>,
    ) -> Result<Option<Offer>>;

    /// Stores a new action (its version 1) with its secrets. `Taken { field: "name" }`.
    async fn insert_action(&self, action: &Action, secrets: &ActionSecrets) -> Result<()>;
    /// Stores the next version. `header_secrets` holds the new values of secret headers; secrets of
    /// headers that the new version no longer has are removed, the others are kept. `Conflict` if
    /// the stored version is not `action.version - 1`, or if a value is for a header that is not
    /// there with `has_secret`. `Taken { field: "name" }`.
    async fn update_action(
        &self,
        action: &Action,
        header_secrets: &[(String, Secret)],
    ) -> Result<()>;
    /// Removes one from sight and wipes its secrets. `Conflict` while an invocation of it is
    /// `awaiting_confirmation`, `intended`, `sending` or `accepted`. Its name is free again.
    async fn delete_action(&self, workspace: WorkspaceId, id: ActionId) -> Result<()>;
    /// One action, its current version.
    async fn action(&self, workspace: WorkspaceId, id: ActionId) -> Result<Action>;
    /// Lists actions.
    async fn actions(&self, workspace: WorkspaceId, page: Page<ActionId>)
    -> Result<Listed<Action>>;
    /// Lists an action's versions; `before` is a version number.
    async fn action_versions(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        page: Page<u32>,
    ) -> Result<Listed<Action>>;
    /// Its secrets that are valid at `now`.
    async fn action_secrets(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        now: Timestamp,
    ) -> Result<ActionSecrets>;
    /// Makes `secret` the current signing secret; those before it stay valid until `old_until` at
    /// the longest.
    async fn rotate_signing_secret(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()>;

    /// Stores the customer's message and begins the turn. `TurnRunning` if one is running in the
    /// conversation, `ClaimLost` if the claim it is begun for is no longer held.
    async fn begin_turn(&self, begin: &BeginTurn) -> Result<()>;
    /// Stores the reply and ends the turn. `Conflict` if it has ended, `NotOwner` if it is another
    /// node's.
    async fn finish_turn(&self, finish: &FinishTurn) -> Result<()>;
    /// Stores something said to the customer without a message of theirs, as a turn of its own that has
    /// ended, also while another one runs.
    async fn say(&self, say: &Say) -> Result<()>;
    /// One conversation.
    async fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Conversation>;
    /// Lists conversations, each with how it begins.
    async fn conversations(
        &self,
        workspace: WorkspaceId,
        filter: &ConversationFilter,
        page: Page<ConversationId>,
    ) -> Result<Listed<ConversationRow>>;
    /// The turn begun last in a conversation, if there is one, and how many there are with it.
    async fn newest_turn(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<(TurnId, u64)>>;
    /// The last `max_turns` turns of a conversation, oldest first, a running one included.
    async fn past_turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max_turns: u32,
    ) -> Result<Vec<PastTurn>>;
    /// The last `max_turns` turns before the turn `before`, oldest first. `NotFound` if the conversation has
    /// no such turn.
    async fn past_turns_before(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        before: TurnId,
        max_turns: u32,
    ) -> Result<Vec<PastTurn>>;
    /// One turn.
    async fn turn(&self, workspace: WorkspaceId, id: TurnId) -> Result<WholeTurn>;
    /// The records of the last `max_turns` turns, oldest first.
    async fn turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max_turns: u32,
    ) -> Result<Vec<TurnRecord>>;

    /// The tokens that an agent's models have read and written on the day (UTC) of a moment, in turns
    /// that have ended. 0 where there are none.
    async fn agent_tokens_of_day(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        at: Timestamp,
    ) -> Result<u64>;

    /// Records what has been decided, before anything is sent: all of it or, on an error, nothing.
    /// `Conflict` if the turn has ended, `NotOwner` if it is another node's.
    async fn begin_invocations(&self, begin: &BeginInvocations) -> Result<Vec<Begun>>;
    /// Moves `intended` to `sending`: from here on bytes may leave. False: it is no longer
    /// `intended`, or another node's, and must not be sent. A later attempt of one that is `sending` returns true.
    async fn mark_sending(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        owner: Owner,
        now: Timestamp,
    ) -> Result<bool>;
    /// Stores the outcome and the attempts. False: it has been settled otherwise, and that stands,
    /// or it is another node's;
    /// the attempts are stored all the same. Only `intended` and `sending` can be settled. One that
    /// is `accepted` has no `finished_at` yet.
    async fn finish_invocation(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        finish: &FinishInvocation<'_>,
    ) -> Result<bool>;
    /// One invocation.
    async fn invocation(&self, workspace: WorkspaceId, id: InvocationId) -> Result<Invocation>;
    /// Its attempts, in order.
    async fn attempts(&self, workspace: WorkspaceId, id: InvocationId) -> Result<Vec<Attempt>>;
    /// Lists invocations.
    async fn invocations(
        &self,
        workspace: WorkspaceId,
        filter: &InvocationFilter,
        page: Page<InvocationId>,
    ) -> Result<Listed<Invocation>>;
    /// The invocations of a turn, in the order recorded.
    async fn turn_invocations(
        &self,
        workspace: WorkspaceId,
        turn: TurnId,
    ) -> Result<Vec<Invocation>>;

    /// How many writes wait for their turn.
    fn waiting_writes(&self) -> usize;
}
