//! `POST /v1/actions/{id}/test`: run a real call with the parameters given, marked as a test, and
//! return the invocation with the exact request and response.

use axum::Json;
use axum::extract::State;
use deskhand_service::{Service, TestRun};

use crate::auth::Admin;
use crate::json::Shape;
use crate::path::Path;
use crate::problem::Result;
use crate::routes::invocations::WithAttempts;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    Shape(run): Shape<TestRun>,
) -> Result<Json<WithAttempts>> {
    let view = service
        .test_action(workspace, crate::routes::id(&id)?, run)
        .await?;
    Ok(Json(view.into()))
}
