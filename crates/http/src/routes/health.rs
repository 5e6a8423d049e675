//! `GET /healthz` and `GET /readyz`. Neither needs a key.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::Service;
use serde_json::{Value, json};

use crate::problem::{Problem, Result};

/// The process runs.
pub(crate) async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The process can serve requests: its database answers.
pub(crate) async fn ready(State(service): State<Service>) -> Result<Json<Value>> {
    match service.ready().await {
        Ok(()) => Ok(Json(json!({"status": "ok"}))),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_ready",
                "The database does not answer.",
            ))
        }
    }
}
