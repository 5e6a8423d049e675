//! `GET /v1/workspace`: the workspace of whoever asks.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Service, WorkspaceView};

use crate::auth::Reader;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
) -> Result<Json<WorkspaceView>> {
    Ok(Json(service.workspace(reader.workspace).await?))
}
