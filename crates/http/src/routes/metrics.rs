//! `GET /metrics`: what an operator watches. It holds counts and times only, and needs no key, like the
//! other routes that machines of the operator's ask; keep it from the public at your proxy.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use deskhand_service::Service;

/// OpenMetrics text 1.0.
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) async fn show(State(service): State<Service>) -> impl IntoResponse {
    let head: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, TYPE)];
    (head, service.metrics())
}
