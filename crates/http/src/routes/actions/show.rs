//! `GET /v1/actions/{id}`: the current version of one action.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Reader(workspace): Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Action>> {
    Ok(Json(
        service.action(workspace, crate::routes::id(&id)?).await?,
    ))
}
