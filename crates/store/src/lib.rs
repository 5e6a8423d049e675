//! The database: every SQL statement, the migrations, and secrets at rest. Nothing outside this
//! crate knows SQL or sees a ciphertext; nothing in it knows HTTP, a model or a webhook.
//!
//! Every query takes a workspace, but for finding a key by its hash, which is how a workspace is found.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use async_trait::async_trait;
use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::conversation::{
    Conversation, Message, PastTurn, Step, StopReason, TurnRecord, TurnStatus,
};
use deskhand_domain::id::{
    ActionId, AgentId, ConversationId, InvocationId, KeyId, TurnId, WorkspaceId,
};
use deskhand_domain::invocation::{Attempt, FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_domain::prompt::Usage;
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::{ApiKey, Workspace};
use jiff::Timestamp;

/// Why the database did not do as asked, named by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row in this workspace: tell the client so.
    #[error("not found")]
    NotFound,
    /// A unique name is taken: tell the client which field.
    #[error("{field} is already in use")]
    Taken {
        /// The field whose value is taken.
        field: &'static str,
    },
    /// Something else stands against it: tell the client what.
    #[error("{0}")]
    Conflict(&'static str),
    /// Stored data does not open or parse: an operator has to look at it.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The database itself failed: an operator has to look at it; trying again may help.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The store has been closed.
    #[error("the database is shutting down")]
    Closed,
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Which part of a list, newest first.
#[derive(Debug, Clone)]
pub struct Page<Id> {
    /// 1 to 100.
    pub limit: u32,
    /// Only rows older than this one.
    pub before: Option<Id>,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A signing secret of an action that is still valid.
#[derive(Debug, Clone)]
pub struct StoredSigningSecret {
    /// `whsec_…`.
    pub secret: Secret,
    /// When it stops being used; null for the current one.
    pub expires_at: Option<Timestamp>,
}

/// The secrets of an action, opened.
#[derive(Debug, Clone, Default)]
pub struct ActionSecrets {
    /// Lower-case header names with their values.
    pub headers: Vec<(String, Secret)>,
    /// The current signing secret first, then those kept alive after a rotation.
    pub signing: Vec<StoredSigningSecret>,
}

/// What a list of invocations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InvocationFilter {
    /// Decided by this agent.
    pub agent_id: Option<AgentId>,
    /// In this conversation.
    pub conversation_id: Option<ConversationId>,
    /// Of the action with this name.
    pub action: Option<String>,
    /// Standing here.
    pub status: Option<InvocationStatus>,
    /// Failed for this reason.
    pub failure_code: Option<FailureCode>,
    /// Decided at or after.
    pub from: Option<Timestamp>,
    /// Decided before.
    pub to: Option<Timestamp>,
}

/// What a list of conversations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// With this agent.
    pub agent_id: Option<AgentId>,
    /// With the contact of this host-site id.
    pub contact_id: Option<String>,
}

/// The start of a turn, in one transaction.
#[derive(Debug, Clone)]
pub struct BeginTurn {
    /// Made if it is not there; its contact and `updated_at` are stored either way.
    pub conversation: Conversation,
    /// Whether it is to be made.
    pub is_new: bool,
    /// The turn, running.
    pub turn_id: TurnId,
    /// The customer's message.
    pub message: Message,
}

/// The end of a turn, in one transaction.
#[derive(Debug, Clone)]
pub struct FinishTurn {
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
    /// The reply.
    pub reply: Message,
}

/// Invocations decided together, in one transaction with the steps that led to them.
#[derive(Debug, Clone)]
pub struct BeginInvocations {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The turn whose steps are stored; null for a test run from the API.
    pub turn_id: Option<TurnId>,
    /// Steps not stored yet, in order.
    pub steps: Vec<Step>,
    /// New invocations. Those that stand `intended` are counted against the conversation's budget
    /// and looked up for an open twin; those that stand `failed` (refused before dispatch) are only
    /// recorded.
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
    /// Recorded as given. If `intended`, it may go on.
    Recorded,
    /// Not recorded: an identical call in this conversation is `intended`, `sending`, `unknown` or
    /// `accepted`. Here it is.
    OpenTwin(Box<Invocation>),
    /// Recorded as `failed` with `budget_exhausted`: the conversation has used up its calls.
    OverBudget,
}

/// A database. Writes are durable when the future resolves.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether it answers.
    async fn ping(&self) -> Result<()>;
    /// Finishes what was asked for and closes it.
    async fn close(&self);

    /// The first workspace made, if there is any.
    async fn first_workspace(&self) -> Result<Option<Workspace>>;
    /// Makes one, with a data key of its own.
    async fn insert_workspace(&self, workspace: &Workspace) -> Result<()>;

    /// Stores a key under the SHA-256 of its text.
    async fn insert_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<()>;
    /// The key with this hash, in whichever workspace.
    async fn key_by_hash(&self, hash: [u8; 32]) -> Result<Option<ApiKey>>;
    /// Lists keys.
    async fn keys(&self, workspace: WorkspaceId, page: Page<KeyId>) -> Result<Listed<ApiKey>>;
    /// Removes one.
    async fn delete_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<()>;

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

    /// Stores a new action (its version 1) with its secrets. `Taken { field: "name" }`.
    async fn insert_action(&self, action: &Action, secrets: &ActionSecrets) -> Result<()>;
    /// Stores the next version. `header_secrets` holds the new values of secret headers; secrets of
    /// headers that the new version no longer has are removed, the others are kept. `Conflict` if
    /// the stored version is not `action.version - 1`.
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

    /// Stores the customer's message and begins the turn. `Conflict` if a turn is running in the
    /// conversation.
    async fn begin_turn(&self, begin: &BeginTurn) -> Result<()>;
    /// Stores the reply and ends the turn.
    async fn finish_turn(&self, finish: &FinishTurn) -> Result<()>;
    /// One conversation.
    async fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Conversation>;
    /// Lists conversations.
    async fn conversations(
        &self,
        workspace: WorkspaceId,
        filter: &ConversationFilter,
        page: Page<ConversationId>,
    ) -> Result<Listed<Conversation>>;
    /// The last `max_turns` turns of a conversation, oldest first, a running one included.
    async fn past_turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max_turns: u32,
    ) -> Result<Vec<PastTurn>>;
    /// The records of the last `max_turns` turns, oldest first.
    async fn turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max_turns: u32,
    ) -> Result<Vec<TurnRecord>>;

    /// Records what has been decided, before anything is sent.
    async fn begin_invocations(&self, begin: &BeginInvocations) -> Result<Vec<Begun>>;
    /// Moves `intended` to `sending`: from here on bytes may leave. False: it is no longer
    /// `intended`, and must not be sent. A later attempt of one that is `sending` returns true.
    async fn mark_sending(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        now: Timestamp,
    ) -> Result<bool>;
    /// Stores the outcome and the attempts. False: it has been settled otherwise, and that stands;
    /// the attempts are stored all the same.
    async fn finish_invocation(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        outcome: &Outcome,
        attempts: &[Attempt],
        now: Timestamp,
        duration_ms: u64,
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
    /// The invocations of the given turns, oldest first.
    async fn turn_invocations(
        &self,
        workspace: WorkspaceId,
        turn: TurnId,
    ) -> Result<Vec<Invocation>>;

    /// Settles what a stopped server left behind, at start: `intended` becomes `failed`
    /// (`interrupted`), `sending` becomes `unknown` (`failed` where the action version only looks
    /// things up), running turns end as `failed` with `apology` as the reply. Returns how many
    /// invocations and turns were settled.
    async fn settle_interrupted(&self, now: Timestamp, apology: &str) -> Result<(u64, u64)>;
}
