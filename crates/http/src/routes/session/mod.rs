//! `/v1/session`: who is signed in here.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod link;
pub(crate) mod show;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deskhand_service::{CurrentSession, LinkRequest, Service, SignInRequest, SignedIn};

use crate::auth::cookie;
use crate::openapi::{Api, operation};
use crate::problem::{Problem, Result};
use crate::proxies::Origin;

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/session",
        create::handle,
        operation("sign_in", "Sign in")
            .says(
                "Ten wrong passwords for one email address, or thirty from one client address, in 15 \
                 minutes, and further ones are refused unseen.",
            )
            .public()
            .takes::<SignInRequest>()
            .answers::<CurrentSession>(201, "Somebody is signed in.")
            .sets_cookie()
            .fails_with(&["wrong_credentials", "too_many_attempts", "too_many_requests"]),
    )
    .post(
        "/v1/session/link",
        link::handle,
        operation("sign_in_by_link", "Sign in with a link")
            .says("With the token of a sign-in link, which works once.")
            .public()
            .takes::<LinkRequest>()
            .answers::<CurrentSession>(201, "Somebody is signed in.")
            .sets_cookie()
            .fails_with(&["link_invalid"]),
    )
    .get(
        "/v1/session",
        show::handle,
        operation("get_session", "Who is signed in")
            .says("The answer also renews the cookie.")
            .answers::<CurrentSession>(200, "Who, and where.")
            .sets_cookie(),
    )
    .delete(
        "/v1/session",
        delete::handle,
        operation("sign_out", "Sign out").answers_nothing("The session has ended."),
    )
}

/// The answer to whoever has just signed in.
pub(crate) fn begun(service: &Service, origin: Origin, signed_in: SignedIn) -> Result<Response> {
    let cookie = cookie::set(service, origin, &signed_in.token);
    let answer = (StatusCode::CREATED, Json(signed_in.session)).into_response();
    with_cookie(answer, cookie)
}

fn with_cookie(mut answer: Response, cookie: Option<HeaderValue>) -> Result<Response> {
    let cookie = cookie.ok_or_else(|| Problem::internal("a session's token is no cookie"))?;
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(answer)
}
