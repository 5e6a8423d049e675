//! The widget's part of the store.

use async_trait::async_trait;
use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::widget::WidgetSettings;
use jiff::Timestamp;

use super::Database;
use crate::widget::{identity, origin, settings, token};
use crate::{IdentitySecret, Result, StoreError, WidgetHost, WidgetStore};

#[async_trait]
impl WidgetStore for Database {
    async fn widget(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
    ) -> Result<Option<WidgetSettings>> {
        self.read(move |conn| settings::one(conn, workspace, agent))
            .await
    }

    async fn put_widget(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        settings: &WidgetSettings,
        now: Timestamp,
    ) -> Result<()> {
        let new = settings.clone();
        self.write(move |conn| settings::put(conn, workspace, agent, &new, now))
            .await
    }

    async fn widget_host(&self, agent: AgentId) -> Result<Option<WidgetHost>> {
        self.read(move |conn| settings::host(conn, agent)).await
    }

    async fn widget_origins(&self, workspace: WorkspaceId) -> Result<Vec<String>> {
        self.read(move |conn| origin::list(conn, workspace)).await
    }

    async fn is_widget_origin(&self, origin: &str) -> Result<bool> {
        let origin = origin.to_owned();
        self.read(move |conn| origin::is_known(conn, &origin)).await
    }

    async fn rotate_identity_secret(
        &self,
        workspace: WorkspaceId,
        secret: &Secret,
        now: Timestamp,
        old_until: Timestamp,
    ) -> Result<()> {
        let key = self.data_key(workspace).await?;
        let new = identity::seal(&self.vault, &key, workspace, secret)?;
        self.write(move |conn| identity::rotate(conn, workspace, &new, now, old_until))
            .await
    }

    async fn identity_secrets(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<IdentitySecret>> {
        let key = self.data_key(workspace).await?;
        let sealed = self
            .read(move |conn| identity::valid(conn, workspace, now))
            .await?;
        identity::open(&self.vault, &key, workspace, sealed)
    }

    async fn seal_token(&self, workspace: WorkspaceId, says: &Secret) -> Result<String> {
        let key = self.data_key(workspace).await?;
        token::seal(&self.vault, &key, workspace, says)
    }

    async fn open_token(&self, workspace: WorkspaceId, token: &str) -> Result<Option<Secret>> {
        match self.data_key(workspace).await {
            Ok(key) => Ok(token::open(&self.vault, &key, workspace, token)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
