//! A workspace and its people.

use deskhand_domain::account::{self, Member};
use deskhand_domain::id::{UserId, WorkspaceId};
use deskhand_domain::workspace::Workspace;
use deskhand_store::{Listed, Page};
use serde::Deserialize;

use crate::{Result, Service, ServiceError};

/// What is to change of a workspace. What is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceRequest {
    /// For people: 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub name: Option<String>,
}

impl Service {
    /// One workspace.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<Workspace> {
        Ok(self.store().workspace(id).await?)
    }

    /// Changes it.
    pub async fn update_workspace(
        &self,
        id: WorkspaceId,
        request: WorkspaceRequest,
    ) -> Result<Workspace> {
        let Some(name) = request.name else {
            return self.workspace(id).await;
        };
        let name = account::name(&name).map_err(|mend| ServiceError::field("name", mend))?;
        Ok(self.store().rename_workspace(id, &name).await?)
    }

    /// Lists the people of a workspace, newest first.
    pub async fn members(
        &self,
        workspace: WorkspaceId,
        page: Page<UserId>,
    ) -> Result<Listed<Member>> {
        Ok(self.store().members(workspace, page).await?)
    }

    /// Removes an account, unless it is the last one, and signs it out everywhere.
    pub async fn remove_member(&self, workspace: WorkspaceId, id: UserId) -> Result<()> {
        Ok(self.store().delete_member(workspace, id).await?)
    }
}
