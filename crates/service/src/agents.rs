//! Agents: make, read, change, remove, and what they may do.

use deskhand_domain::action::{Action, FieldError};
use deskhand_domain::agent::{Agent, AgentDefinition};
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_store::{Listed, Page, StoreError};
use serde_json::{Map, Value};

use crate::input::{overlay, parse};
use crate::{ActionView, Result, Service, ServiceError};

const FIELDS: &[&str] = &[
    "name",
    "instructions",
    "model",
    "fallback_model",
    "fallback_message",
    "fallback_contact",
    "daily_token_budget",
    "handoff",
];

impl Service {
    /// Makes an agent from the fields given.
    pub async fn create_agent(
        &self,
        workspace: WorkspaceId,
        given: Map<String, Value>,
    ) -> Result<Agent> {
        let definition = self.agent_definition(Map::new(), given)?;
        let now = self.now();
        let agent = Agent {
            id: AgentId::new(now, self.entropy()),
            workspace_id: workspace,
            definition,
            created_at: now,
            updated_at: now,
        };
        self.store().insert_agent(&agent).await?;
        Ok(agent)
    }

    /// Changes the fields given.
    pub async fn update_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        given: Map<String, Value>,
    ) -> Result<Agent> {
        let mut agent = self.store().agent(workspace, id).await?;
        agent.definition =
            self.agent_definition(crate::input::fields_of(&agent.definition)?, given)?;
        agent.updated_at = self.now();
        self.store().update_agent(&agent).await?;
        Ok(agent)
    }

    /// One agent.
    pub async fn agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<Agent> {
        Ok(self.store().agent(workspace, id).await?)
    }

    /// Lists agents, newest first.
    pub async fn agents(
        &self,
        workspace: WorkspaceId,
        page: Page<AgentId>,
    ) -> Result<Listed<Agent>> {
        Ok(self.store().agents(workspace, page).await?)
    }

    /// The same list for who may see one agent only.
    pub async fn only_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        page: &Page<AgentId>,
    ) -> Result<Listed<Agent>> {
        if page.before.is_some_and(|before| id >= before) {
            return Ok(Listed::none());
        }
        match self.store().agent(workspace, id).await {
            Ok(agent) => Ok(Listed {
                rows: vec![agent],
                more: false,
            }),
            Err(StoreError::NotFound) => Ok(Listed::none()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lists the actions attached to an agent, newest first.
    pub async fn actions_of(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        page: &Page<ActionId>,
    ) -> Result<Listed<ActionView>> {
        let mut rows = match self.agent_actions(workspace, id).await {
            Ok(rows) => rows,
            Err(ServiceError::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        };
        rows.retain(|action| page.before.is_none_or(|before| action.id < before));
        rows.sort_by_key(|action| std::cmp::Reverse(action.id));
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        self.all_seen(Listed { rows, more }).await
    }

    /// Removes an agent. What it did stays readable.
    pub async fn delete_agent(&self, workspace: WorkspaceId, id: AgentId) -> Result<()> {
        Ok(self.store().delete_agent(workspace, id).await?)
    }

    /// The actions attached to an agent.
    pub async fn agent_actions(&self, workspace: WorkspaceId, id: AgentId) -> Result<Vec<Action>> {
        self.store().agent(workspace, id).await?;
        Ok(self.store().agent_actions(workspace, id).await?)
    }

    /// The actions attached to an agent as their owner sees them, in the order attached.
    pub async fn agent_action_views(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
    ) -> Result<Listed<ActionView>> {
        let rows = self.agent_actions(workspace, id).await?;
        // Never more than the limit of actions an agent may have, so it is one page.
        self.all_seen(Listed { rows, more: false }).await
    }

    /// Lets an agent use an action.
    pub async fn attach(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        action: ActionId,
    ) -> Result<()> {
        let max = u32::try_from(limits::ACTIONS_PER_AGENT).unwrap_or(u32::MAX);
        Ok(self
            .store()
            .attach(workspace, agent, action, max, self.now())
            .await?)
    }

    /// Takes an action away from an agent.
    pub async fn detach(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        action: ActionId,
    ) -> Result<()> {
        Ok(self.store().detach(workspace, agent, action).await?)
    }

    fn agent_definition(
        &self,
        stored: Map<String, Value>,
        given: Map<String, Value>,
    ) -> Result<AgentDefinition> {
        let definition: AgentDefinition = parse(overlay(stored, given, FIELDS, &["name"])?)?;
        let mut errors = definition.check();
        for (field, model) in [
            ("model", &definition.model),
            ("fallback_model", &definition.fallback_model),
        ] {
            if let Some(name) = model
                && let Err(error) = self.models().get(name)
            {
                errors.push(FieldError::new(field, error.to_string()));
            }
        }
        if errors.is_empty() {
            Ok(definition)
        } else {
            Err(ServiceError::Invalid(errors))
        }
    }
}
