//! `PATCH /v1/actions/{id}`: make a new version with the fields given changed.

use axum::Json;
use axum::extract::State;
use deskhand_service::Service;

use super::SavedAction;
use crate::auth::Admin;
use crate::json::Fields;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    Fields(given): Fields,
) -> Result<Json<SavedAction>> {
    let id = crate::routes::id(&id)?;
    Ok(Json(
        service.update_action(workspace, id, given).await?.into(),
    ))
}
