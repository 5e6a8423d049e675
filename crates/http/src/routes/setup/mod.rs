//! `/v1/setup`: the first account.

pub(crate) mod create;
pub(crate) mod show;

use deskhand_service::{CurrentSession, SetupRequest};

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/setup",
        show::handle,
        operation("get_setup", "Whether the server has to be set up")
            .public()
            .answers::<show::Setup>(200, "Whether there is no account yet."),
    )
    .post(
        "/v1/setup",
        create::handle,
        operation("set_up", "Make the first account")
            .says(
                "With the token of the set-up link that the server prints at its start. The account \
                 gets a workspace of its own; where there is one without accounts, it joins that and \
                 gives it its name.",
            )
            .public()
            .takes::<SetupRequest>()
            .answers::<CurrentSession>(201, "The account is made and signed in.")
            .sets_cookie()
            .fails_with(&[
                "setup_token_invalid",
                "already_set_up",
                "email_taken",
                "too_many_requests",
            ]),
    )
}
