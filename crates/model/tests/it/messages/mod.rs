//! Anthropic's messages as servers stream them.

mod blocks;
mod ends;

use deskhand_domain::prompt::Answer;
use deskhand_model::ModelError;
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::{Value, json};

use crate::support::{ask_of, events};

pub(crate) fn start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "content": [], "stop_reason": null, "usage": {"input_tokens": 7, "output_tokens": 1}}})
}

pub(crate) fn words(text: &str) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
}

pub(crate) fn begin(index: &Value, name: &str) -> Value {
    begin_with(index, name, json!({}))
}

pub(crate) fn begin_with(index: &Value, name: &str, input: Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block":
        {"type": "tool_use", "id": format!("toolu_{name}"), "name": name, "input": input}})
}

pub(crate) fn piece(index: &Value, text: &str) -> Value {
    json!({"type": "content_block_delta", "index": index,
        "delta": {"type": "input_json_delta", "partial_json": text}})
}

pub(crate) fn reason(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
        "usage": {"output_tokens": 2}})
}

pub(crate) fn stop() -> Value {
    json!({"type": "message_stop"})
}

pub(crate) fn ping() -> Value {
    json!({"type": "ping"})
}

pub(crate) async fn read(body: String) -> Result<Answer, ModelError> {
    let server = ModelServer::start().await;
    server.script(Script::Raw(body));
    ask_of("anthropic", &server).await
}

/// An answer with these events between its beginning and its end.
pub(crate) async fn read_within(within: &[Value]) -> Result<Answer, ModelError> {
    let all = [&[start()], within, &[reason("end_turn"), stop()]].concat();
    read(events(&all)).await
}
