//! `GET /v1/setup`: whether there is no account yet.

use axum::Json;
use axum::extract::State;
use deskhand_service::Service;
use serde::Serialize;

use crate::problem::Result;

/// Whether the server has to be set up.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Setup {
    /// Whether there is no account yet.
    needed: bool,
}

pub(crate) async fn handle(State(service): State<Service>) -> Result<Json<Setup>> {
    let needed = service.setup_needed().await?;
    Ok(Json(Setup { needed }))
}
