//! `GET /v1/agents/{id}`: one agent.

use axum::Json;
use axum::extract::State;
use deskhand_domain::agent::Agent;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Reader(workspace): Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Agent>> {
    Ok(Json(
        service.agent(workspace, crate::routes::id(&id)?).await?,
    ))
}
