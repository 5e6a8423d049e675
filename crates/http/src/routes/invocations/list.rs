//! `GET /v1/invocations`: list invocations, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::invocation::Invocation;
use deskhand_service::{InvocationFilter, Listed, Service};

use crate::auth::{Reader, narrow};
use crate::list::{ActionNamed, ListQuery, Listing};
use crate::params::YES_OR_NO;
use crate::problem::Result;

const FILTERS: &[&str] = &[
    "agent_id",
    "conversation_id",
    "action",
    "status",
    "failure_code",
    "from",
    "to",
    "test",
    "q",
    "slower_than_ms",
    "host",
];

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Invocation>>> {
    let query = query.only(FILTERS)?;
    let wanted = query.value("agent_id", "must be an agent id, agt_…")?;
    let page = query.page()?;
    let agent = narrow(reader.bound_to, wanted);
    let (action, action_id) = match query.action("action")? {
        Some(ActionNamed::Name(name)) => (Some(name), None),
        Some(ActionNamed::Id(id)) => (None, Some(id)),
        None => (None, None),
    };
    let filter = InvocationFilter {
        agent_id: agent.flatten(),
        conversation_id: query.value("conversation_id", "must be a conversation id, conv_…")?,
        action,
        action_id,
        status: query.value(
            "status",
            "must be a status such as succeeded, failed or unknown",
        )?,
        failure_code: query.value("failure_code", "must be a failure code such as timeout")?,
        from: query.moment("from")?,
        to: query.moment("to")?,
        test: query.value("test", YES_OR_NO)?,
        text: query.text("q"),
        slower_than_ms: query.value("slower_than_ms", "must be a number of milliseconds")?,
        host: query.text("host"),
    };
    let listed = match agent {
        Some(_) => service.invocations(reader.workspace, &filter, page).await?,
        None => Listed::none(),
    };
    Ok(Json(Listing::new(
        listed,
        |row| row.id.to_string(),
        |row| row,
    )))
}
