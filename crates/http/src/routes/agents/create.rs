//! `POST /v1/agents`: make an agent.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_service::Service;

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let (own, fields) = (service.clone(), given.clone());
    let work = async move |_| {
        let agent = own.create_agent(workspace, fields).await?;
        Ok((StatusCode::CREATED, Json(agent)).into_response())
    };
    once.run(&service, workspace, "POST /v1/agents", given.into(), work)
        .await
}
