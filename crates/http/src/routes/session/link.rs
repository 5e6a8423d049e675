//! `POST /v1/session/link`: sign in with a link that works once.

use axum::extract::State;
use axum::response::Response;
use deskhand_service::Service;

use crate::auth::Guest;
use crate::json::Fields;
use crate::problem::Result;
use crate::proxies::Origin;

pub(crate) async fn handle(
    Guest(browser): Guest,
    State(service): State<Service>,
    origin: Origin,
    Fields(given): Fields,
) -> Result<Response> {
    let request = deskhand_service::parse_whole(given, &["token"])?;
    let signed_in = service.sign_in_by_link(request, browser).await?;
    super::begun(&service, origin, signed_in)
}
