//! `GET /v1/conversations/{id}`: the transcript with its turns and invocations.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ConversationView, Service};

use crate::auth_visitor::Follower;
use crate::path::Path;
use crate::problem::{Problem, Result};

pub(crate) async fn handle(
    follower: Follower,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<ConversationView>> {
    let id = crate::routes::id(&id)?;
    let listener = match follower {
        Follower::Client(listener) => listener,
        Follower::Visitor(visitor) => {
            return Ok(Json(service.conversation_of(&visitor, id).await?));
        }
    };
    let mut view = service.conversation(listener.workspace, id).await?;
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
