//! `POST /v1/agents/{id}/chat`: handle one customer message, up to the reply.

use axum::Json;
use axum::extract::{Path, State};
use deskhand_service::{Chat, ChatAnswer, Service};

use crate::auth::Chatter;
use crate::json::Shape;
use crate::problem::Result;

pub(crate) async fn handle(
    chatter: Chatter,
    State(service): State<Service>,
    Path(id): Path<String>,
    Shape(chat): Shape<Chat>,
) -> Result<Json<ChatAnswer>> {
    let agent = crate::routes::id(&id)?;
    chatter.may_use(agent)?;
    Ok(Json(service.chat(chatter.workspace, agent, chat).await?))
}
