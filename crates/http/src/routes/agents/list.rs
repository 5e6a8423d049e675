//! `GET /v1/agents`: list agents, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::agent::Agent;
use deskhand_service::Service;

use crate::auth::Reader;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Agent>>> {
    let page = query.only(&[])?.page()?;
    let listed = match reader.bound_to {
        Some(bound) => service.only_agent(reader.workspace, bound, &page).await?,
        None => service.agents(reader.workspace, page).await?,
    };
    Ok(Json(Listing::new(
        listed,
        |agent| agent.id.to_string(),
        |agent| agent,
    )))
}
