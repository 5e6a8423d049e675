//! The circuit breakers' part of the store.

use async_trait::async_trait;
use deskhand_domain::circuit::{Change, Circuit};
use deskhand_domain::id::{ActionId, WorkspaceId};
use jiff::Timestamp;

use super::Database;
use crate::{CircuitStore, Result, circuit};

#[async_trait]
impl CircuitStore for Database {
    async fn circuits(&self, workspace: WorkspaceId) -> Result<Vec<(ActionId, Circuit)>> {
        self.read(move |conn| circuit::list(conn, workspace)).await
    }

    async fn change_circuit(
        &self,
        workspace: WorkspaceId,
        action: ActionId,
        change: &Change,
        now: Timestamp,
    ) -> Result<(bool, Circuit)> {
        let change = change.clone();
        self.write(move |conn| circuit::change(conn, workspace, action, &change, now))
            .await
    }
}
