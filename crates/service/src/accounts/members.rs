//! The people of a workspace.

use deskhand_domain::account::Member;
use deskhand_domain::id::{UserId, WorkspaceId};
use deskhand_store::{Listed, Page};

use crate::{Result, Service};

impl Service {
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
