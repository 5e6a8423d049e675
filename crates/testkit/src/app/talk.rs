//! A conversation from the customer's side.

use serde_json::{Value, json};

use super::{Answer, TestApp};

/// A conversation with one agent. It begins with the first message.
#[derive(Clone)]
pub struct Talk<'a> {
    app: &'a TestApp,
    /// The agent's id.
    pub agent: String,
    /// The conversation's id, once it has begun.
    pub conversation: Option<String>,
    contact: Value,
}

impl<'a> Talk<'a> {
    /// One that has not begun.
    pub fn new(app: &'a TestApp, agent: &str) -> Self {
        Self {
            app,
            agent: agent.to_owned(),
            conversation: None,
            contact: Value::Null,
        }
    }

    /// The same as this contact.
    #[must_use]
    pub fn with(mut self, contact: Value) -> Self {
        self.contact = contact;
        self
    }

    /// Says something and returns the chat's answer.
    ///
    /// # Panics
    /// If it is not one.
    pub async fn say(&mut self, message: &str) -> Value {
        let answer = self.try_to_say(message).await.expect(200);
        self.conversation = answer["conversation_id"].as_str().map(str::to_owned);
        answer
    }

    /// Says something and returns the reply.
    pub async fn hear(&mut self, message: &str) -> String {
        let answer = self.say(message).await;
        answer["reply"].as_str().expect("a reply").to_owned()
    }

    /// Says something, whatever comes of it.
    pub async fn try_to_say(&self, message: &str) -> Answer {
        let mut body = json!({"message": message, "conversation_id": self.conversation});
        if !self.contact.is_null() {
            body["contact"] = self.contact.clone();
        }
        let path = format!("/v1/agents/{}/chat", self.agent);
        self.app.post(&path, body).await
    }

    /// The transcript.
    ///
    /// # Panics
    /// If the conversation has not begun.
    pub async fn transcript(&self) -> Value {
        let id = self.conversation.as_deref().expect("it has begun");
        let path = format!("/v1/conversations/{id}");
        self.app.get(&path).await.expect(200)
    }
}
