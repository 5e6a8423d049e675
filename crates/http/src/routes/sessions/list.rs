//! `GET /v1/sessions`: where one is signed in, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::account::Session;
use deskhand_service::Service;
use serde::Serialize;

use crate::auth::Person;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

/// A session of one's own.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct OwnSession {
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that asks.
    current: bool,
}

pub(crate) async fn handle(
    person: Person,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<OwnSession>>> {
    let page = query.only(&[])?.page()?;
    let listed = service.sessions(&person.open, page).await?;
    let own = person.open.session.id;
    Ok(Json(Listing::new(
        listed,
        |session| session.id.to_string(),
        |session| OwnSession {
            current: session.id == own,
            session,
        },
    )))
}
