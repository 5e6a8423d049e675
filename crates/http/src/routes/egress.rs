//! `GET /v1/egress`: where calls come from and how they are signed, for the owner's allowlist.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Egress, Service};

use crate::auth::Reader;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/egress",
        handle,
        operation("get_egress", "Where calls come from")
            .says("For allowlists, and to verify that a call is Deskhand's.")
            .answers::<Egress>(200, "Addresses, user agent and signature scheme."),
    )
}

pub(crate) async fn handle(_: Reader, State(service): State<Service>) -> Json<Egress> {
    Json(service.egress())
}
