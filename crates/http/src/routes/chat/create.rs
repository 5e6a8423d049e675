//! `POST /v1/agents/{id}/chat`: handle one customer message, up to the reply. With `"stream": true`
//! the answer is an event stream that ends with the reply.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::AgentId;
use deskhand_service::{Chat, ClaimId, Reader, Service, view};
use futures_util::{StreamExt, stream};
use tokio::sync::oneshot;

use crate::auth_visitor::Talker;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;
use crate::sse;

pub(crate) async fn handle(
    talker: Talker,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let agent: AgentId = crate::routes::id(&id)?;
    talker.may_use(agent)?;
    let chat: Chat = deskhand_service::parse(given.clone())?;
    let (workspace, visitor) = match talker {
        Talker::Client(chatter) => {
            chatter.may_ask_for(chat.mode, chat.trace)?;
            (chatter.workspace, None)
        }
        Talker::Visitor(visitor) => (visitor.workspace_id, Some(*visitor)),
    };
    let (streamed, by_visitor) = (chat.stream, visitor.is_some());
    // What visitors make up as keys must not meet what other visitors have made up.
    let (route, once) = match &visitor {
        None => (format!("POST /v1/agents/{agent}/chat"), once),
        Some(visitor) => (
            format!("POST /v1/agents/{agent}/chat as {}", visitor.contact_id()),
            once.by_visitor(),
        ),
    };
    // The events go out while the work that makes the answer, which a key may stand for, goes on.
    let (begun, mut beginning) = oneshot::channel();
    let own = service.clone();
    let work = async move |claim: Option<ClaimId>| {
        // In a place of its own: who waits for the end of a turn is past its beginning.
        let turn = match visitor {
            None => Box::pin(own.begin_chat(workspace, agent, chat, claim)).await?,
            Some(visitor) => Box::pin(own.begin_visitors_chat(visitor, chat, claim)).await?,
        };
        let answer = if streamed {
            let (reader, answer) = turn.split();
            // Nobody may be there to read any more; the turn goes on all the same.
            let _ = begun.send(reader);
            answer.await?
        } else {
            turn.answer().await?
        };
        let answer = match by_visitor {
            true => view::of_answer(answer),
            false => answer,
        };
        Ok(Json(answer).into_response())
    };
    let answer = once
        .of_what_goes_on()
        .run(&service, workspace, route, given.into(), work);
    if !streamed {
        return answer.await;
    }
    tokio::select! {
        biased;
        Ok(reader) = &mut beginning => Ok(events(reader, by_visitor)),
        answer = answer => match beginning.try_recv() {
            // It was over before anybody looked.
            Ok(reader) => Ok(events(reader, by_visitor)),
            // It never began, or it was over long ago.
            Err(_) => sse::replay(answer?).await,
        },
    }
}

fn events(reader: Reader, by_visitor: bool) -> Response {
    // `None` as the state means that the turn's last event has been passed on.
    let events = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let event = reader.next().await?;
        let more = (!event.is_last()).then_some(reader);
        Some((event, more))
    });
    match by_visitor {
        false => sse::answer(events),
        true => sse::answer(events.filter_map(async |event| view::of_event(event))),
    }
}
