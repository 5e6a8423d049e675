//! `DELETE /v1/keys/{id}`: take a key out of use, unless it is the last admin key.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    service
        .delete_key(workspace, crate::routes::id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
