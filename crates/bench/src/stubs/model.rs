//! A model that speaks OpenAI chat completions and answers at once: first with a call of
//! `check_order_status`, then, given the result, with a sentence.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Taken;
use crate::sample::Sample;

pub async fn accept(listener: TcpListener, taken: Taken) {
    while let Ok((stream, _)) = listener.accept().await {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("model stub: {error}");
        }
        let taken = taken.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, taken.clone()));
            // A server that is killed breaks its connections; that is how each bench ends.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    taken: Taken,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        let samples = std::mem::take(&mut *taken.lock());
        let body = serde_json::to_vec(&samples).unwrap_or_default();
        return Ok(Response::new(Full::new(body.into())));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(|body| body.to_bytes()) else {
        return Ok(refuse());
    };
    let Ok(prompt) = serde_json::from_slice::<Value>(&body) else {
        return Ok(refuse());
    };
    let messages = prompt["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let last = messages.last().unwrap_or(&Value::Null);
    let number = messages
        .iter()
        .rfind(|message| message["role"] == "user")
        .and_then(|message| order_number(&text(&message["content"])));
    let request = Request::from_parts(head, ());
    let events = match number {
        Some(number) if last["role"] == "tool" => {
            let mut taken = taken.lock();
            if taken.tell.is_none() {
                taken.tell = Some(Sample::of(&request, &body));
            }
            sentence(&number)
        }
        Some(number) => {
            let mut taken = taken.lock();
            if taken.ask.is_none() {
                taken.ask = Some(Sample::of(&request, &body));
            }
            call(&number, messages.len())
        }
        None => return Ok(refuse()),
    };
    let mut response = Response::new(Full::new(stream_of(&events)));
    let kind = hyper::header::HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}

fn refuse() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// A message's content is a text or a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

fn order_number(text: &str) -> Option<String> {
    let at = text.find("ORD-")?;
    let digits = text[at + 4..].bytes().take_while(u8::is_ascii_digit);
    Some(text[at..at + 4 + digits.count()].to_owned())
}

fn call(number: &str, messages: usize) -> Vec<Value> {
    let arguments = json!({ "order_number": number }).to_string();
    let function = json!({ "name": "check_order_status", "arguments": arguments });
    let call = json!({
        "index": 0, "id": format!("call_{messages}"), "type": "function", "function": function,
    });
    vec![
        delta(json!({ "role": "assistant", "content": null, "tool_calls": [call] })),
        end("tool_calls"),
    ]
}

fn sentence(number: &str) -> Vec<Value> {
    let words = format!("Your order {number} has shipped and should arrive on Friday.");
    let mut events: Vec<Value> = words
        .split_inclusive(' ')
        .map(|word| delta(json!({ "content": word })))
        .collect();
    events.push(end("stop"));
    events
}

fn delta(delta: Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": null }],
    })
}

fn end(reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench",
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
    fn the_number_is_found_in_a_message() {
        let message = "Where's my order? Order number is ORD-12345.";
        assert_eq!(order_number(message).as_deref(), Some("ORD-12345"));
        assert_eq!(order_number("Hello"), None);
    }

    #[test]
    fn a_stream_ends_with_done() {
        let body = stream_of(&sentence("ORD-1"));
        let text = std::str::from_utf8(&body).unwrap();
        assert!(text.starts_with("data: {") && text.ends_with("\n\ndata: [DONE]\n\n"));
    }
}
