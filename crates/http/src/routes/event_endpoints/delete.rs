//! `DELETE /v1/event_endpoints/{id}`: remove an endpoint with its deliveries.

use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = crate::routes::id(&id)?;
    service.delete_endpoint(workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
