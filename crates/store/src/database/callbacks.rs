//! The part of the trait that is about what is known of invocations after their calls.

use async_trait::async_trait;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use jiff::Timestamp;

use super::Database;
use super::store::job;
use crate::{Callback, CallbackStore, Result, SettleInvocation, Settled, callback};

#[async_trait]
impl CallbackStore for Database {
    async fn add_callback(&self, callback: &Callback) -> Result<()> {
        let callback = callback.clone();
        job!(self.write, |conn| callback::add(conn, &callback))
    }

    async fn callback_by_hash(&self, hash: [u8; 32]) -> Result<Option<Callback>> {
        job!(self.read, |conn| callback::by_hash(conn, hash))
    }

    async fn note_progress(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        text: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let text = text.to_owned();
        job!(self.write, |conn| callback::progress(
            conn, workspace, id, &text, at
        ))
    }

    async fn settle_invocation(&self, settle: &SettleInvocation) -> Result<Settled> {
        let (settle, vault) = (settle.clone(), self.vault.clone());
        job!(self.write, |conn| callback::settle(
            conn,
            &settle,
            vault.entropy()
        ))
    }

    async fn overdue(
        &self,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<(WorkspaceId, InvocationId)>> {
        job!(self.read, |conn| callback::overdue(conn, now, most))
    }
}
