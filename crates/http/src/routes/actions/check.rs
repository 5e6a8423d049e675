//! `POST /v1/actions/check`: review a definition without saving it, complete or not.

use axum::Json;
use axum::extract::State;
use deskhand_domain::findings::Finding;
use deskhand_service::Service;
use serde::Serialize;

use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

#[derive(Serialize)]
pub(crate) struct Checked {
    findings: Vec<Finding>,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<Json<Checked>> {
    let findings = service.check_action(workspace, given).await?;
    Ok(Json(Checked { findings }))
}
