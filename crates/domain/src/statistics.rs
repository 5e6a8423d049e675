//! What has been done over a period, in numbers, as an owner reads it. Trials are not counted.

use jiff::Timestamp;
use serde::Serialize;

use crate::conversation::Unanswered;
use crate::id::{ActionId, ConversationId, InvocationId, TurnId};
use crate::invocation::{FailureCode, InvocationStatus};

/// How calls ended. Every call is counted in one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcomes {
    /// Done, long-running ones that have been reported done among them.
    pub succeeded: u64,
    /// The endpoint said no.
    pub declined: u64,
    /// Not done.
    pub failed: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Under way, expired or called off.
    pub other: u64,
}

impl Outcomes {
    /// Counts so many calls that stand so.
    pub fn add(&mut self, status: InvocationStatus, calls: u64) {
        let one = match status {
            InvocationStatus::Succeeded | InvocationStatus::Completed => &mut self.succeeded,
            InvocationStatus::Declined => &mut self.declined,
            InvocationStatus::Failed => &mut self.failed,
            InvocationStatus::Unknown => &mut self.unknown,
            InvocationStatus::AwaitingConfirmation
            | InvocationStatus::Intended
            | InvocationStatus::Sending
            | InvocationStatus::Accepted
            | InvocationStatus::Expired
            | InvocationStatus::Cancelled => &mut self.other,
        };
        *one += calls;
    }

    /// All calls.
    pub fn all(&self) -> u64 {
        self.succeeded + self.declined + self.failed + self.unknown + self.other
    }
}

/// How long calls took: of all that did, the longest of the faster half, and of the fastest 95 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Percentiles {
    /// Half of the calls took no longer; null if there were none.
    pub p50_ms: Option<u64>,
    /// 95 % of the calls took no longer; null if there were none.
    pub p95_ms: Option<u64>,
}

/// What has been done over a period. Trials are not counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statistics {
    /// The start of the period.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub from: Timestamp,
    /// Its end, which is not in it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub to: Timestamp,
    /// Over the whole of it.
    pub totals: Totals,
    /// Part by part, oldest first. All parts are of the same length.
    pub series: Vec<Part>,
    /// By action, the busiest first; at most 200, and none that was not called.
    pub actions: Vec<ActionStatistics>,
    /// Hosts with calls that failed or are uncertain, the worst first; at most 20.
    pub endpoints: Vec<EndpointStatistics>,
    /// Questions without an answer, newest first; at most 20.
    pub unanswered: Vec<UnansweredTurn>,
}

/// A whole period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Messages answered, and those that could not be.
    pub turns: u64,
    /// Conversations begun.
    pub conversations: u64,
    /// Calls decided on.
    pub invocations: u64,
    /// How they ended.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// The part of the calls that have ended which succeeded; null if none has ended.
    pub success_rate: Option<f64>,
    /// How long they took: the newest 100,000 of them, if there are more.
    #[serde(flatten)]
    pub times: Percentiles,
    /// Tokens that models have read, where providers count them.
    pub input_tokens: u64,
    /// Tokens that models have written, where providers count them.
    pub output_tokens: u64,
}

/// A part of a period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// Its start.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
    /// How its calls ended.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// How long they took.
    #[serde(flatten)]
    pub times: Percentiles,
}

/// One action over a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionStatistics {
    /// Which.
    pub id: ActionId,
    /// Its name now, or when it was removed.
    pub name: String,
    /// Its display name.
    pub display_name: String,
    /// Whether it is offered to models.
    pub enabled: bool,
    /// Whether it has been removed.
    pub deleted: bool,
    /// Calls decided on.
    pub invocations: u64,
    /// How they ended.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// The part of the calls that have ended which succeeded; null if none has ended.
    pub success_rate: Option<f64>,
    /// How long they took.
    #[serde(flatten)]
    pub times: Percentiles,
    /// Calls that took over 5 seconds.
    pub slow: u64,
    /// Calls in each part of the period.
    pub series: Vec<u64>,
    /// The newest call that failed or is uncertain.
    pub last_failure: Option<LastFailure>,
}

/// One host over a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointStatistics {
    /// Its name.
    pub host: String,
    /// Calls decided on.
    pub invocations: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Calls of which nobody knows.
    pub unknown: u64,
    /// The newest of those.
    pub last_failure: Option<LastFailure>,
}

/// A call that failed or is uncertain, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastFailure {
    /// Which.
    pub invocation_id: InvocationId,
    /// When it was decided on.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
    /// Why.
    pub code: FailureCode,
    /// The same in words.
    pub message: String,
}

/// A question that stayed without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnansweredTurn {
    /// Where it was asked.
    pub conversation_id: ConversationId,
    /// The turn that was to answer it.
    pub turn_id: TurnId,
    /// When it was asked.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
    /// What was asked; a long message is cut.
    pub message: String,
    /// Why there is no answer.
    pub reason: Unanswered,
}

/// The part of calls that have ended which succeeded.
pub fn success_rate(succeeded: u64, ended: u64) -> Option<f64> {
    (ended > 0).then(|| succeeded as f64 / ended as f64)
}
