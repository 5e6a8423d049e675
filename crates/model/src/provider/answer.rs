//! What a stream comes to: the text, the calls, the usage.

use deskhand_domain::limits::{ARGUMENTS_BYTES, CALLS_PER_ANSWER, REPLY_CHARS};
use deskhand_domain::prompt::{Answer, Prompt, ToolCall, Usage};
use genai::chat::{StopReason, StreamEnd};
use serde_json::Value;

use crate::ModelError;
use crate::ids::with_unique_ids;

/// How much of a call's name is kept: more than any action's, so that what is cut is no action either.
const CALL_NAME_CHARS: usize = 128;

/// Most tokens that are believed of one answer. The store adds them up, and a sum that it cannot hold would keep
/// turns from being stored.
pub(super) const MOST_TOKENS: u64 = 1 << 31;

/// The text so far, at most [`REPLY_CHARS`] long.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    chars: usize,
}

impl Text {
    /// What of the piece still fits.
    pub(super) fn push<'a>(&mut self, piece: &'a str) -> Option<&'a str> {
        let left = REPLY_CHARS - self.chars;
        let end = piece
            .char_indices()
            .nth(left)
            .map_or(piece.len(), |(end, _)| end);
        let fits = &piece[..end];
        self.chars += fits.chars().count();
        self.text.push_str(fits);
        (!fits.is_empty()).then_some(fits)
    }
}

/// What a stream has come to.
pub(super) struct Parts {
    pub(super) text: Text,
    /// Why it ended, where the provider has said so.
    pub(super) stop: Option<StopReason>,
    pub(super) usage: Option<Usage>,
    pub(super) calls: Vec<ToolCall>,
}

impl Parts {
    /// Out of what `genai` has gathered beside the text.
    pub(super) fn gathered(text: Text, end: StreamEnd) -> Self {
        Self {
            text,
            stop: end.captured_stop_reason.clone(),
            usage: end.captured_usage.as_ref().map(|usage| Usage {
                input_tokens: tokens(usage.prompt_tokens),
                output_tokens: tokens(usage.completion_tokens),
            }),
            calls: end
                .captured_into_tool_calls()
                .unwrap_or_default()
                .into_iter()
                .map(|call| ToolCall {
                    id: call.call_id,
                    name: call.fn_name,
                    arguments: match call.fn_arguments {
                        Value::String(raw) => raw,
                        parsed => parsed.to_string(),
                    },
                })
                .collect(),
        }
    }

    /// The whole answer, if there is one. Half of one is none: neither its words are kept nor its calls,
    /// whose arguments may lack what the customer said.
    pub(super) fn into_answer(self, prompt: &Prompt<'_>) -> Result<Answer, ModelError> {
        match &self.stop {
            Some(StopReason::MaxTokens(_)) => {
                return Err(ModelError::retry(
                    "the answer was cut off: it grew too long",
                ));
            }
            // Asked again it would be stopped again; another model may see it otherwise.
            Some(StopReason::ContentFilter(_)) => {
                return Err(ModelError::give_up(
                    "the provider stopped the answer: it was refused or filtered",
                ));
            }
            Some(StopReason::Other(reason)) => broken_off(reason, &self.calls)?,
            _ => {}
        }
        let mut calls = self.calls;
        calls.truncate(CALLS_PER_ANSWER);
        if calls.is_empty() && self.text.text.trim().is_empty() {
            return Err(ModelError::retry("the answer was empty"));
        }
        for call in &mut calls {
            if call.arguments.len() > ARGUMENTS_BYTES {
                return Err(too_long());
            }
            if is_blank(&call.arguments) {
                call.arguments = "{}".to_owned();
            }
            if let Some((end, _)) = call.name.char_indices().nth(CALL_NAME_CHARS) {
                call.name.truncate(end);
            }
        }
        Ok(Answer {
            text: self.text.text,
            calls: with_unique_ids(calls, prompt),
            usage: self.usage,
        })
    }
}

/// A call without parameters is often written as nothing at all.
fn is_blank(arguments: &str) -> bool {
    matches!(arguments.trim(), "" | "null")
}

/// Whether a provider's own reason says that the answer is not whole. One that nothing is known of is taken
/// for its end, unless a call is there whose arguments may have been still to come.
fn broken_off(reason: &str, calls: &[ToolCall]) -> Result<(), ModelError> {
    match reason {
        // OpenRouter's word for a model that broke down on the way; vLLM's, DeepSeek's, Zhipu's.
        "error" | "abort" | "aborted" | "insufficient_system_resource" | "network_error" => Err(
            ModelError::retry("the provider ended the answer with an error"),
        ),
        // Zhipu's word for what it filters.
        "sensitive" => Err(ModelError::give_up(
            "the provider stopped the answer: it was refused or filtered",
        )),
        // Anthropic's, for tools that run on its side; there are none on offer.
        "pause_turn" => Err(ModelError::retry(
            "the provider paused the answer before its end",
        )),
        _ if calls.iter().any(|call| is_blank(&call.arguments)) => {
            Err(ModelError::retry("a call came without its arguments"))
        }
        _ => Ok(()),
    }
}

/// Calls that somebody named. One without a name that says nothing is none.
pub(super) fn named(
    calls: impl IntoIterator<Item = ToolCall>,
) -> Result<Vec<ToolCall>, ModelError> {
    let mut kept = Vec::new();
    for call in calls {
        if !call.name.is_empty() {
            kept.push(call);
        } else if !call.arguments.is_empty() {
            return Err(ModelError::retry("a call came without a name"));
        }
    }
    Ok(kept)
}

fn tokens(count: Option<i32>) -> u64 {
    count
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or(0)
}

/// A call whose arguments go on and on.
pub(super) fn too_long() -> ModelError {
    ModelError::retry(format!(
        "the arguments of a call are longer than {ARGUMENTS_BYTES} bytes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_in_characters() {
        let mut text = Text::default();
        assert_eq!(
            text.push(&"é".repeat(REPLY_CHARS - 1)).unwrap().len(),
            2 * (REPLY_CHARS - 1)
        );
        assert_eq!(text.push("éé"), Some("é"));
        assert_eq!(text.push("more"), None);
        assert_eq!(text.text.chars().count(), REPLY_CHARS);
    }
}
