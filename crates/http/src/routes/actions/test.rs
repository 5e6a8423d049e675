//! `POST /v1/actions/{id}/test`: run a real call with the parameters given, marked as a test, and
//! return the invocation with the exact request and response.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskhand_domain::id::ActionId;
use deskhand_service::{Service, TestRun};

use crate::auth::Admin;
use crate::json::Fields;
use crate::once::Once;
use crate::path::Path;
use crate::problem::Result;
use crate::routes::invocations::WithAttempts;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    once: Once,
    Fields(given): Fields,
) -> Result<Response> {
    let id: ActionId = crate::routes::id(&id)?;
    let run: TestRun = deskhand_service::parse(given.clone())?;
    let own = service.clone();
    let work = async move |_| {
        let view = own.test_action(workspace, id, run).await?;
        Ok(Json(WithAttempts::from(view)).into_response())
    };
    let route = format!("POST /v1/actions/{id}/test");
    once.run(&service, workspace, route, given.into(), work)
        .await
}
