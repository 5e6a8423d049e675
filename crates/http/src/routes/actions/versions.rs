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
    Reader(workspace): Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
    query: ListQuery,
) -> Result<Json<Listing<Action>>> {
    let page = query.only(&[])?.page()?;
    let listed = service
        .action_versions(workspace, crate::routes::id(&id)?, page)
        .await?;
    Ok(Json(Listing::new(
        listed,
        |action| action.version.to_string(),
        |action| action,
    )))
}
