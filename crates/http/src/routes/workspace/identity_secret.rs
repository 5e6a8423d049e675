//! `POST /v1/workspace/identity_secret`: make a new identity secret, returned this once.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_service::Service;
use serde::{Deserialize, Serialize};

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

/// How to change over to a new identity secret.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RotateIdentity")]
pub(crate) struct Rotate {
    /// For how long the secret before goes on proving; at most 30 days.
    #[serde(default)]
    #[schemars(range(max = 2_592_000))]
    overlap_seconds: u32,
}

/// A new identity secret.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct IdentitySecret {
    /// `dhi_…`, shown this once.
    identity_secret: String,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let rotate: Rotate = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let secret = own
            .rotate_identity_secret(workspace, rotate.overlap_seconds)
            .await?;
        Ok(Json(IdentitySecret {
            identity_secret: secret.expose().to_owned(),
        })
        .into_response())
    };
    let route = "POST /v1/workspace/identity_secret";
    once.run(&service, workspace, route, given.into(), work)
        .await
}
