//! A script as an HTTP answer, in one of the two formats.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::channel::Sender;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Channel, Full};
use serde_json::Value;

use super::{Call, Script, anthropic, anthropic_protocol, openai, openai_protocol};

/// What a request speaks, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    OpenAi,
    Anthropic,
}

impl Wire {
    /// The format of a path, if anything is there.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            "/v1/chat/completions" => Some(Self::OpenAi),
            "/v1/messages" => Some(Self::Anthropic),
            _ => None,
        }
    }

    pub(super) fn violations(self, headers: &http::HeaderMap, body: &Value) -> Vec<String> {
        match self {
            Self::OpenAi => openai_protocol::violations(body),
            Self::Anthropic => anthropic_protocol::violations(headers, body),
        }
    }

    fn stream_of(self, text: &str, calls: &[Call]) -> String {
        match self {
            Self::OpenAi => openai::stream_of(text, calls),
            Self::Anthropic => anthropic::stream_of(text, calls),
        }
    }

    fn message_of(self, text: &str, calls: &[Call]) -> Value {
        match self {
            Self::OpenAi => openai::message_of(text, calls),
            Self::Anthropic => anthropic::message_of(text, calls),
        }
    }

    fn beginning(self, text: &str) -> String {
        match self {
            Self::OpenAi => openai::beginning(text),
            Self::Anthropic => anthropic::beginning(text),
        }
    }

    fn error_event(self) -> String {
        match self {
            Self::OpenAi => openai::error_event(),
            Self::Anthropic => anthropic::error_event(),
        }
    }

    fn refusal(self, status: u16, message: &str) -> Value {
        match self {
            Self::OpenAi => openai::refusal(status, message),
            Self::Anthropic => anthropic::refusal(status, message),
        }
    }

    /// A sign of life that says nothing.
    fn heartbeat(self) -> &'static str {
        match self {
            Self::OpenAi => ": still thinking\n\n",
            Self::Anthropic => "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        }
    }
}

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

pub(super) async fn perform(script: Script, wire: Wire, streamed: bool) -> Response<Body> {
    match script {
        Script::Answer { text, calls } if streamed => sse(wire.stream_of(&text, &calls)),
        Script::Answer { text, calls } => {
            let message = wire.message_of(&text, &calls);
            respond(StatusCode::OK, "application/json", message.to_string())
        }
        Script::Status {
            status,
            message,
            retry_after,
        } => {
            let body = wire.refusal(status, &message);
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
            endless(wire.beginning(&text), |sender| {
                tokio::spawn(async move {
                    let _kept_open = sender;
                    std::future::pending::<Infallible>().await
                });
            })
            .await
        }
        Script::Trickle { text, every } => {
            endless(wire.beginning(&text), |sender| {
                tokio::spawn(trickle(sender, every, wire.beginning(&text)));
            })
            .await
        }
        Script::Heartbeats(every) => {
            let beat = wire.heartbeat().to_owned();
            endless(beat.clone(), |sender| {
                tokio::spawn(trickle(sender, every, beat));
            })
            .await
        }
        Script::Cut(text) => endless(wire.beginning(&text), |sender| sender.abort(Broken)).await,
        Script::NoEnd(text) => sse(wire.beginning(&text)),
        Script::ErrorMidStream(text) => {
            sse(format!("{}{}", wire.beginning(&text), wire.error_event()))
        }
        Script::Raw(body) => sse(body),
        Script::Pieces { pieces, every } => {
            endless(String::new(), |mut sender| {
                tokio::spawn(async move {
                    for piece in pieces {
                        tokio::time::sleep(every).await;
                        if sender.send_data(Bytes::from(piece)).await.is_err() {
                            return;
                        }
                    }
                });
            })
            .await
        }
        Script::Flood(body) => {
            let bytes = Bytes::from(body);
            endless(String::new(), |mut sender| {
                tokio::spawn(async move { while sender.send_data(bytes.clone()).await.is_ok() {} });
            })
            .await
        }
    }
}

/// The same piece again and again, until the client goes away.
async fn trickle(mut sender: Sender<Bytes, Broken>, every: std::time::Duration, piece: String) {
    loop {
        tokio::time::sleep(every).await;
        if sender.send_data(Bytes::from(piece.clone())).await.is_err() {
            return;
        }
    }
}

/// A stream that begins with these bytes; what becomes of it then is up to the caller.
async fn endless(first: String, then: impl FnOnce(Sender<Bytes, Broken>)) -> Response<Body> {
    let (mut sender, body) = Channel::<Bytes, Broken>::new(1);
    // Its receiver is held right here.
    let _ = sender.send_data(Bytes::from(first)).await;
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

/// A text in small pieces; a long one in fewer, so that an absurdly long one does not take absurdly
/// long.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars
        .chunks((chars.len() / 64).max(7))
        .map(|piece| piece.iter().collect())
        .collect()
}

/// A text in two pieces.
pub(super) fn halves(text: &str) -> (&str, &str) {
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    text.split_at(middle)
}
