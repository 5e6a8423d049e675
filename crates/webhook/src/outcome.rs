//! What became of an attempt, as a pure function: what happened, for which kind of action, means
//! which status, and whether it may be sent again.

use deskhand_domain::invocation::{Failure, FailureCode, InvocationStatus, Outcome};
use deskhand_domain::limits::DECLINED_ERROR_CHARS;
use serde_json::Value;

use crate::policy::Refusal;
use crate::resolve::ResolveError;

/// The warning an invocation carries whose endpoint answered without `success`.
pub const NO_SUCCESS_FIELD: &str = "no_success_field";

/// What a customer is told where an endpoint says no and not why.
pub const NO_REASON_GIVEN: &str = "The request was declined, and no reason was given.";

/// How much harm a second send could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nature {
    /// Changes something; must never be sent twice.
    Write,
    /// Changes something; the endpoint handles the same key twice safely.
    IdempotentWrite,
    /// Only looks something up.
    Read,
}

impl Nature {
    /// From an action's `effect: "read"` and `idempotent`.
    pub const fn of(read_only: bool, idempotent: bool) -> Self {
        match (read_only, idempotent) {
            (true, _) => Self::Read,
            (false, true) => Self::IdempotentWrite,
            (false, false) => Self::Write,
        }
    }

    /// Whether it may be sent again after it may have arrived.
    pub const fn is_repeatable(self) -> bool {
        matches!(self, Self::IdempotentWrite | Self::Read)
    }
}

/// A complete response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The value of `content-encoding`, if there is one.
    pub content_encoding: Option<String>,
    /// The body, at most as long as the cap.
    pub body: Vec<u8>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// The address policy refused. Not sent.
    Refused(Refusal),
    /// The name gave no address. Not sent.
    NoName(ResolveError),
    /// No TCP connection. Not sent.
    NoConnection(&'static str),
    /// No TLS session. Not sent.
    NoTls(&'static str),
    /// Something on our side stopped it before its first byte. Not sent.
    NotLet(String),
    /// The time was up before the first byte. Not sent.
    TimedOutUnsent,
    /// The time was up after the first byte may have left.
    TimedOut,
    /// The connection broke after the first byte may have left.
    Lost,
    /// What came back is not HTTP as agreed.
    Unreadable,
    /// What came back is over a cap. The status is there if the head was read.
    TooLarge(Option<u16>),
    /// A complete response.
    Answered(Answer),
}

/// What an attempt that ended so means.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The outcome of the invocation if this was its last attempt.
    pub outcome: Outcome,
    /// Whether another attempt may follow (within the count and the time).
    pub may_retry: bool,
    /// Whether the endpoint may have acted on this attempt without our knowing.
    pub uncertain: bool,
}

impl Verdict {
    /// The same where the endpoint was told how to report back.
    pub(crate) fn awaited(self, happened: &Happened) -> Self {
        let Happened::Answered(answer) = happened else {
            return self;
        };
        let outcome = accepted(answer.status, &answer.body, self.outcome);
        Self {
            uncertain: self.uncertain && outcome.status != InvocationStatus::Accepted,
            outcome,
            ..self
        }
    }
}

/// Judges one attempt. An endpoint's own error text is still whole here: it is cut only after secrets
/// have been taken out, or a cut one would go unseen.
pub fn judge(happened: &Happened, nature: Nature) -> Verdict {
    use FailureCode as Code;
    match happened {
        Happened::Refused(refusal) => unsent(Code::BlockedDestination, refusal.message, false),
        Happened::NoName(why) => unsent(
            Code::DnsError,
            format!("The host name did not resolve: {why}."),
            true,
        ),
        Happened::NoConnection(why) => unsent(
            Code::ConnectError,
            format!("No connection to the endpoint: {why}."),
            true,
        ),
        Happened::NoTls(why) => unsent(
            Code::TlsError,
            format!("No secure connection to the endpoint: {why}."),
            true,
        ),
        Happened::NotLet(why) => unsent(
            Code::Interrupted,
            format!("Nothing was sent: {why}."),
            false,
        ),
        Happened::TimedOutUnsent => unsent(
            Code::Timeout,
            "The time allowed was up before the request could be sent.",
            false,
        ),
        Happened::TimedOut => incomplete(
            nature,
            Code::Timeout,
            "The request was sent, and no complete response came within the time allowed.",
            None,
            false,
        ),
        Happened::Lost => incomplete(
            nature,
            Code::ConnectionLost,
            "The connection broke after the request was sent and before a complete response came.",
            None,
            nature.is_repeatable(),
        ),
        Happened::Unreadable => unusable(
            nature,
            Code::InvalidResponse,
            "The response is not valid HTTP.",
            None,
        ),
        Happened::TooLarge(status) => match status {
            Some(300..=599) => answered_badly(status.unwrap_or_default(), nature),
            _ => unusable(
                nature,
                Code::ResponseTooLarge,
                "The response is over the limit of 1 MiB, or its head over 64 KiB or 100 headers.",
                *status,
            ),
        },
        Happened::Answered(answer) => answered(answer, nature),
    }
}

/// What a complete response means. Also for mock responses, which go through the same rules as a 200.
pub fn interpret(
    status: u16,
    content_encoding: Option<&str>,
    body: &[u8],
    nature: Nature,
) -> Outcome {
    let answer = Answer {
        status,
        content_encoding: content_encoding.map(str::to_owned),
        body: body.to_vec(),
    };
    let outcome = answered(&answer, nature).outcome;
    Outcome {
        error: outcome.error.as_deref().map(cap_error),
        ..outcome
    }
}

/// What an outcome means where the endpoint was told how to report back: a 202, or a success whose
/// `status` is `pending`, is only a beginning.
pub fn accepted(status: u16, body: &[u8], outcome: Outcome) -> Outcome {
    let waits = match outcome.status {
        InvocationStatus::Succeeded => status == 202 || is_pending(body),
        // A 202 may come with any words.
        InvocationStatus::Failed | InvocationStatus::Unknown => status == 202,
        _ => false,
    };
    if !waits {
        return outcome;
    }
    Outcome {
        status: InvocationStatus::Accepted,
        failure: None,
        ..outcome
    }
}

fn is_pending(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let status = serde_json::from_slice::<Value>(body).ok();
    status.is_some_and(|body| body["status"] == "pending")
}

/// The outcome of the whole call, where an earlier attempt may have been acted on: then a later one
/// that did not get through proves nothing.
pub(crate) fn after_uncertain(last: Outcome, earlier: &Failure, nature: Nature) -> Outcome {
    if nature == Nature::Read || last.status != InvocationStatus::Failed {
        return last;
    }
    let ending = last
        .failure
        .as_ref()
        .map_or("failed", |failure| failure.code.as_str());
    Outcome {
        status: InvocationStatus::Unknown,
        failure: Some(Failure {
            message: format!("{} A later attempt ended in {ending}.", earlier.message),
            ..earlier.clone()
        }),
        ..last
    }
}

fn answered(answer: &Answer, nature: Nature) -> Verdict {
    match answer.status {
        200..=299 => understood(answer, nature),
        300..=599 => answered_badly(answer.status, nature),
        // 1xx ends an exchange only as an upgrade, which nobody asked for.
        status => unusable(
            nature,
            FailureCode::InvalidResponse,
            "The endpoint answered with a status that is not final.",
            Some(status),
        ),
    }
}

fn answered_badly(status: u16, nature: Nature) -> Verdict {
    let (code, message) = match status {
        300..=399 => (
            FailureCode::RedirectRefused,
            format!(
                "The endpoint answered {status}, a redirect. Redirects are not followed: set the final URL."
            ),
        ),
        _ => (
            FailureCode::HttpError,
            format!("The endpoint answered {status}."),
        ),
    };
    let mut outcome = Outcome::failed(code, message);
    set_status(&mut outcome, Some(status));
    Verdict {
        outcome,
        may_retry: nature.is_repeatable() && matches!(status, 429 | 502 | 503 | 504),
        uncertain: false,
    }
}

fn understood(answer: &Answer, nature: Nature) -> Verdict {
    let bad = |message: &str| {
        unusable(
            nature,
            FailureCode::InvalidResponse,
            message,
            Some(answer.status),
        )
    };
    let encoding = answer.content_encoding.as_deref().map_or("", str::trim);
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return bad("The response is compressed, which was not asked for.");
    }
    if answer.body.is_empty() {
        return match answer.status {
            202 | 204 => settled(success(None)),
            _ => bad("The response has no body. It must be a JSON object."),
        };
    }
    // RFC 8259 §8.1 lets a reader pass over a byte order mark.
    let body = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body);
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return bad("The response is not valid JSON.");
    };
    let Value::Object(mut object) = value else {
        return bad("The response is JSON, but not an object.");
    };
    match object.get("success") {
        None => {
            let mut outcome = success(Some(Value::Object(object)));
            outcome.warnings.push(NO_SUCCESS_FIELD.to_owned());
            settled(outcome)
        }
        Some(Value::Bool(true)) => settled(success(
            object.remove("result").filter(|result| !result.is_null()),
        )),
        Some(Value::Bool(false)) => settled(Outcome {
            status: InvocationStatus::Declined,
            failure: None,
            result: None,
            error: Some(error_text(object.get("error"))),
            warnings: Vec::new(),
        }),
        Some(_) => bad("`success` in the response is neither true nor false."),
    }
}

fn error_text(error: Option<&Value>) -> String {
    let text = match error {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    if text.is_empty() {
        return NO_REASON_GIVEN.to_owned();
    }
    text
}

/// The part of an endpoint's own words that is used.
pub(crate) fn cap_error(text: &str) -> String {
    text.chars().take(DECLINED_ERROR_CHARS).collect()
}

fn success(result: Option<Value>) -> Outcome {
    Outcome {
        status: InvocationStatus::Succeeded,
        failure: None,
        result,
        error: None,
        warnings: Vec::new(),
    }
}

fn settled(outcome: Outcome) -> Verdict {
    Verdict {
        outcome,
        may_retry: false,
        uncertain: false,
    }
}

fn unsent(code: FailureCode, message: impl Into<String>, may_retry: bool) -> Verdict {
    Verdict {
        outcome: Outcome::failed(code, message),
        may_retry,
        uncertain: false,
    }
}

/// Sent, and no complete response: nobody knows whether it was acted on.
fn incomplete(
    nature: Nature,
    code: FailureCode,
    message: &str,
    http_status: Option<u16>,
    may_retry: bool,
) -> Verdict {
    let mut outcome = Outcome::failed(code, message);
    set_status(&mut outcome, http_status);
    if nature != Nature::Read {
        outcome.status = InvocationStatus::Unknown;
    }
    Verdict {
        outcome,
        may_retry,
        uncertain: nature != Nature::Read,
    }
}

/// A response that says nothing we can use: the same doubt, but asking again would not help.
fn unusable(nature: Nature, code: FailureCode, message: &str, http_status: Option<u16>) -> Verdict {
    incomplete(nature, code, message, http_status, false)
}

fn set_status(outcome: &mut Outcome, http_status: Option<u16>) {
    if let Some(failure) = &mut outcome.failure {
        failure.http_status = http_status;
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
