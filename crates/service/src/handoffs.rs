//! A person answers in the agent's place, and hands the conversation back.

use deskhand_domain::action::FieldError;
use deskhand_domain::conversation::{Conversation, Message, Speaker};
use deskhand_domain::id::{ConversationId, WorkspaceId};
use deskhand_domain::limits;
use serde::Deserialize;

use crate::{Result, Service, ServiceError};

/// What a person says in a conversation, whether they give it back to its agent, or both.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonsMessage {
    /// What the customer hears: 1 to 8,000 characters; null to only hand back.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::MESSAGE_CHARS)))]
    pub text: Option<String>,
    /// Whether the agent answers again from here on.
    #[serde(default)]
    pub hand_back: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum PersonAnswered {
    /// It was said.
    Said(Message),
    /// The conversation is the agent's again, and nothing was said.
    HandedBack(Box<Conversation>),
}

impl Service {
    /// `NotFound` unless there is such a conversation.
    pub async fn has_conversation(&self, workspace: WorkspaceId, id: ConversationId) -> Result<()> {
        self.store().conversation(workspace, id).await?;
        Ok(())
    }

    /// Says something to the customer in a person's name, hands the conversation back to its agent, or
    /// both. A person may speak in any conversation, whether they were asked for or not.
    pub async fn answer_as_person(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        given: PersonsMessage,
    ) -> Result<PersonAnswered> {
        let conversation = self.store().conversation(workspace, id).await?;
        check(&given)?;
        let said = given
            .text
            .map(|text| self.to_say(&conversation, Speaker::Person, text, None));
        self.store()
            .answer_as_person(workspace, id, said.as_ref(), given.hand_back)
            .await?;
        self.events_wait();
        match said {
            Some(said) => {
                self.tell_of_said(&conversation, &said, None);
                Ok(PersonAnswered::Said(said.message))
            }
            None => {
                self.tell_of_conversation(&conversation);
                let now = self.store().conversation(workspace, id).await?;
                Ok(PersonAnswered::HandedBack(Box::new(now)))
            }
        }
    }
}

fn check(given: &PersonsMessage) -> Result<()> {
    let wrong = match &given.text {
        None if !given.hand_back => "is missing; say something, or set `hand_back`".to_owned(),
        Some(text) if text.trim().is_empty() => "is empty; use null to only hand back".to_owned(),
        Some(text) if text.chars().count() > limits::MESSAGE_CHARS => format!(
            "is {} characters long; at most {}",
            text.chars().count(),
            limits::MESSAGE_CHARS
        ),
        _ => return Ok(()),
    };
    Err(ServiceError::Invalid(vec![FieldError::new("text", wrong)]))
}
