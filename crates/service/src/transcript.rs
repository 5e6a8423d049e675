//! What is stored of conversations, to be read.

use deskhand_domain::conversation::{Conversation, ConversationRow, Message, TurnRecord};
use deskhand_domain::id::{ConversationId, WorkspaceId};
use deskhand_domain::invocation::Invocation;
use deskhand_store::{ConversationFilter, InvocationFilter, Listed, Page};
use serde::Serialize;

use crate::histories::LOOK_BACK_TURNS;
use crate::{Result, Service};

/// A conversation with everything in it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationView {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// The turns, oldest first.
    pub turns: Vec<TurnRecord>,
    /// What was run, oldest first.
    pub invocations: Vec<Invocation>,
}

impl Service {
    /// One conversation with its messages, turns and invocations.
    pub async fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<ConversationView> {
        let conversation = self.store().conversation(workspace, id).await?;
        // The turns first: whatever they say is over is all there in what is read after them.
        let turns = self.store().turns(workspace, id, LOOK_BACK_TURNS).await?;
        let past = self
            .store()
            .past_turns(workspace, id, LOOK_BACK_TURNS)
            .await?;
        let filter = InvocationFilter {
            conversation_id: Some(id),
            // Those of the turns shown, however many.
            from: turns.first().map(|turn| turn.started_at),
            ..InvocationFilter::default()
        };
        let mut invocations = Vec::new();
        let mut before = None;
        loop {
            let page = Page { limit: 100, before };
            let listed = self.store().invocations(workspace, &filter, page).await?;
            before = listed.rows.last().map(|last| last.id);
            invocations.extend(listed.rows);
            if !listed.more {
                break;
            }
        }
        invocations.reverse();
        let messages = past
            .into_iter()
            .flat_map(|turn| turn.message.into_iter().chain(turn.reply))
            .collect();
        Ok(ConversationView {
            conversation,
            messages,
            turns,
            invocations,
        })
    }

    /// Lists conversations, newest first.
    pub async fn conversations(
        &self,
        workspace: WorkspaceId,
        filter: &ConversationFilter,
        page: Page<ConversationId>,
    ) -> Result<Listed<ConversationRow>> {
        Ok(self.store().conversations(workspace, filter, page).await?)
    }
}
