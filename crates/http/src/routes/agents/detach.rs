//! `DELETE /v1/agents/{id}/actions/{action_id}`: take the action away from the agent.

use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path((agent, action)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (agent, action) = (crate::routes::id(&agent)?, super::super::id(&action)?);
    service.detach(workspace, agent, action).await?;
    Ok(StatusCode::NO_CONTENT)
}
