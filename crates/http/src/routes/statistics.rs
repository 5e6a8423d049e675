//! `GET /v1/statistics`: what was done over a period, in numbers.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::{FieldError, is_action_name};
use deskhand_domain::id::AgentId;
use deskhand_domain::schema::Moment;
use deskhand_domain::statistics::Statistics;
use deskhand_service::{Service, StatisticsRequest};
use serde_json::json;

use crate::auth::{Reader, narrow};
use crate::openapi::{Api, action_name, operation};
use crate::params::Params;
use crate::problem::{Problem, Result};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/statistics",
        handle,
        operation("get_statistics", "What was done over a period")
            .says(
                "The last 24 hours, unless said otherwise; at most 400 days. Test runs and \
                 conversations in a `mode` other than live are left out. Percentiles are of the \
                 newest 100,000 calls of the period, those of `series` of the newest 100,000 / \
                 `buckets` of each part.",
            )
            .filter::<Moment>(
                "from",
                "The start of the period; a day before its end if left out.",
            )
            .filter::<Moment>(
                "to",
                "The end of the period, which is not in it; now if left out.",
            )
            .filter_as(
                "buckets",
                "Into how many parts `series` cuts the period.",
                |_| json!({"type": "integer", "minimum": 1, "maximum": 200, "default": 24}),
            )
            .filter::<AgentId>("agent_id", "Only of this agent.")
            .filter_as(
                "action",
                "Only calls of the action that has this name.",
                action_name,
            )
            .answers::<Statistics>(200, "The numbers.")
            .fails_with(&["not_found"]),
    )
}

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    params: Params,
) -> Result<Json<Statistics>> {
    let params = params.only(&["from", "to", "buckets", "agent_id", "action"])?;
    let wanted = params.value("agent_id", "must be an agent id, agt_…")?;
    // Of another agent the key's holder knows nothing.
    let agent_id = narrow(reader.bound_to, wanted).ok_or_else(Problem::not_found)?;
    let asked = StatisticsRequest {
        from: params.moment("from")?,
        to: params.moment("to")?,
        parts: params.value("buckets", "must be from 1 to 200")?,
        agent_id,
        action: match params.text("action") {
            Some(name) if !is_action_name(name) => {
                let mend = "must be the name of an action, such as check_order_status";
                return Err(Problem::invalid(vec![FieldError::new("action", mend)]));
            }
            name => name.map(str::to_owned),
        },
    };
    Ok(Json(service.statistics(reader.workspace, asked).await?))
}
