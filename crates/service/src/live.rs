//! What can happen in a turn, as it is told to whoever listens.

use deskhand_domain::id::{ConversationId, InvocationId, TurnId};
use deskhand_domain::trace::{AttemptTrace, CallTrace, ModelTrace, TraceEntry};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::chat::{ChatAnswer, InvocationSummary};
pub use crate::feed::Feed;
pub use crate::feed_reader::Reader;
pub use crate::feeds::Feeds;
pub use crate::live_event::{EventId, LiveEvent};

/// Something that happens in a turn.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TurnEvent {
    /// The message is stored and the turn begins.
    Started {
        /// Where.
        conversation_id: ConversationId,
        /// Which.
        turn_id: TurnId,
    },
    /// The next words of the reply.
    Delta {
        /// The words.
        text: String,
    },
    /// The words shown so far do not count.
    Reset {},
    /// An action begins to run.
    ActionStarted {
        /// The invocation.
        id: InvocationId,
        /// The action's name.
        action: String,
        /// What a customer may be shown while it runs.
        display_name: String,
        /// What is sent.
        parameters: Map<String, Value>,
    },
    /// It has an outcome.
    ActionFinished(InvocationSummary),
    /// The reply is stored.
    Completed(ChatAnswer),
    /// The turn was stopped; the customer has an honest reply all the same.
    Failed(ChatAnswer),
    /// A model was asked; only for those who ask for the trace.
    TracedModel(ModelTrace),
    /// A call was decided on; only for those who ask for the trace.
    TracedCall(CallTrace),
    /// A request was made; only for those who ask for the trace.
    TracedAttempt(AttemptTrace),
}

impl From<TraceEntry> for TurnEvent {
    fn from(entry: TraceEntry) -> Self {
        match entry {
            TraceEntry::Model(model) => Self::TracedModel(model),
            TraceEntry::Call(call) => Self::TracedCall(call),
            TraceEntry::Attempt(attempt) => Self::TracedAttempt(attempt),
        }
    }
}

impl TurnEvent {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 10] = [
        "turn.started",
        "message.delta",
        "message.reset",
        "action.started",
        "action.finished",
        "message.completed",
        "turn.failed",
        "trace.model",
        "trace.call",
        "trace.attempt",
    ];

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "turn.started",
            Self::Delta { .. } => "message.delta",
            Self::Reset {} => "message.reset",
            Self::ActionStarted { .. } => "action.started",
            Self::ActionFinished(_) => "action.finished",
            Self::Completed(_) => "message.completed",
            Self::Failed(_) => "turn.failed",
            Self::TracedModel(_) => "trace.model",
            Self::TracedCall(_) => "trace.call",
            Self::TracedAttempt(_) => "trace.attempt",
        }
    }

    /// Whether it is the last of its turn.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_))
    }

    /// The last event of a turn with this answer.
    pub fn of_answer(answer: ChatAnswer) -> Self {
        use deskhand_domain::conversation::TurnStatus;
        match answer.status {
            TurnStatus::Failed => Self::Failed(answer),
            TurnStatus::Running | TurnStatus::Completed | TurnStatus::AwaitingConfirmation => {
                Self::Completed(answer)
            }
        }
    }
}
