//! `GET /v1/actions/{id}`: the current version of one action.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Action>> {
    let id = crate::routes::id(&id)?;
    reader.may_see_action(&service, id).await?;
    Ok(Json(service.action(reader.workspace, id).await?))
}
