//! The widget of an agent, the origins from which it may be used, and who its visitors are.

pub(crate) mod identity;
pub(crate) mod origin;
pub(crate) mod settings;
pub(crate) mod token;

use async_trait::async_trait;
use deskhand_domain::agent::Agent;
use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::widget::WidgetSettings;
use jiff::Timestamp;

use crate::Result;

/// An agent as pages with its widget see it.
#[derive(Debug, Clone, PartialEq)]
pub struct WidgetHost {
    /// The agent, with its workspace.
    pub agent: Agent,
    /// How its widget looks.
    pub settings: WidgetSettings,
    /// The origins from which it may be used, in the owner's order.
    pub origins: Vec<String>,
}

/// A secret by which a host site proves who its customers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySecret {
    /// Names it.
    pub id: String,
    /// The secret itself.
    pub secret: Secret,
}

/// What the widget asks of a database.
#[async_trait]
pub trait WidgetStore: Send + Sync {
    /// The settings of an agent's widget; `None` where none have been stored.
    async fn widget(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
    ) -> Result<Option<WidgetSettings>>;
    /// Stores them. `NotFound` if there is no such agent.
    async fn put_widget(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        settings: &WidgetSettings,
        now: Timestamp,
    ) -> Result<()>;
    /// The agent of that id in whichever workspace, if its widget has settings.
    async fn widget_host(&self, agent: AgentId) -> Result<Option<WidgetHost>>;
    /// The origins from which a workspace's widgets may be used, in the owner's order.
    async fn widget_origins(&self, workspace: WorkspaceId) -> Result<Vec<String>>;
    /// Whether any workspace has this origin.
    async fn is_widget_origin(&self, origin: &str) -> Result<bool>;
    /// Makes `secret` the current identity secret; those before it stay valid until `old_until` at
    /// the longest.
    async fn rotate_identity_secret(
        &self,
        workspace: WorkspaceId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()>;
    /// Those that are valid at `now`, the newest first.
    async fn identity_secrets(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<IdentitySecret>>;
    /// Seals what a visitor's token says, so that only this server can read or write it.
    async fn seal_token(&self, workspace: WorkspaceId, says: &Secret) -> Result<String>;
    /// What such a token says; `None` if it was not sealed here, or for another workspace.
    async fn open_token(&self, workspace: WorkspaceId, token: &str) -> Result<Option<Secret>>;
}
