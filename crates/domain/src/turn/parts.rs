//! What a turn and its driver hand to each other.

use serde_json::Value;

use crate::check::CheckedCall;
use crate::id::InvocationId;
use crate::invocation::{FailureCode, InvocationStatus};
use crate::limits;
use crate::prompt::ToolCall;
use crate::report::Report;

/// What has to be done now.
#[derive(Debug)]
pub enum Next<'a> {
    /// Ask the model for an answer; then [`super::Turn::answered`] or [`super::Turn::model_gave_up`].
    CallModel,
    /// Judge these calls; then [`super::Turn::judged`] with one verdict for each.
    Check(&'a [ToolCall]),
    /// Record and run these, side by side; then [`super::Turn::ran`] with one result for each.
    Dispatch(&'a [Planned]),
    /// Nothing: take the reply from [`super::Turn::finish`].
    Done,
}

/// One call to record, and to send if it is permitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The model's id of the call.
    pub call_id: String,
    /// What to send.
    pub call: CheckedCall,
    /// Why it must not be sent, only recorded; `None` means send it.
    pub refused: Option<(FailureCode, String)>,
    /// The invocation, if it was recorded before the server stopped: to be gone on with, not made anew.
    pub recorded: Option<InvocationId>,
}

/// What came of one planned call.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The invocation, or its open twin from earlier in the conversation.
    pub invocation_id: InvocationId,
    /// Where it stands.
    pub status: InvocationStatus,
    /// Why, if it failed or is uncertain.
    pub failure: Option<FailureCode>,
    /// Whether it is certain that nothing was sent.
    pub provably_unsent: bool,
    /// The part of the result that the model may see.
    pub result: Option<Value>,
    /// The endpoint's words, if it declined.
    pub error: Option<String>,
    /// As told to the model.
    pub report: Report,
}

impl Ran {
    /// As it stood when the model was told of it. An end that came since is news, and said on its own: a
    /// reply that tells it too would tell it twice.
    pub(super) fn when_told(self, told: &Value) -> Self {
        let status = match serde_json::from_value(told.clone()) {
            Ok(Report::Accepted { .. }) => InvocationStatus::Accepted,
            Ok(Report::Unknown { .. }) => InvocationStatus::Unknown,
            _ => return self,
        };
        // What was never sent came to nothing by itself: nobody reports on it.
        if self.status == status || self.provably_unsent {
            return self;
        }
        Self {
            status,
            failure: None,
            provably_unsent: false,
            result: None,
            error: None,
            ..self
        }
    }
}

/// A call that has been through dispatch in this turn.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) call: CheckedCall,
    pub(super) ran: Ran,
}

impl Done {
    /// Whether the endpoint has done what was asked for, or may have, or still may.
    pub(super) fn may_have_happened(&self) -> bool {
        !matches!(
            self.ran.status,
            InvocationStatus::Declined | InvocationStatus::Failed
        )
    }
}

/// The calls of one answer on their way.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) calls: Vec<ToolCall>,
    pub(super) slots: Vec<Slot>,
    pub(super) planned: Vec<Planned>,
}

/// What becomes of one call of an answer.
#[derive(Debug)]
pub(super) enum Slot {
    /// The model is told this; nothing is recorded.
    Told(Report),
    /// Goes through dispatch as this entry of `planned`; twins share one.
    Planned(usize),
    /// Has been through dispatch earlier in this turn, as this entry of `done`.
    Replay(usize),
}

/// The budgets of one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimits {
    /// Answers asked of the model.
    pub model_calls: u32,
    /// Calls sent.
    pub calls: u32,
    /// Times the model is told that a call could not be sent as it is.
    pub repairs: u32,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            model_calls: limits::MODEL_CALLS_PER_TURN,
            calls: limits::CALLS_PER_TURN,
            repairs: limits::REPAIRS_PER_TURN,
        }
    }
}

/// Something was told to the turn that it had not asked for: a mistake in the driver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the turn did not expect {0} now")]
pub struct OutOfOrder(pub(super) &'static str);
