//! A model that speaks OpenAI chat completions and keeps nothing in mind: it makes the calls that the
//! customer's last message spells out, round by round, then reports what came of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::trigger::{Place, Trigger};
use crate::work;

/// How long an answer takes.
const THINKS: Duration = Duration::from_millis(8);

pub async fn accept(listener: TcpListener, trigger: Arc<Trigger>) {
    while let Ok((stream, _)) = listener.accept().await {
        let trigger = Arc::clone(&trigger);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, Arc::clone(&trigger)));
            // A server that is killed breaks its connections: that is what all this is for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    trigger: Arc<Trigger>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    trigger.pass(Place::ModelAsked);
    tokio::time::sleep(THINKS).await;
    let prompt: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(events) = events(&prompt) else {
        let mut refusal = Response::new(Full::default());
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(refusal);
    };
    let mut response = Response::new(Full::new(stream_of(&events)));
    let kind = hyper::header::HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}

fn events(prompt: &Value) -> Option<Vec<Value>> {
    let messages = prompt["messages"].as_array()?;
    let asked = messages.iter().rposition(|m| m["role"] == "user")?;
    let rounds = work::read(&text(&messages[asked]["content"]))?;
    let since = &messages[asked + 1..];
    let done = since.iter().filter(|m| m["role"] == "assistant").count();
    Some(match rounds.get(done) {
        Some(calls) => {
            let calls: Vec<Value> = calls
                .iter()
                .enumerate()
                .map(|(index, call)| {
                    let arguments = json!({ "order": call.order, "how": call.how.name() });
                    json!({
                        "index": index, "id": format!("call_{}_{index}", messages.len()),
                        "type": "function",
                        "function": { "name": call.action.name(), "arguments": arguments.to_string() },
                    })
                })
                .collect();
            vec![
                delta(json!({ "role": "assistant", "content": null, "tool_calls": calls })),
                end("tool_calls"),
            ]
        }
        None => vec![delta(json!({ "content": report(since) })), end("stop")],
    })
}

/// Every result, word for word: a receipt is in it only if the endpoint gave one.
fn report(since: &[Value]) -> String {
    let results: Vec<String> = since
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| text(&message["content"]))
        .collect();
    format!("Report: {}", results.join(" | "))
}

/// A message's content is a text or a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|p| p["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn delta(delta: Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "crash",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": null }],
    })
}

fn end(reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "crash",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120 },
    })
}

fn stream_of(events: &[Value]) -> Bytes {
    let mut body = String::new();
    for event in events {
        body.push_str(&format!("data: {event}\n\n"));
    }
    body.push_str("data: [DONE]\n\n");
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_called_one_after_the_other_then_told_of() {
        let mut messages = vec![
            json!({ "role": "system", "content": "Rules" }),
            json!({ "role": "user", "content":
                "Message 1: run charge_card ORD-1 fast then look_up_order ORD-1 slow." }),
        ];
        let names = |messages: &[Value]| {
            let events = events(&json!({ "messages": messages })).unwrap();
            events[0]["choices"][0]["delta"].clone()
        };
        for expected in ["charge_card", "look_up_order"] {
            let delta = names(&messages);
            assert_eq!(delta["tool_calls"][0]["function"]["name"], expected);
            messages.push(json!({ "role": "assistant", "tool_calls": delta["tool_calls"] }));
            messages.push(json!({ "role": "tool", "content": format!("result of {expected}") }));
        }
        assert_eq!(
            names(&messages)["content"],
            "Report: result of charge_card | result of look_up_order"
        );
    }
}
