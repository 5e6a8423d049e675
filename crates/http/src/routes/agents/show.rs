//! `GET /v1/agents/{id}`: one agent.

use axum::Json;
use axum::extract::State;
use deskhand_domain::agent::Agent;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Agent>> {
    let id = crate::routes::id(&id)?;
    reader.may_see(id)?;
    Ok(Json(service.agent(reader.workspace, id).await?))
}
