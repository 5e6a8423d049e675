//! `GET /v1/conversations`: list conversations, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::conversation::Conversation;
use deskhand_service::{ConversationFilter, Service};

use crate::auth::Listener;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    listener: Listener,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Conversation>>> {
    let query = query.only(&["agent_id", "contact_id"])?;
    let mut filter = ConversationFilter {
        agent_id: query.value("agent_id", "must be an agent id, agt_…")?,
        contact_id: query.value("contact_id", "must be a contact id")?,
    };
    if let Some(bound) = listener.bound_to {
        filter.agent_id = Some(bound);
    }
    let listed = service
        .conversations(listener.workspace, &filter, query.page()?)
        .await?;
    Ok(Json(Listing::new(
        listed,
        |row| row.id.to_string(),
        |row| row,
    )))
}
