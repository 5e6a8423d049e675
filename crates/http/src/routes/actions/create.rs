//! `POST /v1/actions`: make an action. The answer carries its signing secret, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deskhand_service::Service;
use serde::Serialize;

use super::SavedAction;
use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

/// A new action with its signing secret.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CreatedAction")]
pub(crate) struct Created {
    #[serde(flatten)]
    saved: SavedAction,
    /// Signs the calls (Standard Webhooks). Shown this once.
    signing_secret: String,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<(StatusCode, Json<Created>)> {
    let made = service.create_action(workspace, given).await?;
    let created = Created {
        saved: made.saved.into(),
        signing_secret: made.signing_secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}
