//! `POST /v1/session`: sign in with email address and password.

use axum::extract::State;
use axum::response::Response;
use deskhand_service::{Service, ServiceError};

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
    let request = deskhand_service::parse_whole(given, &["email", "password"])?;
    let signed_in = service
        .sign_in(request, browser)
        .await
        .inspect_err(|error| {
            if let ServiceError::WrongCredentials | ServiceError::TooManyAttempts { .. } = error {
                // The client's address stands in the span.
                tracing::warn!(%error, "a sign-in was refused");
            }
        })?;
    super::begun(&service, origin, signed_in)
}
