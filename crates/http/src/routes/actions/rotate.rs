//! `POST /v1/actions/{id}/secret`: make a new signing secret, returned this once. The one before goes on
//! signing for `overlap_seconds` (24 hours if not given), so that the receiver can change over.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::ActionId;
use deskhand_domain::secret::Secret;
use deskhand_service::Service;
use serde::{Deserialize, Serialize};

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;

const A_DAY: u32 = 24 * 3600;

/// How to change over to a new signing secret.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    /// For how long the secret before goes on signing; at most 30 days.
    #[serde(default = "a_day")]
    #[schemars(range(max = 2_592_000))]
    pub(crate) overlap_seconds: u32,
}

/// A new signing secret.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct SigningSecret {
    /// `whsec_…`, shown this once.
    signing_secret: String,
}

impl From<Secret> for SigningSecret {
    fn from(secret: Secret) -> Self {
        Self {
            signing_secret: secret.expose().to_owned(),
        }
    }
}

fn a_day() -> u32 {
    A_DAY
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: ActionId = crate::routes::id(&id)?;
    let rotate: Rotate = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let secret = own
            .rotate_signing_secret(workspace, id, rotate.overlap_seconds)
            .await?;
        Ok(Json(SigningSecret::from(secret)).into_response())
    };
    let route = format!("POST /v1/actions/{id}/secret");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
