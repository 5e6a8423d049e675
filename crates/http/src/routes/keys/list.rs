//! `GET /v1/keys`: list keys, newest first, never with their text.

use axum::Json;
use axum::extract::State;
use deskhand_domain::workspace::ApiKey;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<ApiKey>>> {
    let listed = service.keys(workspace, query.only(&[])?.page()?).await?;
    Ok(Json(Listing::new(
        listed,
        |key| key.id.to_string(),
        |key| key,
    )))
}
