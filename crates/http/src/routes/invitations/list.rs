//! `GET /v1/invitations`: invitations that are not accepted, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::account::Invitation;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Invitation>>> {
    let page = query.only(&[])?.page()?;
    let listed = service.invitations(workspace, page).await?;
    Ok(Json(Listing::new(
        listed,
        |invitation| invitation.id.to_string(),
        |invitation| invitation,
    )))
}
