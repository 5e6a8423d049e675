//! The end of a turn in which the model hands the conversation over to a person.

use super::reply::Ending;
use super::{State, Turn};
use crate::conversation::Step;
use crate::handoff;
use crate::prompt::{ToolCall, ToolResult};

impl Turn {
    /// The same with one more tool, by which the model hands the conversation over to a person.
    #[must_use]
    pub fn offering_a_person(mut self, offered: bool) -> Self {
        self.offers_person = offered;
        self
    }

    /// The call among these by which the model hands over, if it may.
    pub(super) fn asks_for_a_person(&self, calls: &[ToolCall]) -> Option<ToolCall> {
        let asks = calls.iter().find(|call| call.name == handoff::TOOL);
        asks.filter(|_| self.offers_person).cloned()
    }

    /// Ends the turn. What else the model asked for along with it is left to the person.
    pub(super) fn hand_over(&mut self, text: String, call: ToolCall) {
        let reason = handoff::reason_in(&call.arguments);
        let result = ToolResult {
            call_id: call.id.clone(),
            name: call.name.clone(),
            invocation_id: None,
            content: handoff::told(),
        };
        self.steps.push(Step::Asked {
            text,
            calls: vec![call],
        });
        self.steps.push(Step::Answered {
            results: vec![result],
        });
        self.state = State::Over(Ending::HandedOver(reason));
    }
}
