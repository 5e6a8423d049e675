//! [`CallbackStore`] on SQLite.

use async_trait::async_trait;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use jiff::Timestamp;

use super::SqliteStore;
use crate::{Callback, CallbackStore, Result, SettleInvocation, Settled, callback};

#[async_trait]
impl CallbackStore for SqliteStore {
    async fn add_callback(&self, callback: &Callback) -> Result<()> {
        let callback = callback.clone();
        self.write(move |conn| callback::add(conn, &callback)).await
    }

    async fn callback_by_hash(&self, hash: [u8; 32]) -> Result<Option<Callback>> {
        self.read(move |conn| callback::by_hash(conn, hash)).await
    }

    async fn note_progress(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        text: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let text = text.to_owned();
        self.write(move |conn| callback::progress(conn, workspace, id, &text, at))
            .await
    }

    async fn settle_invocation(&self, settle: &SettleInvocation) -> Result<Settled> {
        let settle = settle.clone();
        self.write(move |conn| callback::settle(conn, &settle))
            .await
    }

    async fn overdue(
        &self,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<(WorkspaceId, InvocationId)>> {
        self.read(move |conn| callback::overdue(conn, now, most))
            .await
    }
}
