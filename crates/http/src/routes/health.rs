//! `GET /healthz` and `GET /readyz`. Neither needs a key.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::{Service, StoreError};
use serde::Serialize;

use crate::openapi::{Api, operation};
use crate::problem::{Problem, Result};

/// All is well.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/healthz",
        alive,
        operation("is_alive", "Whether the process runs")
            .public()
            .answers::<Health>(200, "It does."),
    )
    .get(
        "/readyz",
        ready,
        operation("is_ready", "Whether requests can be served")
            .public()
            .answers::<Health>(
                200,
                "They can: the database answers, and takes what is written.",
            )
            .fails_with(&["not_ready"]),
    )
}

/// The process runs.
pub(crate) async fn alive() -> Json<Health> {
    Json(OK)
}

/// The process can serve requests: its database answers.
pub(crate) async fn ready(State(service): State<Service>) -> Result<Json<Health>> {
    match service.ready().await {
        Ok(()) => Ok(Json(OK)),
        Err(error) => {
            tracing::error!(%error, "not ready");
            let detail = match error {
                StoreError::Database(error) if error.is_known() && !error.will_pass() => {
                    "The database cannot be used: its disk is full or must not be written to, or its \
                     file is damaged. The server's log says which."
                }
                _ => "The database does not answer.",
            };
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_ready",
                detail,
            ))
        }
    }
}
