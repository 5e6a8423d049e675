//! `POST /v1/actions/{id}/restore`: make a new version with the definition of an earlier one.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::ActionId;
use deskhand_service::{Restore, Service};

use super::SavedAction;
use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: ActionId = crate::routes::id(&id)?;
    // Whose it is comes before what is asked of it.
    service.action(workspace, id).await?;
    let restore: Restore = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let saved = own.restore_action(workspace, id, &restore).await?;
        Ok(Json(SavedAction::from(saved)).into_response())
    };
    let route = format!("POST /v1/actions/{id}/restore");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
