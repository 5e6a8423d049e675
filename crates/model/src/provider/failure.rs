//! What of a provider's failure the operator may read, and what to do about it.

use std::error::Error as _;
use std::time::Duration;

use deskhand_domain::prompt::{Entry, Prompt};
use genai::Error;
use genai::webc::StreamTimeout;
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::ModelError;

/// Longest piece of a provider's own message that is kept.
const MESSAGE_CHARS: usize = 200;
/// A provider's message that shares this many characters in a row with the conversation quotes it.
const QUOTE_CHARS: usize = 24;

/// Judges failures of one request.
pub(super) struct Failures<'a> {
    pub(super) prompt: &'a Prompt<'a>,
    pub(super) key: &'a str,
}

impl Failures<'_> {
    /// Never formats the error itself: many variants hold the request.
    pub(super) fn judge(&self, error: &Error) -> ModelError {
        match error {
            Error::HttpError {
                status,
                body,
                headers,
                ..
            } => self.refused(*status, body, headers),
            Error::WebStream { error, .. } => {
                if let Some(inner) = error.downcast_ref::<Error>() {
                    self.judge(inner)
                } else if let Some(inner) = error.downcast_ref::<reqwest::Error>() {
                    broken(inner)
                } else if error.is::<StreamTimeout>() {
                    ModelError::retry("silent for longer than is waited for")
                } else {
                    ModelError::retry("the stream could not be read")
                }
            }
            Error::ChatResponse { body, .. } => {
                ModelError::retry(self.with_message("error in the stream", body))
            }
            Error::StreamParse { .. }
            | Error::InvalidJsonResponseElement { .. }
            | Error::NoChatResponse { .. }
            | Error::ChatResponseGeneration { .. } => {
                ModelError::retry("the stream holds something else than an answer")
            }
            Error::WebModelCall { webc_error, .. } | Error::WebAdapterCall { webc_error, .. } => {
                match webc_error {
                    genai::webc::Error::ResponseFailedStatus {
                        status,
                        body,
                        headers,
                    } => self.refused(*status, body, headers),
                    genai::webc::Error::Reqwest(inner) => broken(inner),
                    _ => ModelError::retry("the answer is not JSON"),
                }
            }
            Error::AdapterNotSupported { .. } => {
                ModelError::give_up("the provider's adapter does not support this request")
            }
            _ => ModelError::give_up("the request could not be made for this provider"),
        }
    }

    /// A status that is no success.
    pub(super) fn refused(
        &self,
        status: StatusCode,
        body: &str,
        headers: &HeaderMap,
    ) -> ModelError {
        let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        let body = match &body {
            // Google's chat completions wrap it.
            Value::Array(all) => all.first().unwrap_or(&Value::Null),
            body => body,
        };
        let code = body.pointer("/error/code").and_then(Value::as_str);
        let detail = match status {
            // Providers quote (parts of) the key here.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                format!("{status} (check DESKHAND_MODEL_API_KEY)")
            }
            _ => self.with_message(&status.to_string(), body),
        };
        // What is paid for is used up, and no wait brings it back; Groq's model wrote no call, and may the next
        // time.
        let passing = match code {
            Some("insufficient_quota") => false,
            Some("tool_use_failed") => true,
            _ => is_passing(status),
        };
        if passing {
            ModelError::Retry {
                after: retry_after(headers),
                detail,
            }
        } else {
            ModelError::GiveUp { detail }
        }
    }

    /// An error in place of the rest of a stream, by the type that Anthropic's messages give it. One that
    /// they do not know is worth another try, as without a type.
    pub(super) fn in_stream(&self, body: &Value) -> ModelError {
        let what = "error in the stream";
        match body.pointer("/error/type").and_then(Value::as_str) {
            // As with a status: providers quote (parts of) the key here.
            Some("authentication_error" | "permission_error") => {
                ModelError::give_up(format!("{what} (check DESKHAND_MODEL_API_KEY)"))
            }
            Some(
                "billing_error" | "invalid_request_error" | "not_found_error" | "request_too_large",
            ) => ModelError::give_up(self.with_message(what, body)),
            _ => ModelError::retry(self.with_message(what, body)),
        }
    }

    /// The status with the provider's own message, unless that quotes the conversation.
    pub(super) fn with_message(&self, what: &str, body: &Value) -> String {
        let Some(message) = message(body) else {
            return what.to_owned();
        };
        let message = message.as_str();
        if self.quotes_the_conversation(message) {
            return format!("{what}: (its message quotes the conversation and is left out)");
        }
        let clean = message.replace(self.key, "[key]");
        let short: String = clean
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MESSAGE_CHARS)
            .collect();
        format!("{what}: {}", short.trim())
    }

    fn quotes_the_conversation(&self, message: &str) -> bool {
        let chars: Vec<char> = message.chars().collect();
        let windows: Vec<String> = chars
            .windows(QUOTE_CHARS)
            .map(|window| window.iter().collect())
            .collect();
        said(self.prompt).iter().any(|text| {
            windows.iter().any(|window| text.contains(window.as_str()))
                // Numbers and addresses are telling however short they are.
                || text
                    .split(|c: char| c.is_whitespace() || "\"',;:(){}".contains(c))
                    .map(|word| word.trim_matches(['.', '?', '!']))
                    .filter(|word| word.len() >= 4 && word.contains(|c: char| c.is_ascii_digit() || c == '@'))
                    .any(|word| message.contains(word))
        })
    }
}

/// A provider's own words, and which field they are about.
fn message(body: &Value) -> Option<String> {
    let text = |pointer: &str| body.pointer(pointer)?.as_str();
    let said = ["/error/message", "/message", "/error", "/detail"]
        .into_iter()
        .find_map(text);
    if let Some(said) = said {
        let about = text("/error/param").filter(|param| !said.contains(param));
        return Some(match about {
            Some(param) => format!("{said} ({param})"),
            None => said.to_owned(),
        });
    }
    // Field by field, as Mistral's servers and others check a request.
    let first = body
        .pointer("/message/detail/0")
        .or_else(|| body.pointer("/detail/0"))?;
    let said = first.get("msg")?.as_str()?;
    let place = first.get("loc").and_then(Value::as_array);
    let place: Vec<&str> = place
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    Some(format!("{}: {said}", place.join(".")))
}

fn said(prompt: &Prompt<'_>) -> Vec<String> {
    let mut texts = vec![prompt.instructions.clone()];
    for entry in &prompt.entries {
        match entry {
            Entry::Customer { text } => texts.push(text.to_string()),
            Entry::Agent { text, calls } => {
                texts.push(text.to_string());
                texts.extend(calls.iter().map(|call| call.arguments.clone()));
            }
            Entry::Results { results } => {
                texts.extend(results.iter().map(|result| result.content.to_string()));
            }
        }
    }
    texts
}

/// Whether the same request may be taken later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_EARLY
                | StatusCode::TOO_MANY_REQUESTS
                | StatusCode::CONFLICT
        )
}

/// No word came within the time for the first.
pub(super) fn late() -> ModelError {
    ModelError::retry("no first word within the time for it")
}

/// Only the innermost cause is spoken: the outer ones hold the address with whatever stands in it.
pub(super) fn broken(error: &reqwest::Error) -> ModelError {
    let what = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(|cause| cause.source()) {
        cause = Some(inner);
    }
    ModelError::retry(match cause {
        Some(cause) => format!("{what}: {cause}"),
        None => what.to_owned(),
    })
}

/// RFC 9110 §10.2.3: seconds, or a date, which is taken relative to the answer's own `Date` so that
/// no two clocks are compared. `retry-after-ms` is what some providers send beside it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1_000.0).ok();
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |value: &str| rfc2822::parse(value).ok().map(|zoned| zoned.timestamp());
    let wait = date(value)?.duration_since(date(text(DATE.as_str())?)?);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(status: u16, body: &Value, headers: &[(&'static str, &str)]) -> ModelError {
        let prompt = Prompt {
            entries: vec![Entry::Customer {
                text: "My mail is ada@example.com and I am really quite unhappy about it".into(),
            }],
            ..Prompt::default()
        };
        let failures = Failures {
            prompt: &prompt,
            key: "sk-secret",
        };
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        failures.refused(
            StatusCode::from_u16(status).unwrap(),
            &body.to_string(),
            &headers,
        )
    }

    #[test]
    fn the_status_decides() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
            assert!(matches!(
                judge(status, &Value::Null, &[]),
                ModelError::Retry { .. }
            ));
        }
        for status in [301, 400, 401, 403, 404, 422] {
            assert!(matches!(
                judge(status, &Value::Null, &[]),
                ModelError::GiveUp { .. }
            ));
        }
    }

    #[test]
    fn the_operator_reads_status_and_message() {
        let body = json!({"error": {"message": "Rate limit\nreached"}});
        assert_eq!(
            judge(429, &body, &[("retry-after", "2")]),
            ModelError::Retry {
                after: Some(Duration::from_secs(2)),
                detail: "429 Too Many Requests: Rate limit reached".to_owned()
            }
        );
    }

    #[test]
    fn the_operator_reads_it_wherever_it_stands() {
        for (body, detail) in [
            (
                json!([{"error": {"message": "No such model"}}]),
                "400 Bad Request: No such model",
            ),
            (
                json!({"message": {"detail": [
                    {"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}
                ]}}),
                "400 Bad Request: body.stream_options: Extra inputs are not permitted",
            ),
            (
                json!({"detail": [{"loc": ["body", "tools", 0], "msg": "Field required"}]}),
                "400 Bad Request: body.tools: Field required",
            ),
            (
                json!({"error": {"message": "Param Incorrect", "param": "messages.2"}}),
                "400 Bad Request: Param Incorrect (messages.2)",
            ),
        ] {
            assert_eq!(judge(400, &body, &[]).detail(), detail);
        }
    }

    #[test]
    fn some_codes_say_more_than_the_status() {
        let of = |status, code| judge(status, &json!({"error": {"code": code}}), &[]);
        assert!(matches!(
            of(429, "insufficient_quota"),
            ModelError::GiveUp { .. }
        ));
        assert!(matches!(
            of(429, "rate_limit_exceeded"),
            ModelError::Retry { .. }
        ));
        assert!(matches!(
            of(400, "tool_use_failed"),
            ModelError::Retry { .. }
        ));
    }

    #[test]
    fn a_date_to_wait_for_is_read_against_the_answers_own_clock() {
        let error = judge(
            503,
            &Value::Null,
            &[
                ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
                ("retry-after", "Wed, 21 Oct 2026 07:28:09 GMT"),
            ],
        );
        assert!(
            matches!(error, ModelError::Retry { after: Some(wait), .. } if wait.as_secs() == 9)
        );
        let odd = judge(503, &Value::Null, &[("retry-after", "soon")]);
        assert!(matches!(odd, ModelError::Retry { after: None, .. }));
    }

    #[test]
    fn neither_key_nor_conversation_is_repeated() {
        for message in [
            "invalid user: ada@example.com",
            "bad content: I am really quite unhappy about",
        ] {
            let detail = judge(400, &json!({"error": {"message": message}}), &[]);
            assert!(!detail.detail().contains("ada@") && !detail.detail().contains("unhappy"));
        }
        let keyed = judge(
            400,
            &json!({"error": {"message": "key sk-secret is odd"}}),
            &[],
        );
        assert_eq!(keyed.detail(), "400 Bad Request: key [key] is odd");
        let refused = judge(
            401,
            &json!({"error": {"message": "Incorrect key sk-s...ret"}}),
            &[],
        );
        assert!(!refused.detail().contains("sk-"));
    }
}
