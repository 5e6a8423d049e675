//! `PATCH /v1/workspace`: change the workspace of whoever asks.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Service, WorkspaceView};

use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<Json<WorkspaceView>> {
    let request = deskhand_service::parse(given)?;
    Ok(Json(service.update_workspace(workspace, request).await?))
}
