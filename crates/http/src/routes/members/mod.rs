//! `/v1/members`: the people of the workspace.

pub(crate) mod delete;
pub(crate) mod list;

use deskhand_domain::account::Member;

use crate::list::Listing;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/members",
        list::handle,
        operation("list_members", "List the people of the workspace")
            .answers::<Listing<Member>>(200, "People, newest first."),
    )
    .delete(
        "/v1/members/{id}",
        delete::handle,
        operation("remove_member", "Remove somebody's account")
            .says("They are signed out everywhere. Refused for the last one.")
            .answers_nothing("It is removed.")
            .fails_with(&["last_member"]),
    )
}
