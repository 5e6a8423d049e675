//! `GET /v1/agents/{id}/actions`: the actions attached to an agent, in the order attached.

use axum::Json;
use axum::extract::State;
use deskhand_domain::action::Action;
use deskhand_service::{Listed, Service};

use crate::auth::Reader;
use crate::list::Listing;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Listing<Action>>> {
    let id = crate::routes::id(&id)?;
    reader.may_see(id)?;
    // Never more than the limit of actions an agent may have, so it is one page.
    let rows = service.agent_actions(reader.workspace, id).await?;
    let listed = Listed { rows, more: false };
    Ok(Json(Listing::new(
        listed,
        |action| action.id.to_string(),
        |action| action,
    )))
}
