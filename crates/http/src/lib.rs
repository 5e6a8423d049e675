//! The HTTP API: routes, authentication, problem+json. The only crate that knows status codes. It
//! knows no SQL, no model and no webhook; it hands requests to the service and its answers back.

mod auth;
mod json;
mod list;
mod once;
mod path;
mod problem;
mod routes;
mod sse;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue};
use deskhand_service::Service;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// Largest request body: the largest schema, contact and message together fit several times.
const BODY_BYTES: usize = 256 * 1024;

/// The whole API over one service.
pub fn router(service: Service) -> Router {
    routes::all()
        .fallback(routes::nothing_here)
        .method_not_allowed_fallback(routes::wrong_method)
        .with_state(service)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("cache-control"),
            HeaderValue::from_static("no-store"),
        ))
}
