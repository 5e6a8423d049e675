//! `POST /v1/event_endpoints`: make an endpoint. The answer carries its signing secret, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_domain::event::EventEndpoint;
use deskhand_service::Service;
use serde::Serialize;

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

/// A new event endpoint with its signing secret.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CreatedEventEndpoint")]
pub(crate) struct Created {
    #[serde(flatten)]
    endpoint: EventEndpoint,
    /// Signs the events (Standard Webhooks). Shown this once.
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
        let made = own.create_endpoint(workspace, fields).await?;
        let created = Created {
            endpoint: made.endpoint,
            signing_secret: made.signing_secret.expose().to_owned(),
        };
        Ok((StatusCode::CREATED, Json(created)).into_response())
    };
    let route = "POST /v1/event_endpoints";
    once.run(&service, workspace, route, given.into(), work)
        .await
}
