//! `POST /v1/conversations/{id}/messages`: a person answers in the agent's place, or hands back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::ConversationId;
use deskhand_service::{PersonAnswered, PersonsMessage, Service};

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: ConversationId = crate::routes::id(&id)?;
    // Whose it is comes before what is said in it.
    service.has_conversation(workspace, id).await?;
    let message: PersonsMessage = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let answered = own.answer_as_person(workspace, id, message).await?;
        Ok(match answered {
            PersonAnswered::Said(message) => (StatusCode::CREATED, Json(message)).into_response(),
            PersonAnswered::HandedBack(conversation) => Json(conversation).into_response(),
        })
    };
    let route = format!("POST /v1/conversations/{id}/messages");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
