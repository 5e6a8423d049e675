//! Where each request comes from: found out once, before anything else, and noted with whatever is
//! logged of the request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::problem::{Problem, Result};
use crate::proxies::{Origin, TrustedProxies};

/// Finds out where a request comes from, and lets it pass.
pub(crate) async fn find(
    State(proxies): State<Arc<TrustedProxies>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) => peer.ip(),
        // Served over something that has no addresses.
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let origin = proxies.origin(peer, request.headers());
    request.extensions_mut().insert(origin);
    // The route and not the path: some paths have a secret in them.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        route = route.as_ref().map_or("", MatchedPath::as_str),
        client = %origin.address,
    );
    let answering = async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    };
    answering.instrument(span).await
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        of(parts)
    }
}

/// Where this request comes from.
pub(crate) fn of(parts: &Parts) -> Result<Origin> {
    parts
        .extensions
        .get()
        .copied()
        .ok_or_else(|| Problem::internal("a request passed by the layer that finds its origin"))
}
