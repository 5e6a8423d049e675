//! `POST /v1/invitations`: ask somebody to join. The answer carries the link, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskhand_domain::account::Invitation;
use deskhand_service::{InvitationRequest, Service};
use serde::Serialize;

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::problem::Result;

/// A new invitation with its link.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CreatedInvitation")]
pub(crate) struct Created {
    #[serde(flatten)]
    invitation: Invitation,
    /// To be passed on; whoever has it can join. Shown this once.
    link: String,
}

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let request: InvitationRequest = deskhand_service::parse_whole(given.clone(), &["email"])?;
    let own = service.clone();
    let work = async move |_| {
        let made = own.invite(workspace, request).await?;
        let created = Created {
            invitation: made.invitation,
            link: made.link.expose().to_owned(),
        };
        Ok((StatusCode::CREATED, Json(created)).into_response())
    };
    once.run(
        &service,
        workspace,
        "POST /v1/invitations",
        given.into(),
        work,
    )
    .await
}
