//! `GET /v1/conversations/{id}`: the transcript with its turns and invocations.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ConversationView, Service};

use crate::auth::Listener;
use crate::path::Path;
use crate::problem::{Problem, Result};

pub(crate) async fn handle(
    listener: Listener,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<ConversationView>> {
    let mut view = service
        .conversation(listener.workspace, crate::routes::id(&id)?)
        .await?;
    if !listener.sees_inside() {
        for turn in &mut view.turns {
            turn.trace = None;
        }
    }
    match listener.bound_to {
        Some(agent) if agent != view.conversation.agent_id => Err(Problem::not_found()),
        _ => Ok(Json(view)),
    }
}
