//! `POST /v1/deliveries/{id}/redeliver`: send the event of a delivery once more.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::DeliveryId;
use deskhand_service::Service;
use serde_json::Value;

use crate::auth::Admin;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
) -> Result<Response> {
    let id: DeliveryId = crate::routes::id(&id)?;
    let own = service.clone();
    let work = async move |_| {
        let delivery = own.redeliver(workspace, id).await?;
        Ok((StatusCode::ACCEPTED, Json(delivery)).into_response())
    };
    let route = format!("POST /v1/deliveries/{id}/redeliver");
    once.run(&service, workspace, route, Value::Null, work)
        .await
}
