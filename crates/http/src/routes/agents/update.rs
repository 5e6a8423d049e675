//! `PATCH /v1/agents/{id}`: change the fields given.

use axum::Json;
use axum::extract::State;
use deskhand_domain::agent::Agent;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::json::Fields;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    Fields(given): Fields,
) -> Result<Json<Agent>> {
    let id = crate::routes::id(&id)?;
    Ok(Json(service.update_agent(workspace, id, given).await?))
}
