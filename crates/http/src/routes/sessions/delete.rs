//! `DELETE /v1/sessions/{id}`: end a session of one's own.

use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::Service;

use crate::auth::Person;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    person: Person,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    service
        .end_session(&person.open, crate::routes::id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
