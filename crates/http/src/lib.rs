//! The HTTP API: routes, authentication, problem+json. The only crate that knows status codes. It
//! knows no SQL, no model and no webhook; it hands requests to the service and its answers back.

mod auth;
mod auth_again;
mod auth_visitor;
mod client;
mod docs;
mod json;
mod list;
mod once;
mod openapi;
mod pages;
mod params;
mod path;
mod problem;
mod proxies;
mod routes;
mod sse;
mod unambiguous;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::from_fn_with_state;
use deskhand_service::Service;
use serde_json::{Map, Value};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

pub use pages::Pages;
pub use proxies::{InvalidProxy, TrustedProxies};

/// Largest request body: the largest schema, contact and message together fit several times.
const BODY_BYTES: usize = 256 * 1024;

/// The description of the API: an OpenAPI 3.1 document, as `GET /openapi.json` answers it.
pub fn openapi() -> Value {
    openapi_with(&openapi::examples())
}

/// The same with these examples: by operation, `request` and answers by status.
pub fn openapi_with(examples: &Map<String, Value>) -> Value {
    routes::all().into_document(examples)
}

/// The whole API over one service, behind these proxies, and the pages beside it. It wants to be
/// served with the addresses of its connections (`into_make_service_with_connect_info`).
pub fn router(service: Service, proxies: TrustedProxies, pages: Pages) -> Router {
    let transport_security = transport_security(service.public_url());
    routes::all()
        .into_router()
        .fallback(
            async move |State(service): State<Service>,
                        method: Method,
                        uri: Uri,
                        headers: HeaderMap| {
                pages::answer(&pages, &service, &method, &uri, &headers).await
            },
        )
        .method_not_allowed_fallback(routes::wrong_method)
        .with_state(service)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            transport_security,
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("cache-control"),
            HeaderValue::from_static("no-store"),
        ))
        .layer(from_fn_with_state(Arc::new(proxies), client::find))
}

/// A browser that has once been here over TLS comes no other way for a year. Nothing is said where the
/// server is reached without TLS.
fn transport_security(public_url: &str) -> Option<HeaderValue> {
    public_url
        .starts_with("https://")
        .then(|| HeaderValue::from_static("max-age=31536000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_asked_for_where_there_is_tls() {
        let year = Some(HeaderValue::from_static("max-age=31536000"));
        assert_eq!(transport_security("https://deskhand.example"), year);
        assert_eq!(transport_security("http://127.0.0.1:8080"), None);
    }
}
