//! `GET /v1/conversations`: list conversations, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::conversation::ConversationRow;
use deskhand_service::{ConversationFilter, Listed, Service, Visitor, view};

use crate::auth::narrow;
use crate::auth_visitor::Follower;
use crate::list::{ListQuery, Listing};
use crate::params::YES_OR_NO;
use crate::problem::Result;

const FILTERS: &[&str] = &[
    "agent_id",
    "contact_id",
    "from",
    "to",
    "mode",
    "status",
    "handoff",
    "q",
];

pub(crate) async fn handle(
    follower: Follower,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<ConversationRow>>> {
    let listener = match follower {
        Follower::Client(listener) => listener,
        Follower::Visitor(visitor) => return of_visitor(&visitor, &service, query).await,
    };
    let query = query.only(FILTERS)?;
    let wanted = query.value("agent_id", "must be an agent id, agt_…")?;
    let page = query.page()?;
    let agent = narrow(listener.bound_to, wanted);
    let filter = ConversationFilter {
        agent_id: agent.flatten(),
        contact_id: query.value("contact_id", "must be a contact id")?,
        from: query.moment("from")?,
        to: query.moment("to")?,
        mode: query.value("mode", "must be live, test or mock")?,
        status: query.value("status", "must be a status such as completed or failed")?,
        handoff: query.value("handoff", YES_OR_NO)?,
        text: query.text("q"),
        whose: None,
    };
    let listed = match agent {
        Some(_) => {
            service
                .conversations(listener.workspace, &filter, page)
                .await?
        }
        None => Listed::none(),
    };
    Ok(Json(Listing::new(
        listed,
        |row| row.conversation.id.to_string(),
        |row| row,
    )))
}

/// A visitor's own, which no filter widens.
async fn of_visitor(
    visitor: &Visitor,
    service: &Service,
    query: ListQuery,
) -> Result<Json<Listing<ConversationRow>>> {
    let page = query.only(&[])?.page()?;
    let filter = ConversationFilter::default();
    let listed = service.conversations_of(visitor, filter, page).await?;
    Ok(Json(Listing::new(
        listed,
        |row| row.conversation.id.to_string(),
        view::of_row,
    )))
}
