//! `POST /v1/models/test`: ask a model for a word, to see whether it answers and how fast.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ModelTest, ModelTested, Service};

use crate::auth::Admin;
use crate::json::Fields;
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(_): Admin,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<Json<ModelTested>> {
    let test: ModelTest = deskhand_service::parse(given)?;
    Ok(Json(service.test_model(test).await))
}
