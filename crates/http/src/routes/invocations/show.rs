//! `GET /v1/invocations/{id}`: one invocation with its attempts and the provenance of its parameters.

use axum::Json;
use axum::extract::State;
use deskhand_service::Service;

use super::WithAttempts;
use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Reader(workspace): Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<WithAttempts>> {
    Ok(Json(
        service
            .invocation(workspace, crate::routes::id(&id)?)
            .await?
            .into(),
    ))
}
