//! `POST /v1/agents/{id}/chat`: handle one customer message, up to the reply. With `"stream": true`
//! the answer is an event stream that ends with the reply.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_service::{Chat, Service};
use futures_util::stream;

use crate::auth::Chatter;
use crate::json::Shape;
use crate::path::Path;
use crate::problem::Result;
use crate::sse;

pub(crate) async fn handle(
    chatter: Chatter,
    State(service): State<Service>,
    Path(id): Path<String>,
    Shape(chat): Shape<Chat>,
) -> Result<Response> {
    let agent = crate::routes::id(&id)?;
    chatter.may_use(agent)?;
    if !chat.stream {
        return Ok(Json(service.chat(chatter.workspace, agent, chat).await?).into_response());
    }
    let reader = service.chat_live(chatter.workspace, agent, chat).await?;
    // `None` as the state means that the turn's last event has been passed on.
    let events = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let event = reader.next().await?;
        let more = (!event.is_last()).then_some(reader);
        Some((event, more))
    });
    Ok(sse::answer(events))
}
