//! Anthropic's messages: what an answer looks like.

use serde_json::{Value, json};

use super::Call;
use super::wire::{halves, pieces};

/// A stream that has begun with a piece of text and goes no further.
pub(super) fn beginning(text: &str) -> String {
    start() + &text_start(0) + &text_delta(0, text)
}

/// An error in the middle of a stream.
pub(super) fn error_event() -> String {
    event(&json!({
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"}
    }))
}

/// The body of a refusal.
pub(super) fn refusal(status: u16, message: &str) -> Value {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
}

/// Start, ping, a block of text in small pieces, a block for every call with its input in two, the
/// reason and the usage, stop.
pub(super) fn stream_of(text: &str, calls: &[Call]) -> String {
    let mut out = start() + &event(&json!({"type": "ping"}));
    let mut index = 0;
    if !text.is_empty() {
        out += &text_start(index);
        for piece in pieces(text) {
            out += &text_delta(index, &piece);
        }
        out += &event(&json!({"type": "content_block_stop", "index": index}));
        index += 1;
    }
    for call in calls {
        out += &event(&json!({"type": "content_block_start", "index": index,
            "content_block": {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}}));
        let (first, second) = halves(&call.arguments);
        for piece in ["", first, second] {
            out += &event(&json!({"type": "content_block_delta", "index": index,
                "delta": {"type": "input_json_delta", "partial_json": piece}}));
        }
        out += &event(&json!({"type": "content_block_stop", "index": index}));
        index += 1;
    }
    out += &event(&json!({"type": "message_delta",
        "delta": {"stop_reason": reason(calls), "stop_sequence": null},
        "usage": {"output_tokens": 20}}));
    out + &event(&json!({"type": "message_stop"}))
}

/// The same in one piece. Input that is no JSON is left out, as it cannot be said.
pub(super) fn message_of(text: &str, calls: &[Call]) -> Value {
    let mut content = Vec::new();
    if !text.is_empty() {
        content.push(json!({"type": "text", "text": text}));
    }
    content.extend(calls.iter().map(|call| {
        let input: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
        json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
    }));
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "scripted",
        "content": content, "stop_reason": reason(calls), "stop_sequence": null,
        "usage": {"input_tokens": 100, "output_tokens": 20}
    })
}

/// `message_start` tells the input tokens, and a first count of the output's.
fn start() -> String {
    event(&json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "scripted",
        "content": [], "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 100, "output_tokens": 1}
    }}))
}

fn text_start(index: usize) -> String {
    event(&json!({"type": "content_block_start", "index": index,
        "content_block": {"type": "text", "text": ""}}))
}

fn text_delta(index: usize, text: &str) -> String {
    event(&json!({"type": "content_block_delta", "index": index,
        "delta": {"type": "text_delta", "text": text}}))
}

/// Every event is named as its data says.
fn event(data: &Value) -> String {
    let name = data["type"].as_str().unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}

fn reason(calls: &[Call]) -> &'static str {
    if calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    }
}
