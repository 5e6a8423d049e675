//! `POST /v1/invitations/accept`: join, with the token of the link.

use axum::extract::State;
use axum::response::Response;
use deskhand_service::Service;

use crate::auth::Guest;
use crate::json::Fields;
use crate::problem::Result;
use crate::proxies::Origin;
use crate::routes::session;

pub(crate) async fn handle(
    Guest(browser): Guest,
    State(service): State<Service>,
    origin: Origin,
    Fields(given): Fields,
) -> Result<Response> {
    let request = deskhand_service::parse_whole(given, &["token", "name", "password"])?;
    let signed_in = service.accept_invitation(request, browser).await?;
    session::begun(&service, origin, signed_in)
}
