//! The part of the store for conversations that are handed to a person.

use async_trait::async_trait;
use deskhand_domain::id::{ConversationId, WorkspaceId};

use super::Database;
use crate::{HandoffStore, Result, Say, Waiting, handoff};

#[async_trait]
impl HandoffStore for Database {
    async fn answer_as_person(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        say: Option<&Say>,
        hand_back: bool,
    ) -> Result<()> {
        let (say, vault) = (say.cloned(), self.vault.clone());
        self.write(move |conn| {
            handoff::answer(
                conn,
                workspace,
                conversation,
                say.as_ref(),
                hand_back,
                vault.entropy(),
            )
        })
        .await
    }

    async fn handoffs_waiting(&self, workspace: WorkspaceId) -> Result<Option<Waiting>> {
        self.read(move |conn| handoff::waiting(conn, workspace))
            .await
    }

    async fn unsettled(&self, workspace: WorkspaceId) -> Result<Option<Waiting>> {
        self.read(move |conn| handoff::unsettled(conn, workspace))
            .await
    }
}
