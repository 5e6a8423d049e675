//! `DELETE /v1/members/{id}`: remove somebody's account, unless it is the last.

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
    service
        .remove_member(workspace, crate::routes::id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
