//! `GET /v1/deliveries/{id}`: one delivery with its attempts.

use axum::Json;
use axum::extract::State;
use deskhand_service::Service;

use super::WithAttempts;
use crate::auth::Admin;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<WithAttempts>> {
    let id = crate::routes::id(&id)?;
    Ok(Json(service.delivery(workspace, id).await?.into()))
}
