//! Conversations, messages, and turns as they are stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::Contact;
use crate::handoff::Handoff;
use crate::id::{AgentId, ContactId, ConversationId, InvocationId, MessageId, TurnId, WorkspaceId};
use crate::invocation::InvocationStatus;
use crate::prompt::{Entry, ToolCall, ToolResult, Usage};
use crate::text_enum::text_enum;
use crate::trace::TraceEntry;

/// What a contact and an agent say to each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// Identifies it.
    pub id: ConversationId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// Who answers in it.
    pub agent_id: AgentId,
    /// Whether it is meant, or a trial.
    pub mode: Mode,
    /// Our own id of the contact, for when the host site gave none.
    #[serde(skip)]
    pub own_contact_id: ContactId,
    /// What the host site last said about the contact.
    pub contact: Contact,
    /// Whether the host site proved with the last message who the contact is. What is only said is
    /// asserted.
    pub contact_verified: bool,
    /// That a person is to answer; null while the agent does.
    pub handoff: Option<Handoff>,
    /// When it began.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When something was last said in it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub updated_at: Timestamp,
}

impl Conversation {
    /// The `contact_id` of calls: the host site's id where it gave one, else our own.
    pub fn contact_id(&self) -> String {
        match &self.contact.id {
            Some(id) => id.clone(),
            None => self.own_contact_id.to_string(),
        }
    }
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationRow {
    /// Which.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// How the customer's first message begins: at most 140 characters on one line, cut after a word.
    /// Null if there is none.
    pub preview: Option<String>,
}

text_enum! {
    /// What becomes of the calls of a conversation.
    #[derive(Default)]
    Mode {
        /// They are made, and meant.
        #[default]
        Live = "live",
        /// They are made with `deskhand-test: true`.
        Test = "test",
        /// They are not made: the actions' own `mock_response` answers them.
        Mock = "mock",
    }
}

impl Mode {
    /// Whether its calls are trials.
    pub const fn is_test(self) -> bool {
        !matches!(self, Self::Live)
    }
}

text_enum! {
    /// Who said a message.
    Speaker {
        /// The contact.
        Customer = "customer",
        /// The agent.
        Agent = "agent",
        /// A person of the owner's, in the agent's place.
        Person = "person",
    }
}

/// One thing said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Identifies it.
    pub id: MessageId,
    /// The turn it began or ended.
    pub turn_id: TurnId,
    /// Who said it.
    pub role: Speaker,
    /// What was said.
    pub text: String,
    /// When.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
}

text_enum! {
    /// Where a turn stands.
    TurnStatus {
        /// Under way.
        Running = "running",
        /// Answered.
        Completed = "completed",
        /// Waiting for the customer's yes.
        AwaitingConfirmation = "awaiting_confirmation",
        /// Stopped; the customer got an honest reply.
        Failed = "failed",
    }
}

text_enum! {
    /// Why a turn was stopped before the model had finished.
    StopReason {
        /// No model gave an answer.
        ModelUnavailable = "model_unavailable",
        /// The turn had used its model calls.
        ModelCallBudget = "model_call_budget",
        /// The turn had used its calls.
        CallBudget = "call_budget",
        /// The agent had used its `daily_token_budget`.
        TokenBudget = "token_budget",
        /// The turn had used its time.
        TimeBudget = "time_budget",
        /// The model kept asking for calls that could not be sent.
        RepairBudget = "repair_budget",
        /// The server stopped while the turn was running.
        Interrupted = "interrupted",
        /// The server itself failed, for example its database.
        Internal = "internal",
    }
}

text_enum! {
    /// Why a question stayed without an answer.
    Unanswered {
        /// No model gave an answer.
        ModelUnavailable = "model_unavailable",
        /// The turn had used its model calls.
        ModelCallBudget = "model_call_budget",
        /// The turn had used its calls.
        CallBudget = "call_budget",
        /// The agent had used its `daily_token_budget`.
        TokenBudget = "token_budget",
        /// The turn had used its time.
        TimeBudget = "time_budget",
        /// The model kept asking for calls that could not be sent.
        RepairBudget = "repair_budget",
        /// The server stopped while the turn was running.
        Interrupted = "interrupted",
        /// The server itself failed.
        Internal = "internal",
        /// There is an answer, but no call that was made for it went through.
        CallsFailed = "calls_failed",
    }
}

impl Unanswered {
    /// Why a turn that ended so, with these calls, has left its question open; `None` if it has not.
    pub fn of(
        status: TurnStatus,
        stop: Option<StopReason>,
        calls: impl IntoIterator<Item = InvocationStatus>,
    ) -> Option<Self> {
        if let Some(stop) = stop {
            return Some(Self::from(stop));
        }
        let mut calls = calls.into_iter().peekable();
        let some = calls.peek().is_some();
        let fails = |call| matches!(call, InvocationStatus::Failed | InvocationStatus::Unknown);
        match status {
            TurnStatus::Failed => Some(Self::Internal),
            TurnStatus::Completed if some && calls.all(fails) => Some(Self::CallsFailed),
            TurnStatus::Completed | TurnStatus::Running | TurnStatus::AwaitingConfirmation => None,
        }
    }
}

impl From<StopReason> for Unanswered {
    fn from(stop: StopReason) -> Self {
        match stop {
            StopReason::ModelUnavailable => Self::ModelUnavailable,
            StopReason::ModelCallBudget => Self::ModelCallBudget,
            StopReason::CallBudget => Self::CallBudget,
            StopReason::TokenBudget => Self::TokenBudget,
            StopReason::TimeBudget => Self::TimeBudget,
            StopReason::RepairBudget => Self::RepairBudget,
            StopReason::Interrupted => Self::Interrupted,
            StopReason::Internal => Self::Internal,
        }
    }
}

/// The handling of one customer message, or something said to the customer without one, as stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TurnRecord {
    /// Identifies it.
    pub id: TurnId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// Where it stands.
    pub status: TurnStatus,
    /// Why it was stopped, if it was; for the operator.
    pub stop_reason: Option<StopReason>,
    /// What exactly happened, if it was stopped; for the operator.
    pub stop_detail: Option<String>,
    /// Answers asked of the model.
    pub model_calls: u32,
    /// Tokens, where the provider counts them.
    pub usage: Option<Usage>,
    /// What happened in it, step by step; only for those who may read everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<TraceEntry>>,
    /// The invocation that it tells the customer of, if it was begun by no message of theirs: one that
    /// was settled after its turn was over.
    pub about_invocation_id: Option<InvocationId>,
    /// When its message arrived.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub started_at: Timestamp,
    /// When its reply was stored.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub finished_at: Option<Timestamp>,
}

/// One step inside a turn, between the customer's message and the reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", try_from = "Written")]
pub enum Step {
    /// The model asked for calls.
    Asked {
        /// What it said along with them.
        text: String,
        /// The calls.
        calls: Vec<ToolCall>,
    },
    /// What came of them, one for each, in their order.
    Answered {
        /// The results.
        results: Vec<ToolResult>,
    },
}

/// A step as it is written. Read by its tag, serde would make a tree of it first; a long conversation has
/// hundreds.
#[derive(Deserialize)]
struct Written {
    step: Kind,
    text: Option<String>,
    calls: Option<Vec<ToolCall>>,
    results: Option<Vec<ToolResult>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Asked,
    Answered,
}

impl TryFrom<Written> for Step {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        Ok(match written.step {
            Kind::Asked => Self::Asked {
                text: written.text.ok_or("it has no text")?,
                calls: written.calls.ok_or("it has no calls")?,
            },
            Kind::Answered => Self::Answered {
                results: written.results.ok_or("it has no results")?,
            },
        })
    }
}

impl Step {
    /// As the model sees it.
    pub fn as_entry(&self) -> Entry<'_> {
        match self {
            Self::Asked { text, calls } => Entry::Agent {
                text: text.into(),
                calls: calls.into(),
            },
            Self::Answered { results } => Entry::Results {
                results: results.into(),
            },
        }
    }
}

/// A past turn with everything that was said and done in it, to go on from.
#[derive(Debug, Clone, PartialEq)]
pub struct PastTurn {
    /// Which.
    pub id: TurnId,
    /// The customer's message; absent where the agent or a person spoke unasked.
    pub message: Option<Message>,
    /// What happened in between.
    pub steps: Vec<Step>,
    /// The reply; absent while the turn runs or if the server stopped in it.
    pub reply: Option<Message>,
}

impl PastTurn {
    /// What was said in it, in order.
    pub fn said(&self) -> impl Iterator<Item = &Message> {
        self.message.iter().chain(&self.reply)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_step_is_read_as_it_was_written() {
        let asked = json!({"step": "asked", "text": "", "calls": [
            {"id": "a", "name": "look", "arguments": "{}"}
        ]});
        let answered = json!({"step": "answered", "results": [
            {"call_id": "a", "name": "look", "invocation_id": null, "content": {"status": "failed"}}
        ]});
        for written in [asked, answered] {
            let step: Step = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&step).unwrap(), written);
        }
    }

    #[test]
    fn a_damaged_step_says_what_it_lacks() {
        for (written, lacks) in [
            (json!({"step": "asked", "calls": []}), "text"),
            (json!({"step": "asked", "text": ""}), "calls"),
            (
                json!({"step": "answered", "text": "", "calls": []}),
                "results",
            ),
            (json!({"text": "", "calls": []}), "step"),
        ] {
            let read = serde_json::from_value::<Step>(written).unwrap_err();
            assert!(read.to_string().contains(lacks), "{read}");
        }
    }

    #[test]
    fn a_question_is_open_if_the_turn_was_stopped_or_no_call_went_through() {
        use InvocationStatus::{Declined, Failed, Succeeded, Unknown};
        let completed = |calls: &[InvocationStatus]| {
            Unanswered::of(TurnStatus::Completed, None, calls.iter().copied())
        };
        assert_eq!(completed(&[]), None);
        assert_eq!(completed(&[Failed, Succeeded]), None);
        assert_eq!(completed(&[Declined]), None);
        assert_eq!(completed(&[Failed, Unknown]), Some(Unanswered::CallsFailed));
        for stop in StopReason::ALL {
            let open = Unanswered::of(TurnStatus::Failed, Some(*stop), [Succeeded]);
            assert_eq!(open.unwrap().as_str(), stop.as_str());
        }
    }
}
