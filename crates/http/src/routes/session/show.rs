//! `GET /v1/session`: who is signed in. The cookie is renewed, for the session lasts longer by this.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_service::{CurrentSession, Service};

use crate::auth::{Person, cookie};
use crate::problem::Result;
use crate::proxies::Origin;

pub(crate) async fn handle(
    person: Person,
    State(service): State<Service>,
    origin: Origin,
) -> Result<Response> {
    let cookie = person
        .browser
        .session
        .and_then(|token| cookie::set(&service, origin, &token));
    let answer = Json(CurrentSession::from(person.open)).into_response();
    super::with_cookie(answer, cookie)
}
