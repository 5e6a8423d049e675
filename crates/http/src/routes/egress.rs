//! `GET /v1/egress`: where calls come from and how they are signed, for the owner's allowlist.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Egress, Service};

use crate::auth::Reader;

pub(crate) async fn handle(_: Reader, State(service): State<Service>) -> Json<Egress> {
    Json(service.egress())
}
