//! `GET /v1/actions`: list actions, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Action>>> {
    let page = query.only(&[])?.page()?;
    let listed = match reader.bound_to {
        Some(bound) => service.actions_of(reader.workspace, bound, &page).await?,
        None => service.actions(reader.workspace, page).await?,
    };
    Ok(Json(Listing::new(
        listed,
        |action| action.id.to_string(),
        |action| action,
    )))
}
