//! `GET /v1/actions/{id}`: the current version of one action.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ActionView, Service};

use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<ActionView>> {
    let id = crate::routes::id(&id)?;
    reader.may_see_action(&service, id).await?;
    Ok(Json(service.action_view(reader.workspace, id).await?))
}
