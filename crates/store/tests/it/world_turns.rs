//! Turns in a world.

use super::*;

impl World {
    /// Something to be said without a message of the customer's.
    pub fn say(&self, conversation: &Conversation, role: Speaker, text: &str) -> Say {
        let turn_id = TurnId::new(self.now(), &self.entropy);
        Say {
            workspace_id: self.ws,
            conversation_id: conversation.id,
            about: None,
            message: self.message(turn_id, role, text),
        }
    }

    /// Begins a turn in a new conversation.
    pub async fn running(&self) -> Running {
        let conversation = self.conversation(Some("cus_42"));
        self.next_turn(&conversation, true, "Where is it?").await
    }

    pub async fn next_turn(&self, conversation: &Conversation, new: bool, text: &str) -> Running {
        let begin = self.turn(conversation, new, text);
        self.store.begin_turn(&begin).await.unwrap();
        Running {
            conversation: begin.conversation,
            turn: begin.turn_id,
            message: begin.message,
        }
    }

    pub fn end(&self, running: &Running) -> FinishTurn {
        FinishTurn {
            owner: self.node.into(),
            workspace_id: self.ws,
            conversation_id: running.conversation.id,
            turn_id: running.turn,
            steps: Vec::new(),
            status: TurnStatus::Completed,
            stop_reason: None,
            stop_detail: None,
            model_calls: 1,
            usage: None,
            unanswered: None,
            trace: Vec::new(),
            handoff: None,
            reply: self.message(running.turn, Speaker::Agent, "Here it is."),
            told: Some(Vec::new()),
            follow_ups: Vec::new(),
        }
    }
}
