//! What happened inside a turn, step by step, for its owner: each answer asked of a model, each call
//! decided on, each request made. Kept with the turn, and told live to those who ask for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Verdict;
use crate::grounding::Provenance;
use crate::id::InvocationId;
use crate::invocation::{Attempt, Failure, FailureCode, Timings};
use crate::limits;
use crate::prompt::ToolCall;
use crate::report::{Problem, ProblemKind, Report};
use crate::text_enum::text_enum;

/// One thing that happened inside a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TraceEntry {
    /// A model was asked for an answer.
    Model(ModelTrace),
    /// A call that the model asked for was decided on.
    Call(CallTrace),
    /// A request was made.
    Attempt(AttemptTrace),
}

text_enum! {
    /// What a model was good for.
    ModelOutcome {
        /// It said something.
        Reply = "reply",
        /// It asked for calls.
        Calls = "calls",
        /// It gave no answer.
        Error = "error",
    }
}

/// An answer asked of a model, all its tries together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
pub struct ModelTrace {
    /// 1 for the first of the turn. A fallback model that is asked after another one counts too.
    pub n: u32,
    /// Its name.
    pub model: String,
    /// When it was asked, in milliseconds from the start of the turn.
    pub started_ms: u64,
    /// Until it began to answer; null if it never did.
    pub first_token_ms: Option<u64>,
    /// Until the whole answer was there.
    pub duration_ms: u64,
    /// Tokens read, where the provider counts them.
    pub input_tokens: Option<u64>,
    /// Tokens written, where the provider counts them.
    pub output_tokens: Option<u64>,
    /// What came of it.
    pub outcome: ModelOutcome,
    /// Why there was no answer, in the provider's words.
    pub error: Option<String>,
}

text_enum! {
    /// What was decided on a call that a model asked for.
    CallVerdict {
        /// It is run.
        Run = "run",
        /// It must not be run as it is.
        Refused = "refused",
        /// It is the same as another one, which stands for it.
        Repeated = "repeated",
        /// The agent has no action of that name.
        UnknownAction = "unknown_action",
        /// Its arguments are not a JSON object.
        BadJson = "bad_json",
    }
}

/// The decision on one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
pub struct CallTrace {
    /// The model's id of the call.
    pub call_id: String,
    /// The name that the model called.
    pub action: String,
    /// What is sent; for a call that is not, what the model wrote, as text if it is no JSON.
    pub parameters: Value,
    /// The decision.
    pub verdict: CallVerdict,
    /// The invocation that it became, or that stands for it.
    pub invocation_id: Option<InvocationId>,
    /// Why it was not run, for its owner.
    pub reason: Option<String>,
    /// The code of the failure that it was recorded as, if it was refused and recorded.
    pub code: Option<FailureCode>,
    /// Parameters that kept it from being run.
    pub fields: Vec<FieldTrace>,
    /// Where each value came from.
    pub provenance: Vec<Provenance>,
}

/// A parameter that kept a call from being run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldTrace {
    /// JSON Pointer into `parameters`; empty for all of them.
    pub path: String,
    /// What is wrong with it.
    pub problem: ProblemKind,
    /// The same in words.
    pub message: String,
}

/// One request that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
pub struct AttemptTrace {
    /// What for.
    pub invocation_id: InvocationId,
    /// 1 for the first.
    pub number: u32,
    /// The host that was called.
    pub url_host: String,
    /// The status of the response, if one came.
    pub status: Option<u16>,
    /// What went wrong, if anything.
    pub failure: Option<Failure>,
    /// How long each phase took.
    pub timings: Timings,
}

impl CallTrace {
    /// The judgement on a call. `known` says whether there is an action of that name. What stands for
    /// it, if it is a repetition, is not known here.
    pub fn of(call: &ToolCall, verdict: &Verdict, known: bool) -> Self {
        let trace = Self {
            call_id: call.id.clone(),
            action: call.name.clone(),
            parameters: Value::Null,
            verdict: CallVerdict::Refused,
            invocation_id: None,
            reason: None,
            code: None,
            fields: Vec::new(),
            provenance: Vec::new(),
        };
        match verdict {
            Verdict::Send(checked) => Self {
                parameters: Value::Object(checked.parameters().clone()),
                verdict: CallVerdict::Run,
                provenance: checked.provenance().to_vec(),
                ..trace
            },
            Verdict::Refuse(checked, code, why) => Self {
                parameters: Value::Object(checked.parameters().clone()),
                reason: Some(why.clone()),
                code: Some(*code),
                provenance: checked.provenance().to_vec(),
                ..trace
            },
            Verdict::Told(report) => Self {
                parameters: written(&call.arguments),
                ..trace.told(report, known)
            },
        }
    }

    /// It is the same as another call, and this stands for both.
    pub fn repeats(&mut self, invocation_id: Option<InvocationId>) {
        self.verdict = CallVerdict::Repeated;
        self.invocation_id = invocation_id;
    }

    fn told(self, report: &Report, known: bool) -> Self {
        let (problems, verdict, reason) = match report {
            Report::NeedsInput { problems, .. } => (
                problems.as_slice(),
                CallVerdict::Refused,
                "The customer has not given every value, so the agent is to ask for it.",
            ),
            Report::Invalid { problems, .. } if !problems.is_empty() => (
                problems.as_slice(),
                CallVerdict::Refused,
                "The parameters do not fit the action's schema.",
            ),
            Report::Invalid { message, .. } if known => {
                (&[][..], CallVerdict::BadJson, message.as_str())
            }
            Report::Invalid { message, .. } => {
                (&[][..], CallVerdict::UnknownAction, message.as_str())
            }
            // A call that is told of is never one of these.
            _ => (&[][..], CallVerdict::Refused, ""),
        };
        Self {
            verdict,
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            fields: problems.iter().map(FieldTrace::from).collect(),
            ..self
        }
    }
}

impl From<&Problem> for FieldTrace {
    fn from(problem: &Problem) -> Self {
        let path = match problem.parameter.as_str() {
            "" => String::new(),
            name => format!("/{name}"),
        };
        Self {
            path,
            problem: problem.problem,
            message: problem.message.clone(),
        }
    }
}

impl AttemptTrace {
    /// One attempt of an invocation.
    pub fn of(invocation_id: InvocationId, attempt: &Attempt) -> Self {
        Self {
            invocation_id,
            number: attempt.number,
            url_host: host_of(&attempt.request.url).to_owned(),
            status: attempt.response.as_ref().map(|response| response.status),
            failure: attempt.failure.clone(),
            timings: attempt.timings,
        }
    }
}

/// The host of a URL, as it stands there: without scheme, user, port and path.
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.find(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Arguments as their owner reads them: as JSON if they are any, else as text, and not without end.
fn written(arguments: &str) -> Value {
    if arguments.len() <= limits::TRACED_ARGUMENTS_BYTES
        && let Ok(value) = serde_json::from_str(arguments)
    {
        return value;
    }
    let cut = arguments.floor_char_boundary(limits::TRACED_ARGUMENTS_BYTES);
    Value::String(arguments[..cut].to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(arguments: &str, report: Report, known: bool) -> CallTrace {
        let call = ToolCall {
            id: "call_1".to_owned(),
            name: "cancel_order".to_owned(),
            arguments: arguments.to_owned(),
        };
        CallTrace::of(&call, &Verdict::Told(report), known)
    }

    #[test]
    fn a_missing_value_is_named_by_its_path() {
        let problem = Problem {
            parameter: "lines/0/sku".to_owned(),
            problem: ProblemKind::Missing,
            message: "Required.".to_owned(),
        };
        let trace = told(
            r#"{"lines": [{}]}"#,
            Report::needs_input(vec![problem]),
            true,
        );
        assert_eq!(trace.verdict, CallVerdict::Refused);
        assert_eq!(trace.fields[0].path, "/lines/0/sku");
        assert_eq!(trace.parameters, json!({"lines": [{}]}));
    }

    #[test]
    fn a_wrong_name_and_broken_json_are_told_apart() {
        let report = || Report::invalid("No.", Vec::new());
        let unknown = told("{}", report(), false);
        assert_eq!(unknown.verdict, CallVerdict::UnknownAction);
        let broken = told("{\"order\": ", report(), true);
        assert_eq!(broken.verdict, CallVerdict::BadJson);
        assert_eq!(broken.parameters, json!("{\"order\": "));
    }

    #[test]
    fn long_arguments_are_cut_between_characters() {
        let long = "é".repeat(limits::TRACED_ARGUMENTS_BYTES);
        let Value::String(kept) = written(&long) else {
            panic!("not text");
        };
        assert_eq!(kept.len(), limits::TRACED_ARGUMENTS_BYTES);
    }

    #[test]
    fn hosts_stand_alone() {
        for (url, host) in [
            ("https://api.example.com/orders?x=1", "api.example.com"),
            ("https://api.example.com:8443", "api.example.com"),
            ("https://[2001:db8::1]:443/x", "[2001:db8::1]"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(host_of(url), host);
        }
    }
}
