//! An invocation: one decision to run one action with one set of parameters, and what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::grounding::Provenance;
use crate::id::{ActionId, AgentId, AttemptId, ConversationId, InvocationId, TurnId, WorkspaceId};
use crate::text_enum::text_enum;

text_enum! {
    /// Where an invocation stands.
    InvocationStatus {
        /// Waiting for the customer's yes.
        AwaitingConfirmation = "awaiting_confirmation",
        /// Decided and recorded; no byte has left.
        Intended = "intended",
        /// Bytes may have left; no outcome is known yet.
        Sending = "sending",
        /// The endpoint said it was done.
        Succeeded = "succeeded",
        /// The endpoint said no.
        Declined = "declined",
        /// It did not happen, or (for a look-up) brought nothing.
        Failed = "failed",
        /// It may or may not have happened.
        Unknown = "unknown",
        /// Started; the owner's system will report back.
        Accepted = "accepted",
        /// The owner's system reported that it is done.
        Completed = "completed",
        /// Nobody reported back in time.
        Expired = "expired",
        /// Called off before it was sent.
        Cancelled = "cancelled",
    }
}

impl InvocationStatus {
    /// Whether an identical call must not be sent while one stands here: it may still have an effect.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Intended | Self::Sending | Self::Unknown | Self::Accepted
        )
    }

    /// Whether something is still expected to happen to it by itself.
    pub const fn is_running(self) -> bool {
        matches!(
            self,
            Self::AwaitingConfirmation | Self::Intended | Self::Sending | Self::Accepted
        )
    }
}

text_enum! {
    /// Why an invocation is `failed` or `unknown`. Each has a page under `docs/errors/`.
    FailureCode {
        /// The address policy refused the URL or what it resolves to.
        BlockedDestination = "blocked_destination",
        /// The name did not resolve.
        DnsError = "dns_error",
        /// No TCP connection.
        ConnectError = "connect_error",
        /// The TLS handshake failed.
        TlsError = "tls_error",
        /// No complete response within the time allowed.
        Timeout = "timeout",
        /// The connection broke after the request was, at least in part, sent.
        ConnectionLost = "connection_lost",
        /// The endpoint answered 4xx or 5xx.
        HttpError = "http_error",
        /// The endpoint answered 3xx; redirects are not followed.
        RedirectRefused = "redirect_refused",
        /// The endpoint answered 2xx with something that is not a JSON object as agreed.
        InvalidResponse = "invalid_response",
        /// The response was over the cap.
        ResponseTooLarge = "response_too_large",
        /// The endpoint failed too often lately.
        CircuitOpen = "circuit_open",
        /// The owner's limit for this action was reached.
        RateLimited = "rate_limited",
        /// The turn or the conversation has used up its calls.
        BudgetExhausted = "budget_exhausted",
        /// The action needs a contact whose identity is proven.
        NotVerified = "not_verified",
        /// The action needs a contact field that is absent.
        ContactFieldMissing = "contact_field_missing",
        /// The action needs a confirmation, which this server cannot ask for.
        ConfirmationUnavailable = "confirmation_unavailable",
        /// The server stopped while the call was under way.
        Interrupted = "interrupted",
    }
}

/// Why an invocation is `failed` or `unknown`, for the operator. Never shown to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// The stable code.
    pub code: FailureCode,
    /// What exactly happened, in a sentence.
    pub message: String,
    /// The endpoint's answer, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// One invocation as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invocation {
    /// Also the `webhook-id` and the `Idempotency-Key` of every attempt.
    pub id: InvocationId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// The agent that decided it; null for a test run from the API.
    pub agent_id: Option<AgentId>,
    /// Where it was decided; null for a test run from the API.
    pub conversation_id: Option<ConversationId>,
    /// The turn in which it was decided; null for a test run from the API.
    pub turn_id: Option<TurnId>,
    /// What is run.
    pub action_id: ActionId,
    /// Its name at the time.
    pub action: String,
    /// Which version of it.
    pub action_version: u32,
    /// Exactly what is sent as `parameters`.
    pub parameters: Map<String, Value>,
    /// Where each value came from.
    pub provenance: Vec<Provenance>,
    /// The model's own id of the call it made.
    pub call_id: Option<String>,
    /// Whether it was run as a test.
    pub test: bool,
    /// Where it stands.
    pub status: InvocationStatus,
    /// Why, if `failed` or `unknown`.
    pub failure: Option<Failure>,
    /// What the endpoint returned, if it succeeded.
    pub result: Option<Value>,
    /// The endpoint's own words, if it declined.
    pub error: Option<String>,
    /// Things the owner should look at, such as `no_success_field`.
    pub warnings: Vec<String>,
    /// When it was decided.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When `sending` was committed: before this, nothing can have left.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub sent_at: Option<Timestamp>,
    /// When its outcome was committed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub finished_at: Option<Timestamp>,
    /// The whole call, waits and retries included.
    pub duration_ms: Option<u64>,
    /// What the owner's system last reported of work under way.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// Until when the owner's system can report on it, if it was given a URL for that.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub expires_at: Option<Timestamp>,
    /// Who settled it, if the call itself did not.
    #[serde(default)]
    pub settlement: Option<Settlement>,
}

impl Invocation {
    /// Whether it is certain that no byte of a request left.
    pub fn provably_unsent(&self) -> bool {
        self.sent_at.is_none() && !matches!(self.status, InvocationStatus::Sending)
    }
}

/// What the owner's system says of work under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// Its words.
    pub text: String,
    /// When it said so.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
}

text_enum! {
    /// Who settles an invocation where the call itself did not.
    Settler {
        /// Somebody of the owner's, who has looked it up.
        Operator = "operator",
        /// The owner's system, by the callback URL.
        Callback = "callback",
        /// Nobody: it was not reported on in time.
        Expiry = "expiry",
    }
}

/// How an invocation was settled after the call itself could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settlement {
    /// Who did.
    pub by: Settler,
    /// What an operator wrote about it.
    pub note: Option<String>,
    /// When.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
}

/// What became of one call, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The new status: never one that is still running, except `accepted`.
    pub status: InvocationStatus,
    /// Set when `failed` or `unknown`.
    pub failure: Option<Failure>,
    /// Set when `succeeded` and the endpoint gave one.
    pub result: Option<Value>,
    /// Set when `declined`.
    pub error: Option<String>,
    /// Codes of things the owner should look at.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// A call that did not happen.
    pub fn failed(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            status: InvocationStatus::Failed,
            failure: Some(Failure {
                code,
                message: message.into(),
                http_status: None,
            }),
            result: None,
            error: None,
            warnings: Vec::new(),
        }
    }
}

/// One HTTP request made for an invocation, as its owner may see it: secrets redacted, bodies capped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// Identifies it.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub started_at: Timestamp,
    /// What was sent, or would have been.
    pub request: AttemptRequest,
    /// What came back, as far as it came.
    pub response: Option<AttemptResponse>,
    /// How long each phase took.
    pub timings: Timings,
    /// What went wrong with this attempt, if anything.
    pub failure: Option<Failure>,
}

/// The request of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttemptRequest {
    /// Where to.
    pub url: String,
    /// In the order sent; a secret's value reads `[redacted]`.
    pub headers: Vec<Header>,
    /// The exact body.
    pub body: String,
}

/// The response of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttemptResponse {
    /// The status code.
    pub status: u16,
    /// In the order received, echoed secrets redacted.
    pub headers: Vec<Header>,
    /// As text (invalid UTF-8 replaced), capped, echoed secrets redacted.
    pub body: String,
    /// Whether the body was cut for storage.
    pub body_truncated: bool,
}

/// A header as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Header {
    /// Lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// How long each phase of an attempt took, in milliseconds. A phase that did not take place, such
/// as DNS for an IP literal or a handshake on a reused connection, is null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timings {
    /// Resolving the name.
    pub dns_ms: Option<f64>,
    /// Opening the TCP connection.
    pub connect_ms: Option<f64>,
    /// The TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the first byte sent to the first byte received.
    pub first_byte_ms: Option<f64>,
    /// Everything.
    pub total_ms: f64,
}
