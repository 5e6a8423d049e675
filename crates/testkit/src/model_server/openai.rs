//! OpenAI's chat completions: what an answer looks like.

use serde_json::{Value, json};

use super::Call;
use super::wire::{halves, pieces};

/// A stream that has begun with a piece of text and goes no further.
pub(super) fn beginning(text: &str) -> String {
    chunk(&json!({"content": text}), None)
}

/// An error in the middle of a stream.
pub(super) fn error_event() -> String {
    let error = json!({"error": {"message": "overloaded", "type": "server_error"}});
    format!("data: {error}\n\n")
}

/// The body of a refusal.
pub(super) fn refusal(status: u16, message: &str) -> Value {
    json!({"error": {"message": message, "type": "error", "code": status}})
}

fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]
    });
    format!("data: {chunk}\n\n")
}

/// Text in small pieces, arguments in two, then the reason, the usage and the end mark.
pub(super) fn stream_of(text: &str, calls: &[Call]) -> String {
    let mut out = chunk(&json!({"role": "assistant", "content": ""}), None);
    for piece in pieces(text) {
        out += &chunk(&json!({"content": piece}), None);
    }
    for (index, call) in calls.iter().enumerate() {
        let (first, second) = halves(&call.arguments);
        out += &chunk(
            &json!({"tool_calls": [{"index": index, "id": call.id, "type": "function",
                    "function": {"name": call.name, "arguments": first}}]}),
            None,
        );
        out += &chunk(
            &json!({"tool_calls": [{"index": index, "function": {"arguments": second}}]}),
            None,
        );
    }
    out += &chunk(&json!({}), Some(reason(calls)));
    let usage = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0,
        "model": "scripted", "choices": [], "usage": usage()});
    format!("{out}data: {usage}\n\ndata: [DONE]\n\n")
}

/// The same in one piece.
pub(super) fn message_of(text: &str, calls: &[Call]) -> Value {
    let mut message = json!({"role": "assistant", "content": text});
    if !calls.is_empty() {
        message["tool_calls"] = calls
            .iter()
            .map(|call| {
                json!({"id": call.id, "type": "function",
                       "function": {"name": call.name, "arguments": call.arguments}})
            })
            .collect();
    }
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reason(calls)}],
        "usage": usage()
    })
}

fn usage() -> Value {
    json!({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})
}

fn reason(calls: &[Call]) -> &'static str {
    if calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}
