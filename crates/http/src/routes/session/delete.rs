//! `DELETE /v1/session`: sign out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_service::Service;

use crate::auth::{Person, cookie};
use crate::problem::Result;
use crate::proxies::Origin;

pub(crate) async fn handle(
    person: Person,
    State(service): State<Service>,
    origin: Origin,
) -> Result<Response> {
    service
        .end_session(&person.open, person.open.session.id)
        .await?;
    let answer = StatusCode::NO_CONTENT.into_response();
    super::with_cookie(answer, cookie::clear(&service, origin))
}
