//! The trait, method by method: prepare what can be prepared, then one job on a connection.

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

use super::Database;
use crate::bus::Bus;
use crate::{
    ActionSecrets, BeginInvocations, BeginTurn, Begun, ClaimId, ClaimKey, Claimed,
    ConversationFilter, FinishInvocation, FinishTurn, InvocationFilter, Listed, Offer, Owner, Page,
    Result, Say, Store, StoredAnswer, WholeTurn, action, agent, conversation, idempotency,
    invocation, key, offer, secret, turn, workspace,
};

/// One job, `read` or `write`: the body is a call that takes the connection.
macro_rules! job {
    ($store:ident.$kind:ident, |$conn:ident| $body:expr) => {
        $store.$kind(move |$conn| $body).await
    };
}
pub(super) use job;

#[async_trait]
impl Store for Database {
    async fn ping(&self) -> Result<()> {
        self.answers().await
    }

    async fn close(&self) {
        self.shut().await;
    }

    fn bus(&self) -> Option<Arc<Bus>> {
        self.word()
    }

    async fn first_workspace(&self) -> Result<Option<Workspace>> {
        job!(self.read, |conn| workspace::first(conn))
    }

    async fn insert_workspace(&self, workspace: &Workspace) -> Result<()> {
        let data_key = self.vault.make_data_key(workspace.id)?;
        let new = workspace.clone();
        job!(self.write, |conn| workspace::insert(conn, &new, &data_key))
    }

    async fn insert_first_workspace(
        &self,
        workspace: &Workspace,
        key: &ApiKey,
        hash: [u8; 32],
    ) -> Result<bool> {
        let data = self.vault.make_data_key(workspace.id)?;
        let (new, key) = (workspace.clone(), key.clone());
        job!(self.write, |conn| workspace::insert_first(
            conn, &new, &data, &key, hash
        ))
    }

    async fn insert_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<()> {
        let new = key.clone();
        job!(self.write, |conn| key::insert(conn, &new, hash))
    }

    async fn key_by_hash(&self, hash: [u8; 32]) -> Result<Option<ApiKey>> {
        job!(self.read, |conn| key::by_hash(conn, hash))
    }

    async fn keys(&self, workspace: WorkspaceId, page: Page<KeyId>) -> Result<Listed<ApiKey>> {
        job!(self.browse, |conn| key::list(conn, workspace, &page))
    }

    async fn delete_key(&self, workspace: WorkspaceId, id: KeyId, now: Timestamp) -> Result<()> {
        job!(self.write, |conn| key::delete(conn, workspace, id, now))
    }

    async fn claim(&self, claim: &ClaimKey) -> Result<Claimed> {
        let (workspace, claim) = (claim.workspace_id, claim.clone());
        let key = self.data_key(workspace).await?;
        let found = job!(self.write, |conn| idempotency::claim(conn, &claim))?;
        idempotency::open(&self.vault, &key, workspace, found)
    }

    async fn settle_claim(
        &self,
        workspace: WorkspaceId,
        id: &ClaimId,
        answer: &StoredAnswer,
        keep_until: Timestamp,
    ) -> Result<()> {
        let key = self.data_key(workspace).await?;
        let sealed = idempotency::seal(&self.vault, &key, workspace, id, answer)?;
        let (id, status) = (id.clone(), answer.status);
        job!(self.write, |conn| idempotency::settle(
            conn, workspace, &id, status, &sealed, keep_until
        ))
    }

    async fn release_claim(&self, workspace: WorkspaceId, id: &ClaimId) -> Result<()> {
        let id = id.clone();
        job!(self.write, |conn| idempotency::release(
            conn, workspace, &id
        ))
    }

    async fn insert_agent(&self, agent: &Agent) -> Result<()> {
        let new = agent.clone();
        job!(self.write, |conn| agent::insert(conn, &new))
    }

    async fn update_agent(&self, agent: &Agent) -> Result<()> {
        let new = agent.clone();
        job!(self.write, |conn| agent::update(conn, &new))
    }

    async fn delete_agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<()> {
        job!(self.write, |conn| agent::delete(conn, workspace, id))
    }

    async fn agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<Agent> {
        job!(self.read, |conn| agent::one(conn, workspace, id))
    }

    async fn agents(&self, workspace: WorkspaceId, page: Page<AgentId>) -> Result<Listed<Agent>> {
        job!(self.browse, |conn| agent::list(conn, workspace, &page))
    }

    async fn attach(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        action: ActionId,
        max: u32,
        now: Timestamp,
    ) -> Result<()> {
        job!(self.write, |conn| agent::attach(
            conn, workspace, agent, action, max, now
        ))
    }

    async fn detach(&self, workspace: WorkspaceId, agent: AgentId, action: ActionId) -> Result<()> {
        job!(self.write, |conn| agent::detach(
            conn, workspace, agent, action
        ))
    }

    async fn agent_actions(&self, workspace: WorkspaceId, agent: AgentId) -> Result<Vec<Action>> {
        job!(self.read, |conn| agent::actions(conn, workspace, agent))
    }

    async fn offer(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        known: Option<i64>,
    ) -> Result<Option<Offer>> {
        job!(self.read, |conn| offer::read(conn, workspace, agent, known))
    }

    async fn insert_action(&self, action: &Action, secrets: &ActionSecrets) -> Result<()> {
        let key = self.data_key(action.workspace_id).await?;
        let sealed = secret::seal_all(&self.vault, &key, action, secrets)?;
        let new = action.clone();
        job!(self.write, |conn| action::insert(conn, &new, &sealed))
    }

    async fn update_action(
        &self,
        action: &Action,
        header_secrets: &[(String, Secret)],
    ) -> Result<()> {
        let key = self.data_key(action.workspace_id).await?;
        let sealed = secret::seal_headers(&self.vault, &key, action, header_secrets)?;
        let new = action.clone();
        job!(self.write, |conn| action::update(conn, &new, &sealed))
    }

    async fn delete_action(&self, workspace: WorkspaceId, id: ActionId) -> Result<()> {
        job!(self.write, |conn| action::delete(conn, workspace, id))
    }

    async fn action(&self, workspace: WorkspaceId, id: ActionId) -> Result<Action> {
        job!(self.read, |conn| action::one(conn, workspace, id))
    }

    async fn actions(
        &self,
        workspace: WorkspaceId,
        page: Page<ActionId>,
    ) -> Result<Listed<Action>> {
        job!(self.browse, |conn| action::list(conn, workspace, &page))
    }

    async fn action_versions(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        page: Page<u32>,
    ) -> Result<Listed<Action>> {
        job!(self.browse, |conn| action::versions(
            conn, workspace, id, &page
        ))
    }

    async fn action_secrets(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        now: Timestamp,
    ) -> Result<ActionSecrets> {
        let key = self.data_key(workspace).await?;
        let stored = job!(self.read, |conn| secret::valid(conn, workspace, id, now))?;
        secret::open(&self.vault, &key, workspace, id, stored)
    }

    async fn rotate_signing_secret(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()> {
        let key = self.data_key(workspace).await?;
        let new = secret::seal_signing(&self.vault, &key, (workspace, id), secret, None)?;
        job!(self.write, |conn| secret::rotate(
            conn, workspace, id, &new, now, old_until
        ))
    }

    async fn begin_turn(&self, begin: &BeginTurn) -> Result<()> {
        let (new, vault) = (begin.clone(), self.vault.clone());
        job!(self.write, |conn| turn::begin(conn, &new, vault.entropy()))
    }

    async fn finish_turn(&self, finish: &FinishTurn) -> Result<()> {
        let (end, vault) = (finish.clone(), self.vault.clone());
        job!(self.write, |conn| turn::finish(conn, &end, vault.entropy()))
    }

    async fn say(&self, say: &Say) -> Result<()> {
        let (say, vault) = (say.clone(), self.vault.clone());
        job!(self.write, |conn| turn::say(conn, &say, vault.entropy()))
    }

    async fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Conversation> {
        job!(self.read, |conn| conversation::one(conn, workspace, id))
    }

    async fn conversations(
        &self,
        workspace: WorkspaceId,
        filter: &ConversationFilter,
        page: Page<ConversationId>,
    ) -> Result<Listed<ConversationRow>> {
        let filter = filter.clone();
        job!(self.browse, |conn| conversation::list(
            conn, workspace, &filter, &page
        ))
    }

    async fn newest_turn(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<(TurnId, u64)>> {
        job!(self.read, |conn| turn::newest(conn, workspace, id))
    }

    async fn past_turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max: u32,
    ) -> Result<Vec<PastTurn>> {
        job!(self.read, |conn| turn::past(conn, workspace, id, max))
    }

    async fn past_turns_before(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        before: TurnId,
        max: u32,
    ) -> Result<Vec<PastTurn>> {
        job!(self.read, |conn| turn::past_before(
            conn, workspace, id, before, max
        ))
    }

    async fn turn(&self, workspace: WorkspaceId, id: TurnId) -> Result<WholeTurn> {
        job!(self.read, |conn| turn::whole(conn, workspace, id))
    }

    async fn turns(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        max: u32,
    ) -> Result<Vec<TurnRecord>> {
        job!(self.browse, |conn| turn::records(conn, workspace, id, max))
    }

    async fn agent_tokens_of_day(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        at: Timestamp,
    ) -> Result<u64> {
        job!(self.read, |conn| turn::tokens_of_day(
            conn, workspace, agent, at
        ))
    }

    async fn begin_invocations(&self, begin: &BeginInvocations) -> Result<Vec<Begun>> {
        let (new, vault) = (begin.clone(), self.vault.clone());
        job!(self.write, |conn| invocation::begin(
            conn,
            &new,
            vault.entropy()
        ))
    }

    async fn mark_sending(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        owner: Owner,
        now: Timestamp,
    ) -> Result<bool> {
        job!(self.write, |conn| invocation::mark_sending(
            conn, workspace, id, owner, now
        ))
    }

    async fn finish_invocation(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        finish: &FinishInvocation<'_>,
    ) -> Result<bool> {
        let end = invocation::Finish::new(workspace, id, finish)?;
        let vault = self.vault.clone();
        job!(self.write, |conn| invocation::finish(
            conn,
            &end,
            vault.entropy()
        ))
    }

    async fn invocation(&self, workspace: WorkspaceId, id: InvocationId) -> Result<Invocation> {
        job!(self.read, |conn| invocation::one(conn, workspace, id))
    }

    async fn attempts(&self, workspace: WorkspaceId, id: InvocationId) -> Result<Vec<Attempt>> {
        job!(self.browse, |conn| invocation::attempts(
            conn, workspace, id
        ))
    }

    async fn invocations(
        &self,
        workspace: WorkspaceId,
        filter: &InvocationFilter,
        page: Page<InvocationId>,
    ) -> Result<Listed<Invocation>> {
        let filter = filter.clone();
        job!(self.browse, |conn| invocation::list(
            conn, workspace, &filter, &page
        ))
    }

    async fn turn_invocations(
        &self,
        workspace: WorkspaceId,
        turn: TurnId,
    ) -> Result<Vec<Invocation>> {
        job!(self.read, |conn| invocation::of_turn(conn, workspace, turn))
    }

    fn waiting_writes(&self) -> usize {
        self.waiting()
    }
}
