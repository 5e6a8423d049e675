//! `POST /v1/event_endpoints/{id}/secret`: make a new signing secret, as an action's.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::EndpointId;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;
use crate::routes::actions::rotate::{Rotate, SigningSecret};

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: EndpointId = crate::routes::id(&id)?;
    let rotate: Rotate = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let secret = own
            .rotate_endpoint_secret(workspace, id, rotate.overlap_seconds)
            .await?;
        Ok(Json(SigningSecret::from(secret)).into_response())
    };
    let route = format!("POST /v1/event_endpoints/{id}/secret");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
