//! What is said to a customer without a message of theirs.

use deskhand_domain::conversation::{Conversation, Message, Speaker, TurnStatus};
use deskhand_domain::id::{MessageId, TurnId};
use deskhand_domain::invocation::Invocation;
use deskhand_store::Say;

use crate::Service;
use crate::chat::{ChatAnswer, InvocationSummary, of_person};

impl Service {
    /// Something to be said in a conversation, in a turn of its own.
    pub(crate) fn to_say(
        &self,
        conversation: &Conversation,
        role: Speaker,
        text: String,
        about: Option<&Invocation>,
    ) -> Say {
        let now = self.now();
        Say {
            workspace_id: conversation.workspace_id,
            conversation_id: conversation.id,
            about: about.map(|invocation| invocation.id),
            message: Message {
                id: MessageId::new(now, self.entropy()),
                turn_id: TurnId::new(now, self.entropy()),
                role,
                text,
                created_at: now,
            },
        }
    }

    /// Tells whoever listens of what was said of these calls right after a reply.
    pub(crate) fn tell_of_follow_ups(
        &self,
        conversation: &Conversation,
        follow_ups: &[Say],
        calls: &[Invocation],
    ) {
        for said in follow_ups {
            let about = calls.iter().find(|call| Some(call.id) == said.about);
            self.tell_of_said(conversation, said, about);
        }
    }

    /// Tells whoever listens of what has been said and stored, as it stands in the conversation.
    pub(crate) fn tell_of_said(
        &self,
        conversation: &Conversation,
        said: &Say,
        about: Option<&Invocation>,
    ) {
        let feed = self.inner.feeds.of(conversation.id);
        feed.interject(ChatAnswer {
            conversation_id: conversation.id,
            turn_id: said.message.turn_id,
            status: TurnStatus::Completed,
            role: of_person(said.message.role),
            reply: said.message.text.clone(),
            invocations: about.map(InvocationSummary::from).into_iter().collect(),
            confirmation: None,
        });
        self.inner.feeds.keep(&feed);
        self.tell_ended(
            conversation.workspace_id,
            conversation.id,
            said.message.turn_id,
        );
        self.tell_of_conversation(conversation);
    }
}
