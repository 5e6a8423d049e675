//! `GET /v1/models`: the default model, and the providers of others.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ModelsKnown, Service};

use crate::auth::Reader;

pub(crate) async fn handle(_: Reader, State(service): State<Service>) -> Json<ModelsKnown> {
    Json(service.models_known())
}
