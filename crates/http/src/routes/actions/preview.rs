//! `POST /v1/actions/preview`: the request that an action would be called with. Nothing is sent.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Preview, PreviewRequest, Service};

use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<Json<Preview>> {
    let asked: PreviewRequest = deskhand_service::parse(given)?;
    Ok(Json(service.preview_action(workspace, asked).await?))
}
