//! `GET /v1/actions`: list actions, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    Reader(workspace): Reader,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Action>>> {
    let listed = service.actions(workspace, query.only(&[])?.page()?).await?;
    Ok(Json(Listing::new(
        listed,
        |action| action.id.to_string(),
        |action| action,
    )))
}
