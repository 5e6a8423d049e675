//! `/v1/account`: one's own account. `GET /v1/session` shows it.

pub(crate) mod update;

use deskhand_domain::account::User;
use deskhand_service::AccountRequest;

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.patch(
        "/v1/account",
        update::handle,
        operation("update_account", "Change one's own account")
            .says(
                "A new email address or password takes `current_password`. A new password ends all \
                 other sessions of the account.",
            )
            .may_take::<AccountRequest>()
            .answers::<User>(200, "The account as it is now.")
            .fails_with(&["email_taken", "too_many_attempts", "too_many_requests"]),
    )
}
