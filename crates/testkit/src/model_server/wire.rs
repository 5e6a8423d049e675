//! A script as an HTTP answer.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::channel::Sender;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Channel, Full};
use serde_json::{Value, json};

use super::{Call, Script};

/// Ends the connection without an end of the body.
#[derive(Debug)]
pub(super) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut off, as the script says")
    }
}

impl std::error::Error for Broken {}

pub(super) type Body = BoxBody<Bytes, Broken>;

pub(super) async fn perform(script: Script, streamed: bool) -> Response<Body> {
    match script {
        Script::Answer { text, calls } if streamed => sse(stream_of(&text, &calls)),
        Script::Answer { text, calls } => {
            let message = message_of(&text, &calls);
            respond(StatusCode::OK, "application/json", message.to_string())
        }
        Script::Status {
            status,
            message,
            retry_after,
        } => {
            let body = json!({"error": {"message": message, "type": "error", "code": status}});
            let status = StatusCode::from_u16(status).expect("the test gives a valid status");
            let mut response = respond(status, "application/json", body.to_string());
            if let Some(after) = retry_after {
                response.headers_mut().insert(
                    http::header::RETRY_AFTER,
                    after.parse().expect("the test gives a valid header value"),
                );
            }
            response
        }
        Script::Hang => std::future::pending().await,
        Script::HangMidStream(text) => {
            endless(text, |sender| {
                tokio::spawn(async move {
                    let _kept_open = sender;
                    std::future::pending::<Infallible>().await
                });
            })
            .await
        }
        Script::Cut(text) => endless(text, |sender| sender.abort(Broken)).await,
        Script::NoEnd(text) => sse(chunk(&json!({"content": text}), None)),
        Script::ErrorMidStream(text) => {
            let error = json!({"error": {"message": "overloaded", "type": "server_error"}});
            sse(format!(
                "{}data: {error}\n\n",
                chunk(&json!({"content": text}), None)
            ))
        }
        Script::Raw(body) => sse(body),
    }
}

/// A stream that begins with a piece of text; what becomes of it then is up to the caller.
async fn endless(text: String, then: impl FnOnce(Sender<Bytes, Broken>)) -> Response<Body> {
    let (mut sender, body) = Channel::<Bytes, Broken>::new(1);
    let first = Bytes::from(chunk(&json!({"content": text}), None));
    // Its receiver is held right here.
    let _ = sender.send_data(first).await;
    then(sender);
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(body.boxed())
        .expect("a valid response")
}

fn sse(body: String) -> Response<Body> {
    respond(StatusCode::OK, "text/event-stream", body)
}

fn respond(status: StatusCode, content_type: &str, body: String) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(
            Full::new(Bytes::from(body))
                .map_err(|never: Infallible| match never {})
                .boxed(),
        )
        .expect("a valid response")
}

fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]
    });
    format!("data: {chunk}\n\n")
}

/// Text in small pieces, arguments in two, then the reason, the usage and the end mark.
fn stream_of(text: &str, calls: &[Call]) -> String {
    let mut out = chunk(&json!({"role": "assistant", "content": ""}), None);
    let chars: Vec<char> = text.chars().collect();
    // Long texts in fewer pieces, so that an absurdly long one does not take absurdly long.
    for piece in chars.chunks((chars.len() / 64).max(7)) {
        out += &chunk(&json!({"content": piece.iter().collect::<String>()}), None);
    }
    for (index, call) in calls.iter().enumerate() {
        let middle = (0..=call.arguments.len() / 2)
            .rev()
            .find(|at| call.arguments.is_char_boundary(*at))
            .unwrap_or(0);
        let (first, second) = call.arguments.split_at(middle);
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

fn message_of(text: &str, calls: &[Call]) -> Value {
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
