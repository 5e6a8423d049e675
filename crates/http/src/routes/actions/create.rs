//! `POST /v1/actions`: make an action. The answer carries its signing secret, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_service::Service;
use serde::Serialize;

use super::SavedAction;
use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

#[derive(Serialize)]
pub(crate) struct Created {
    #[serde(flatten)]
    saved: SavedAction,
    signing_secret: String,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let (own, fields) = (service.clone(), given.clone());
    let work = async move |_| {
        let made = own.create_action(workspace, fields).await?;
        let created = Created {
            saved: made.saved.into(),
            signing_secret: made.signing_secret.expose().to_owned(),
        };
        Ok((StatusCode::CREATED, Json(created)).into_response())
    };
    once.run(&service, workspace, "POST /v1/actions", given.into(), work)
        .await
}
