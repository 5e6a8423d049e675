//! `POST /v1/callbacks/{token}`: take a report. The token is the only credential.

use axum::Json;
use axum::extract::State;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_domain::limits;
use deskhand_service::Service;
use serde::Serialize;
use serde_json::Value;

use crate::json::LongFields;
use crate::once::to_the_end;
use crate::path::Path;
use crate::problem::Result;

/// A report on a long-running operation: `success` with `result` or `error`, or `progress`.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "CallbackReport", deny_unknown_fields)]
#[expect(dead_code, reason = "it is read field by field; this describes it")]
pub(crate) struct Report {
    /// Whether it was done.
    #[schemars(default)]
    success: Option<bool>,
    /// What came of it, if it was done.
    #[schemars(default)]
    result: Option<Value>,
    /// Why it was not done, in words for the customer. Cut after 500 characters.
    #[schemars(default)]
    error: Option<String>,
    /// How far it is, if it is not done. 1 to 1,000 characters.
    #[schemars(default)]
    #[schemars(length(max = limits::PROGRESS_CHARS))]
    progress: Option<String>,
}

/// Where the invocation stands after a report.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "CallbackTaken")]
pub(crate) struct Taken {
    /// `completed` or `declined`; after `progress` where it stood before.
    status: InvocationStatus,
}

pub(crate) async fn handle(
    State(service): State<Service>,
    Path(token): Path<String>,
    LongFields(given): LongFields,
) -> Result<Json<Taken>> {
    let own = service.clone();
    // A sender who does not wait is no reason not to tell those who listen.
    let report = async move { Ok(own.take_report(&token, given).await?) };
    let status = to_the_end(&service, report).await?;
    Ok(Json(Taken { status }))
}
