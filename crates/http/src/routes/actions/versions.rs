//! `GET /v1/actions/{id}/versions`: every version of an action, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::list::{ListQuery, Listing};
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
    query: ListQuery,
) -> Result<Json<Listing<Action>>> {
    let id = crate::routes::id(&id)?;
    reader.may_see_action(&service, id).await?;
    let page = query.only(&[])?.page()?;
    let listed = service.action_versions(reader.workspace, id, page).await?;
    Ok(Json(Listing::new(
        listed,
        |action| action.version.to_string(),
        |action| action,
    )))
}
