//! Invocations as their owner reads them.

use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, Invocation};
use deskhand_store::{InvocationFilter, Listed, Page};

use crate::{Result, Service};

/// One invocation with every request made for it.
#[derive(Debug, Clone)]
pub struct InvocationView {
    /// The invocation.
    pub invocation: Invocation,
    /// In order.
    pub attempts: Vec<Attempt>,
}

impl Service {
    /// One invocation with its attempts.
    pub async fn invocation(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
    ) -> Result<InvocationView> {
        Ok(InvocationView {
            invocation: self.store().invocation(workspace, id).await?,
            attempts: self.store().attempts(workspace, id).await?,
        })
    }

    /// Lists invocations, newest first.
    pub async fn invocations(
        &self,
        workspace: WorkspaceId,
        filter: &InvocationFilter,
        page: Page<InvocationId>,
    ) -> Result<Listed<Invocation>> {
        Ok(self.store().invocations(workspace, filter, page).await?)
    }
}
