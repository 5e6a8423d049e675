//! `/v1/sessions`: where one is signed in.

pub(crate) mod delete;
pub(crate) mod list;

use crate::list::Listing;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/sessions",
        list::handle,
        operation("list_sessions", "List one's own sessions")
            .answers::<Listing<list::OwnSession>>(200, "Sessions, newest first."),
    )
    .delete(
        "/v1/sessions/{id}",
        delete::handle,
        operation("end_session", "Sign out elsewhere").answers_nothing("The session has ended."),
    )
}
