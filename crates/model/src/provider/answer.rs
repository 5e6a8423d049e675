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
            // OpenRouter's word for a model that broke down on the way.
            Some(StopReason::Other(reason)) if reason == "error" => {
                return Err(ModelError::retry(
                    "the provider ended the answer with an error",
                ));
            }
            // Anthropic's, for tools that run on its side; there are none on offer.
            Some(StopReason::Other(reason)) if reason == "pause_turn" => {
                return Err(ModelError::retry(
                    "the provider paused the answer before its end",
                ));
            }
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
            // A call without parameters is often written as nothing at all.
            if matches!(call.arguments.trim(), "" | "null") {
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
