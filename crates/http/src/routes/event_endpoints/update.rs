//! `PATCH /v1/event_endpoints/{id}`: change the fields given.

use axum::Json;
use axum::extract::State;
use deskhand_domain::event::EventEndpoint;
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
) -> Result<Json<EventEndpoint>> {
    let id = crate::routes::id(&id)?;
    Ok(Json(service.update_endpoint(workspace, id, given).await?))
}
