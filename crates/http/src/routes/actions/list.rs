//! `GET /v1/actions`: list actions, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ActionView, Service};

use crate::auth::Reader;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<ActionView>>> {
    let page = query.only(&[])?.page()?;
    let listed = match reader.bound_to {
        Some(bound) => service.actions_of(reader.workspace, bound, &page).await?,
        None => service.actions(reader.workspace, page).await?,
    };
    Ok(Json(Listing::new(
        listed,
        |view| view.action.id.to_string(),
        |view| view,
    )))
}
