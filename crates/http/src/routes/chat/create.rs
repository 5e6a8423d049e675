//! `POST /v1/agents/{id}/chat`: handle one customer message, up to the reply. With `"stream": true`
//! the answer is an event stream that ends with the reply.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::AgentId;
use deskhand_service::{Chat, ClaimId, Reader, Service};
use futures_util::stream;
use tokio::sync::oneshot;

use crate::auth::Chatter;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;
use crate::sse;

pub(crate) async fn handle(
    chatter: Chatter,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let agent: AgentId = crate::routes::id(&id)?;
    chatter.may_use(agent)?;
    let chat: Chat = deskhand_service::parse(given.clone())?;
    chatter.may_ask_for(chat.mode, chat.trace)?;
    let (workspace, streamed) = (chatter.workspace, chat.stream);
    // The events go out while the work that makes the answer, which a key may stand for, goes on.
    let (begun, mut beginning) = oneshot::channel();
    let own = service.clone();
    let work = async move |claim: Option<ClaimId>| {
        let turn = own.begin_chat(workspace, agent, chat, claim).await?;
        let answer = if streamed {
            let (reader, answer) = turn.split();
            // Nobody may be there to read any more; the turn goes on all the same.
            let _ = begun.send(reader);
            answer.await?
        } else {
            turn.answer().await?
        };
        Ok(Json(answer).into_response())
    };
    let route = format!("POST /v1/agents/{agent}/chat");
    let answer = once.run(&service, workspace, route, given.into(), work);
    if !streamed {
        return answer.await;
    }
    tokio::select! {
        biased;
        Ok(reader) = &mut beginning => Ok(events(reader)),
        answer = answer => match beginning.try_recv() {
            // It was over before anybody looked.
            Ok(reader) => Ok(events(reader)),
            // It never began, or it was over long ago.
            Err(_) => sse::replay(answer?).await,
        },
    }
}

fn events(reader: Reader) -> Response {
    // `None` as the state means that the turn's last event has been passed on.
    sse::answer(stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let event = reader.next().await?;
        let more = (!event.is_last()).then_some(reader);
        Some((event, more))
    }))
}
