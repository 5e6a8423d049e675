//! `POST /v1/keys`: make an API key. The answer carries its text, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_domain::workspace::ApiKey;
use deskhand_service::{KeyRequest, Service};
use serde::Serialize;

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

#[derive(Serialize)]
pub(crate) struct Created {
    #[serde(flatten)]
    record: ApiKey,
    key: String,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let request: KeyRequest = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let made = own.create_key(workspace, request).await?;
        let created = Created {
            record: made.key,
            key: made.text.expose().to_owned(),
        };
        Ok((StatusCode::CREATED, Json(created)).into_response())
    };
    once.run(&service, workspace, "POST /v1/keys", given.into(), work)
        .await
}
