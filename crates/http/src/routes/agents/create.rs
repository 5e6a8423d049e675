//! `POST /v1/agents`: make an agent.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deskhand_domain::agent::Agent;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<(StatusCode, Json<Agent>)> {
    let agent = service.create_agent(workspace, given).await?;
    Ok((StatusCode::CREATED, Json(agent)))
}
