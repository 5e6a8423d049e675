//! Event streams (WHATWG HTML §9.2, server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use deskhand_service::LiveEvent;
use futures_util::{Stream, StreamExt};

/// How often a silent stream shows that it is alive. Proxies commonly cut at 30 or 60 s.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Answers with these events and a heartbeat.
pub(crate) fn answer(events: impl Stream<Item = LiveEvent> + Send + 'static) -> Response {
    let events = events.map(|event| {
        Ok::<_, Infallible>(
            Event::default()
                .event(event.name)
                .id(event.id.to_string())
                .data(&*event.data),
        )
    });
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here"))
        .into_response();
    // Asks reverse proxies (nginx and those that follow it) to pass events on at once.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}
