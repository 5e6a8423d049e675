//! `GET /v1/event_endpoints/{id}/deliveries`: what was sent there, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::event::Delivery;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::list::{ListQuery, Listing};
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    query: ListQuery,
) -> Result<Json<Listing<Delivery>>> {
    let id = crate::routes::id(&id)?;
    let query = query.only(&["status"])?;
    let status = query.value("status", "must be pending, delivered or failed")?;
    let page = query.page()?;
    let listed = service.deliveries(workspace, id, status, page).await?;
    Ok(Json(Listing::new(
        listed,
        |row| row.id.to_string(),
        |row| row,
    )))
}
