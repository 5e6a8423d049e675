//! `GET /v1/event_endpoints/{id}`: one endpoint.

use axum::Json;
use axum::extract::State;
use deskhand_domain::event::EventEndpoint;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<EventEndpoint>> {
    let id = crate::routes::id(&id)?;
    Ok(Json(service.endpoint(workspace, id).await?))
}
