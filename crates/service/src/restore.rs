//! Takes an action back to what an earlier version of it was.

use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_store::Page;
use serde::Deserialize;

use crate::input::fields_of;
use crate::{Result, Saved, Service, ServiceError};

/// Which version to go back to.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Its number.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub version: u32,
}

impl Service {
    /// Makes a new version with the definition of an earlier one. Secrets of headers are kept by the
    /// headers' names: those of headers that are gone have gone with them.
    pub async fn restore_action(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        restore: &Restore,
    ) -> Result<Saved> {
        let page = Page {
            limit: 1,
            before: Some(restore.version.saturating_add(1)),
        };
        let earlier = self.action_versions(workspace, id, page).await?.rows.pop();
        let earlier = earlier
            .filter(|action| action.version == restore.version)
            .ok_or_else(|| ServiceError::field("version", "is not a version of this action"))?;
        let fields = fields_of(&earlier.definition)?;
        self.update_action(workspace, id, fields).await
    }
}
