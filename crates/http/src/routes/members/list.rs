//! `GET /v1/members`: the people of the workspace, newest first.

use axum::Json;
use axum::extract::State;
use deskhand_domain::account::Member;
use deskhand_service::Service;

use crate::auth::Admin;
use crate::list::{ListQuery, Listing};
use crate::problem::Result;

pub(crate) async fn handle(
    Admin(workspace): Admin,
    State(service): State<Service>,
    query: ListQuery,
) -> Result<Json<Listing<Member>>> {
    let listed = service.members(workspace, query.only(&[])?.page()?).await?;
    Ok(Json(Listing::new(
        listed,
        |member| member.user.id.to_string(),
        |member| member,
    )))
}
