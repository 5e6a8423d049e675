//! `POST /v1/setup`: make the first account, with the token of the set-up link.

use axum::extract::State;
use axum::response::Response;
use deskhand_service::Service;

use crate::auth::Guest;
use crate::json::Fields;
use crate::problem::Result;
use crate::proxies::Origin;
use crate::routes::session;

const REQUIRED: &[&str] = &["token", "workspace_name", "name", "email", "password"];

pub(crate) async fn handle(
    Guest(browser): Guest,
    State(service): State<Service>,
    origin: Origin,
    Fields(given): Fields,
) -> Result<Response> {
    let request = deskhand_service::parse_whole(given, REQUIRED)?;
    let signed_in = service.set_up(request, browser).await?;
    session::begun(&service, origin, signed_in)
}
