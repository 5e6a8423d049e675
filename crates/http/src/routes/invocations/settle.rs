//! `POST /v1/invocations/{id}/settle`: an operator says what became of one that is `unknown`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::InvocationId;
use deskhand_service::{Service, Settle};

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;

const REQUIRED: &[&str] = &["status", "note"];

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: InvocationId = crate::routes::id(&id)?;
    let own = service.clone();
    let fields = given.clone();
    let work = async move |_| {
        // What is not there is not found, whatever is said of it.
        own.invocation(workspace, id).await?;
        let settle: Settle = deskhand_service::parse_whole(fields, REQUIRED)?;
        Ok(Json(own.settle_unknown(workspace, id, settle).await?).into_response())
    };
    let route = format!("POST /v1/invocations/{id}/settle");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
