//! `GET /v1/conversations/{id}/events`: what happens in a conversation, live. With `Last-Event-ID` it
//! goes on where an earlier stream was cut.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use deskhand_service::{EventId, Listening, LiveEvent, Service, view};
use futures_util::{Stream, StreamExt, stream};

use crate::auth_again::until_refused;
use crate::auth_visitor::Follower;
use crate::params::{Params, YES_OR_NO};
use crate::path::Path;
use crate::problem::{Problem, Result};
use crate::sse;

pub(crate) async fn handle(
    follower: Follower,
    State(service): State<Service>,
    Path(id): Path<String>,
    params: Params,
    parts: Parts,
) -> Result<Response> {
    let id = crate::routes::id(&id)?;
    let params = params.only(&["trace"])?;
    let trace = params.value("trace", YES_OR_NO)?.unwrap_or(false);
    // An id that is not ours cannot be gone on from; the stream then begins with what happens now.
    let last: Option<EventId> = parts
        .headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let refused = Box::pin(until_refused::<Follower>(parts, service.clone()));
    let listener = match follower {
        Follower::Client(listener) => listener,
        Follower::Visitor(_) if trace => {
            return Err(Problem::forbidden("a visitor sees no traces"));
        }
        Follower::Visitor(visitor) => {
            let listening = service.listen_as(&visitor, id, last).await?;
            let theirs = events(listening).filter_map(async |event| view::of_event(event));
            return Ok(sse::answer(theirs.take_until(refused)));
        }
    };
    if trace {
        listener.may_trace()?;
    }
    if let Some(bound) = listener.bound_to {
        let agent = service
            .conversation(listener.workspace, id)
            .await?
            .conversation
            .agent_id;
        if agent != bound {
            return Err(Problem::not_found());
        }
    }
    let listening = service.listen(listener.workspace, id, last, trace).await?;
    Ok(sse::answer(events(listening).take_until(refused)))
}

fn events(listening: Listening) -> impl Stream<Item = LiveEvent> + Send {
    stream::unfold(listening, |mut listening| async {
        let event = listening.next().await?;
        Some((event, listening))
    })
}
