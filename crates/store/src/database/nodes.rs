//! The nodes' part of the store.

use async_trait::async_trait;
use deskhand_domain::id::NodeId;
use jiff::Timestamp;

use super::Database;
use crate::{AbandonTurn, NodeStore, Result, TakenOver, TakenTurn, node};

#[async_trait]
impl NodeStore for Database {
    async fn join(&self, id: NodeId, now: Timestamp, until: Timestamp) -> Result<()> {
        // A file has one server at a time.
        self.write(move |conn| node::join(conn, id, now, until, !conn.is_postgres()))
            .await
    }

    async fn renew_lease(&self, id: NodeId, now: Timestamp, until: Timestamp) -> Result<()> {
        self.write(move |conn| node::renew(conn, id, now, until))
            .await
    }

    async fn leave(&self, id: NodeId) -> Result<u64> {
        self.write(move |conn| node::leave(conn, id)).await
    }

    async fn take_over(&self, id: NodeId, now: Timestamp, most: u32) -> Result<TakenOver> {
        let vault = self.vault.clone();
        self.write(move |conn| node::take_over(conn, id, now, most, vault.entropy()))
            .await
    }

    async fn owned_turns(&self, id: NodeId) -> Result<Vec<TakenTurn>> {
        self.read(move |conn| node::owned(conn, id)).await
    }

    async fn adopt_turn(&self, id: NodeId, turn: &TakenTurn) -> Result<Option<TakenTurn>> {
        let (workspace, turn) = (turn.workspace_id, turn.turn_id);
        self.write(move |conn| node::adopt(conn, id, workspace, turn))
            .await
    }

    async fn abandon_turn(&self, abandon: &AbandonTurn) -> Result<()> {
        let (end, vault) = (abandon.clone(), self.vault.clone());
        self.write(move |conn| node::abandon(conn, &end, vault.entropy()))
            .await
    }
}
