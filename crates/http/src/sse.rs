//! Event streams (WHATWG HTML §9.2, server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use deskhand_service::{EventId, LiveEvent, WorkspaceEvent};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use crate::once::REPLAYED;
use crate::problem::{Problem, Result};

/// How often a silent stream shows that it is alive. Proxies commonly cut at 30 or 60 s.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// An answer given before, as the first and the last event of its turn. Refusals stay as they are.
pub(crate) async fn replay(answer: Response) -> Result<Response> {
    if !answer.status().is_success() {
        return Ok(answer);
    }
    let (head, body) = answer.into_parts();
    let events = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => first_and_last(&bytes),
        Err(_) => None,
    };
    let events =
        events.ok_or_else(|| Problem::internal("a stored answer is not that of a chat"))?;
    let mut response = self::answer(stream::iter(events));
    if let Some(replayed) = head.headers.get(REPLAYED) {
        response.headers_mut().insert(REPLAYED, replayed.clone());
    }
    Ok(response)
}

fn first_and_last(answer: &[u8]) -> Option<[LiveEvent; 2]> {
    let text = std::str::from_utf8(answer).ok()?;
    let answer: Value = serde_json::from_str(text).ok()?;
    let turn_id = answer["turn_id"].as_str()?.parse().ok()?;
    let event = |place, name, data: &str| LiveEvent {
        id: EventId { turn_id, place },
        name,
        data: data.into(),
    };
    let started = json!({
        "conversation_id": answer["conversation_id"],
        "turn_id": answer["turn_id"],
    });
    let last = match answer["status"].as_str()? {
        "failed" => "turn.failed",
        _ => "message.completed",
    };
    Some([
        event(Some(0), "turn.started", &started.to_string()),
        event(None, last, text),
    ])
}

/// Answers with these events and a heartbeat.
pub(crate) fn answer(events: impl Stream<Item = LiveEvent> + Send + 'static) -> Response {
    send(events.map(|event| {
        Event::default()
            .event(event.name)
            .id(event.id.to_string())
            .data(&*event.data)
    }))
}

/// Answers with these changes and a heartbeat. They have no ids: nobody can go on after one.
pub(crate) fn changes(changes: impl Stream<Item = WorkspaceEvent> + Send + 'static) -> Response {
    send(changes.map(|change| {
        Event::default()
            .event(change.name())
            // Ids, words and truth values always serialise.
            .data(serde_json::to_string(&change).unwrap_or_default())
    }))
}

fn send(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let mut response = Sse::new(events.map(Ok::<_, Infallible>))
        .keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here"))
        .into_response();
    // Asks reverse proxies (nginx and those that follow it) to pass events on at once.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}
