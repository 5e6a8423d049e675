//! `PATCH /v1/account`: change one's own name, email address or password.

use axum::Json;
use axum::extract::State;
use deskhand_domain::account::User;
use deskhand_service::Service;

use crate::auth::Person;
use crate::json::Fields;
use crate::problem::Result;

pub(crate) async fn handle(
    person: Person,
    State(service): State<Service>,
    Fields(given): Fields,
) -> Result<Json<User>> {
    let request = deskhand_service::parse(given)?;
    let user = service
        .update_account(&person.open, request, &person.browser)
        .await?;
    Ok(Json(user))
}
