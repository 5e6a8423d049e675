//! `GET /v1/agents/{id}/actions`: the actions attached to an agent, in the order attached.

use axum::Json;
use axum::extract::State;
use deskhand_service::{ActionView, Service};

use crate::auth::Reader;
use crate::list::Listing;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<Listing<ActionView>>> {
    let id = crate::routes::id(&id)?;
    reader.may_see(id)?;
    let listed = service.agent_action_views(reader.workspace, id).await?;
    Ok(Json(Listing::new(
        listed,
        |view| view.action.id.to_string(),
        |view| view,
    )))
}
