//! `GET /v1/notices`: what the owner should look at.

use axum::Json;
use axum::extract::State;
use deskhand_domain::notice::Notice;
use deskhand_service::Service;
use serde::Serialize;

use crate::auth::Reader;
use crate::openapi::{Api, operation};
use crate::problem::Result;

/// All of it; it is never much.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Notices")]
pub(crate) struct Notices {
    /// What there is to look at now.
    data: Vec<Notice>,
}

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/notices",
        handle,
        operation("list_notices", "What to look at")
            .says(
                "Actions whose calls are stopped, customers who wait for a person, calls of which \
                 nobody knows whether they went through. A notice is gone when there is nothing to be \
                 seen to any more. A key that is bound to an agent sees what is about the agent's \
                 actions.",
            )
            .answers::<Notices>(200, "What there is now."),
    )
}

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
) -> Result<Json<Notices>> {
    let data = service.notices(reader.workspace, reader.bound_to).await?;
    Ok(Json(Notices { data }))
}
