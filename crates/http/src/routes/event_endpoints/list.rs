//! `GET /v1/event_endpoints`: list endpoints, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::event::EventEndpoint;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<EventEndpoint>>> {
    let page = query.only(&[])?.page()?;
    let listed = service.endpoints(workspace, page).await?;
    Ok(Json(Listing::new(
        listed,
        |row| row.id.to_string(),
        |row| row,
    )))
}
