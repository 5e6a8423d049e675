//! `GET /v1/invocations/{id}`: one invocation with its attempts and the provenance of its parameters.

use axum::Json;
use axum::extract::State;
use deskhand_service::Service;

use super::WithAttempts;
use crate::auth::Reader;
use crate::path::Path;
use crate::problem::{Problem, Result};

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<WithAttempts>> {
    let view = service
        .invocation(reader.workspace, crate::routes::id(&id)?)
        .await?;
    match reader.bound_to {
        Some(_) if view.invocation.agent_id != reader.bound_to => Err(Problem::not_found()),
        _ => Ok(Json(view.into())),
    }
}
